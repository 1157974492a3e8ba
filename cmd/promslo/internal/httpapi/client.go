// Package httpapi asks a server for JSON over HTTP, and does not trust it.
//
// In: an address, a file in the format of Prometheus's http_config, requests. Out: bodies
// that are JSON, or an error in a sentence. No redirect is followed, so that credentials go
// nowhere else; a server that is busy is asked again; time and bytes are bounded.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

// Options say which server to ask, and how.
type Options struct {
	Product    string            // what the server should be, such as Grafana
	Address    string            // http or https, with a path if the API is below one
	HTTPConfig string            // a file in the format of Prometheus's http_config; empty: no credentials
	Headers    map[string]string // of every request
	Advice     map[int]string    // what to do about a status, after a space
	MaxAnswer  int64             // bytes of an answer, at least 1 MiB
	TooLong    string            // what to do about an answer that is longer
}

// Client asks one server. It is safe for concurrent use.
type Client struct {
	Host    string // to name the server in messages
	address *url.URL
	options Options
	http    *http.Client
}

// New returns a client, and asks nothing yet.
func New(o Options) (*Client, error) {
	address, err := parseAddress(o.Product, o.Address)
	if err != nil {
		return nil, err
	}
	roundTripper, err := newRoundTripper(o.HTTPConfig)
	if err != nil {
		return nil, err
	}
	return &Client{Host: address.Host, address: address, options: o, http: &http.Client{
		Transport:     roundTripper,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func parseAddress(product, text string) (*url.URL, error) {
	address, err := url.Parse(text)
	example := "want one such as https://" + strings.ToLower(product) + ".example.com"
	switch {
	case err != nil:
		return nil, fmt.Errorf("the address of %s is no URL: %s", product, example)
	case address.User != nil:
		return nil, fmt.Errorf("the address of %s holds a password, which others may read: write it into a file for --http-config", product)
	case address.Scheme != "http" && address.Scheme != "https" || address.Host == "":
		return nil, fmt.Errorf("the address of %s is %q: %s", product, text, example)
	case address.RawQuery != "" || address.Fragment != "":
		return nil, fmt.Errorf("the address of %s is %q: want it without ? and #", product, text)
	}
	return address, nil
}

// newRoundTripper reads a file as promtool --http.config.file does.
func newRoundTripper(file string) (http.RoundTripper, error) {
	cfg := &config.DefaultHTTPClientConfig
	if file == "" {
		withProxy := config.DefaultHTTPClientConfig
		withProxy.ProxyFromEnvironment = true
		cfg = &withProxy
	} else {
		var err error
		if cfg, _, err = config.LoadHTTPConfigFile(file); err != nil {
			return nil, fmt.Errorf("--http-config: %w", err)
		}
	}
	rt, err := config.NewRoundTripperFromConfig(*cfg, "promslo")
	if err != nil {
		return nil, fmt.Errorf("--http-config: %w", err)
	}
	return rt, nil
}

// URL returns the address of a part of the API, of which it is the escaped path.
func (c *Client) URL(escaped string) *url.URL {
	u := *c.address
	u.Path, u.RawPath = "", ""
	return u.JoinPath(path.Join("/", c.address.EscapedPath(), escaped))
}

// WithTimeout limits the time for an answer, retries included.
func (c *Client) WithTimeout(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, after, c.Errorf("no answer within %s (--timeout)", model.Duration(after)))
}

// Error is an answer that is of no use, in a sentence.
type Error struct {
	Server string // and its host
	Status int    // of HTTP; 0 if that was not the matter
	Text   string
}

func (e *Error) Error() string { return e.Server + ": " + e.Text }

// Errorf returns an error that names the server.
func (c *Client) Errorf(format string, args ...any) *Error {
	return &Error{Server: c.options.Product + " at " + c.Host, Text: fmt.Sprintf(format, args...)}
}

// HasStatus reports whether an error is an answer with one of some statuses.
func HasStatus(err error, statuses ...int) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	for _, status := range statuses {
		if e.Status == status {
			return true
		}
	}
	return false
}

// Shorten keeps what a server says to one line of a message.
func Shorten(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
