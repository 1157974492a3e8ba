package promapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnswer = 32 << 20 // bytes of an answer
	maxSeries = 20_000   // of an answer
	maxTries  = 4        // of a query

	firstPause = 250 * time.Millisecond // before the second try; doubled before each further one
	maxPause   = 10 * time.Second       // that a server may ask for by Retry-After
)

// transport is an api.Client that retries, bounds answers and says what is wrong with them.
type transport struct {
	address *url.URL
	headers map[string]string
	client  *http.Client
}

// complete are parameters by which Thanos and VictoriaMetrics answer in full, from samples
// at full resolution, without what a cache has left. Others ignore them.
var complete = url.Values{"partial_response": {"false"}, "dedup": {"true"}, "max_source_resolution": {"0s"}, "nocache": {"1"}}.Encode()

func (t *transport) URL(endpoint string, args map[string]string) *url.URL {
	for name, value := range args {
		endpoint = strings.ReplaceAll(endpoint, ":"+name, url.PathEscape(value))
	}
	u := *t.address
	u.Path = path.Join("/", u.Path, endpoint)
	return &u
}

// Do sends a request again while the server is too busy. An answer other than 2xx is an
// error.
func (t *transport) Do(ctx context.Context, req *http.Request) (*http.Response, []byte, error) {
	pause := firstPause
	for try := 1; ; try++ {
		resp, body, err := t.once(ctx, req)
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

// once sends a request, as GET if the server does not take it as POST.
func (t *transport) once(ctx context.Context, req *http.Request) (*http.Response, []byte, error) {
	resp, body, err := t.send(ctx, req)
	refused, isStatus := errors.AsType[*Error](err)
	if !isStatus || req.Method != http.MethodPost || req.GetBody == nil {
		return resp, body, err
	}
	switch refused.Status {
	case http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotImplemented:
	default:
		return resp, body, err
	}
	form, bodyErr := req.GetBody()
	if bodyErr != nil {
		return resp, body, err
	}
	params, _ := io.ReadAll(form)
	get := req.Clone(ctx)
	get.Method, get.Body, get.GetBody, get.ContentLength = http.MethodGet, nil, nil, 0
	get.Header.Del("Content-Type")
	get.URL.RawQuery = string(params)
	resp, body, second := t.send(ctx, get)
	if second != nil && refused.Status == http.StatusForbidden {
		return nil, nil, err // which says why
	}
	return resp, body, second
}

func (t *transport) send(ctx context.Context, req *http.Request) (*http.Response, []byte, error) {
	req = req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, nil, err
		}
		req.Body = body
	}
	for name, value := range t.headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Accept", "application/json")
	if req.URL.RawQuery != "" {
		req.URL.RawQuery += "&"
	}
	req.URL.RawQuery += complete
	resp, err := t.client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the query
		}
		return nil, nil, &Error{Text: shorten(err.Error())}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case resp.StatusCode/100 != 2:
		return resp, nil, &Error{Status: resp.StatusCode, Text: refusal(resp, body)}
	case err != nil:
		return resp, nil, &Error{Text: "its answer ends early: " + shorten(err.Error())}
	case len(body) > maxAnswer:
		return resp, nil, &Error{Text: fmt.Sprintf("its answer has more than %d MiB: ask for less, such as by more matchers", maxAnswer>>20)}
	}
	return resp, body, checkJSON(resp, body)
}

// refusal says why a server did not answer, in its own words where it has any.
func refusal(resp *http.Response, body []byte) string {
	if resp.StatusCode/100 == 3 {
		to := "elsewhere"
		if location, err := resp.Location(); err == nil {
			to = "to " + location.Scheme + "://" + location.Host
		}
		return fmt.Sprintf("it redirects %s, and credentials do not follow: give the address at which it answers", shorten(to))
	}
	said := struct{ Error string }{}
	text := ""
	if json.Unmarshal(body, &said) == nil && said.Error != "" {
		text = ": " + shorten(said.Error)
	} else if !isHTML(resp, body) && len(bytes.TrimSpace(body)) > 0 {
		text = ": " + shorten(string(body))
	}
	return fmt.Sprintf("%d %s%s%s", resp.StatusCode, http.StatusText(resp.StatusCode), text, advice[resp.StatusCode])
}

func isHTML(resp *http.Response, body []byte) bool {
	return strings.Contains(resp.Header.Get("Content-Type"), "html") || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// checkJSON refuses what is no answer of the API before it is decoded.
func checkJSON(resp *http.Response, body []byte) error {
	switch {
	case isHTML(resp, body):
		return &Error{Text: "it answers with a web page: is the address that of a Prometheus, or of a login before it?"}
	case !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || !json.Valid(body):
		return &Error{Text: "its answer is no JSON, or ends early"}
	case bytes.Count(body, []byte(`"metric":`)) > maxSeries:
		return &Error{Text: fmt.Sprintf("its answer has more than %d series: ask for less, such as by more matchers", maxSeries)}
	}
	return nil
}
