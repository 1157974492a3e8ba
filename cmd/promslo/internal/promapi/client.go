package promapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

// Options say which server to ask, and how.
type Options struct {
	Address    string            // http or https, with a path if the API is below one
	HTTPConfig string            // a file in the format of Prometheus's http_config; empty: no credentials
	Headers    map[string]string // of every request, such as X-Scope-OrgID
	Timeout    time.Duration     // of a query, retries included
	Progress   func(done, all int)
}

// Client asks one server. It is safe for concurrent use.
type Client struct {
	Host      string // to name the server in messages
	api       v1.API
	timeout   time.Duration
	slots     chan struct{} // one for each query at a time
	progress  func(done, all int)
	done, all atomic.Int64
}

const (
	// queriesAtOnce keeps other people's dashboards quick.
	queriesAtOnce = 4
	// maxSkew is how far the clocks may be apart: beyond it, the latest minutes would
	// look as if there were no data, or as if they had not happened.
	maxSkew = time.Minute
)

// Open connects to a server: it answers, and its clock is right.
func Open(ctx context.Context, o Options) (*Client, error) {
	address, err := parseAddress(o.Address)
	if err != nil {
		return nil, err
	}
	roundTripper, err := newRoundTripper(o.HTTPConfig)
	if err != nil {
		return nil, err
	}
	c := &Client{
		Host: address.Host, timeout: o.Timeout, slots: make(chan struct{}, queriesAtOnce), progress: o.Progress,
		api: v1.NewAPI(&transport{address: address, headers: o.Headers, client: &http.Client{
			Transport:     roundTripper,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}),
	}
	return c, c.checkClock(ctx)
}

func parseAddress(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("the address of Prometheus is no URL: want one such as https://prometheus.example.com")
	case address.User != nil:
		return nil, errors.New("the address of Prometheus holds a password, which others may read: write it into a file for --http-config")
	case address.Scheme != "http" && address.Scheme != "https" || address.Host == "":
		return nil, fmt.Errorf("the address of Prometheus is %q: want one such as https://prometheus.example.com", text)
	case address.RawQuery != "" || address.Fragment != "":
		return nil, fmt.Errorf("the address of Prometheus is %q: want it without ? and #", text)
	}
	address.Path = strings.TrimSuffix(strings.TrimRight(address.Path, "/"), "/api/v1")
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
	rt, err := config.NewRoundTripperFromConfig(*cfg, "prometheus")
	if err != nil {
		return nil, fmt.Errorf("--http-config: %w", err)
	}
	return rt, nil
}

// checkClock asks for the time of the server, which also tells whether it answers.
func (c *Client) checkClock(ctx context.Context) error {
	before := time.Now()
	now, err := c.Instant(ctx, "time()", time.Time{})
	if err != nil {
		return err
	}
	after := time.Now()
	if len(now) != 1 {
		return c.errorf("it does not know the time: is it a Prometheus?")
	}
	seconds := float64(now[0].Value)
	ahead := max(0, seconds-unix(after))
	behind := max(0, unix(before)-seconds)
	if skew := max(ahead, behind); skew > maxSkew.Seconds() || math.IsNaN(seconds) {
		direction := "ahead of"
		if behind > 0 {
			direction = "behind"
		}
		return c.errorf("its clock is %s %s that of this machine: nobody could tell what happened when", model.Duration(min(skew, math.MaxInt32)*float64(time.Second)), direction)
	}
	return nil
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// ask asks when it is the turn of a query. Warnings are errors: Thanos tells of a partial
// response by one, and what is right all the same nobody can tell from the text.
func ask[T any](ctx context.Context, c *Client, query func(context.Context) (T, v1.Warnings, error)) (T, error) {
	var none T
	c.show(0, 1)
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
	defer func() { <-c.slots }()
	limited, cancel := context.WithTimeoutCause(ctx, c.timeout, c.errorf("no answer within %s (--timeout)", model.Duration(c.timeout)))
	defer cancel()
	answer, warnings, err := query(limited)
	c.show(1, 0)
	switch {
	case ctx.Err() != nil:
		return none, context.Cause(ctx)
	case limited.Err() != nil && err != nil:
		return none, context.Cause(limited)
	case err != nil:
		return none, c.wrap(err)
	case len(warnings) > 0:
		return none, c.errorf("its answer may be incomplete: %s", shorten(warnings[0]))
	}
	return answer, nil
}

func (c *Client) show(done, all int64) {
	d, a := c.done.Add(done), c.all.Add(all)
	if c.progress != nil {
		c.progress(int(d), int(a))
	}
}

// Queries is how many queries were asked.
func (c *Client) Queries() int { return int(c.all.Load()) }
