package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxTries = 4 // of a request

	firstPause = 250 * time.Millisecond // before the second try; doubled before each further one
	maxPause   = 10 * time.Second       // that a server may ask for by Retry-After
)

// Do sends a request, and again while the server is too busy. The answer is JSON.
func (c *Client) Do(ctx context.Context, req *http.Request) ([]byte, error) {
	_, body, err := Retry(ctx, func() (*http.Response, []byte, error) { return c.Send(ctx, req) })
	return body, err
}

// Retry sends again while the server is too busy.
func Retry(ctx context.Context, send func() (*http.Response, []byte, error)) (*http.Response, []byte, error) {
	pause := firstPause
	for try := 1; ; try++ {
		resp, body, err := send()
		refused, isStatus := errors.AsType[*Error](err)
		switch {
		case err == nil:
			return resp, body, nil
		case !isStatus || !busy(refused.Status) || try == maxTries:
			return nil, nil, err
		}
		wait := max(pause, min(retryAfter(resp), maxPause))
		pause *= 2
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return nil, nil, err // what it says is better than that there was no time
		}
		select {
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

func busy(status int) bool {
	return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

func retryAfter(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return time.Duration(min(max(seconds, 0), 3600)) * time.Second
}

// Send sends a request once. An answer other than 2xx, or other than JSON, is an Error.
func (c *Client) Send(ctx context.Context, req *http.Request) (*http.Response, []byte, error) {
	req = req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, nil, err
		}
		req.Body = body
	}
	for name, value := range c.options.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the query
		}
		return nil, nil, c.Errorf("%s", Shorten(err.Error()))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.options.MaxAnswer+1))
	switch {
	case resp.StatusCode/100 != 2:
		refused := c.Errorf("%s", c.refusal(resp, body))
		refused.Status = resp.StatusCode
		return resp, nil, refused
	case err != nil:
		return resp, nil, c.Errorf("its answer ends early: %s", Shorten(err.Error()))
	case int64(len(body)) > c.options.MaxAnswer:
		return resp, nil, c.Errorf("its answer has more than %d MiB%s", c.options.MaxAnswer>>20, c.options.TooLong)
	case isHTML(resp, body):
		return resp, nil, c.Errorf("it answers with a web page: is the address that of a %s, or of a login before it?", c.options.Product)
	case !json.Valid(body):
		return resp, nil, c.Errorf("its answer is no JSON, or ends early")
	}
	return resp, body, nil
}

// refusal says why a server did not answer, in its own words where it has any.
func (c *Client) refusal(resp *http.Response, body []byte) string {
	if resp.StatusCode/100 == 3 {
		to := "elsewhere"
		if location, err := resp.Location(); err == nil {
			to = "to " + location.Scheme + "://" + location.Host
		}
		return fmt.Sprintf("it redirects %s, and credentials do not follow: give the address at which it answers", Shorten(to))
	}
	said := struct{ Error, Message string }{} // Prometheus says error, Grafana message
	text := ""
	if json.Unmarshal(body, &said) == nil && said.Error+said.Message != "" {
		text = ": " + Shorten(said.Error+said.Message)
	} else if !isHTML(resp, body) && len(bytes.TrimSpace(body)) > 0 {
		text = ": " + Shorten(string(body))
	}
	return fmt.Sprintf("%d %s%s%s", resp.StatusCode, http.StatusText(resp.StatusCode), text, c.options.Advice[resp.StatusCode])
}

func isHTML(resp *http.Response, body []byte) bool {
	return strings.Contains(resp.Header.Get("Content-Type"), "html") || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}
