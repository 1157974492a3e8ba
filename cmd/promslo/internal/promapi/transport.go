package promapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/httpapi"
)

const (
	maxAnswer = 32 << 20 // bytes of an answer
	maxSeries = 20_000   // of an answer
)

// tooMuch is what to do about answers that are too long.
const tooMuch = ": ask for less, such as by more matchers"

// transport is an api.Client that retries, bounds answers and says what is wrong with them.
type transport struct{ http *httpapi.Client }

// complete are parameters by which Thanos and VictoriaMetrics answer in full, from samples
// at full resolution, without what a cache has left. Others ignore them.
var complete = url.Values{"partial_response": {"false"}, "dedup": {"true"}, "max_source_resolution": {"0s"}, "nocache": {"1"}}.Encode()

func (t *transport) URL(endpoint string, args map[string]string) *url.URL {
	for name, value := range args {
		endpoint = strings.ReplaceAll(endpoint, ":"+name, url.PathEscape(value))
	}
	return t.http.URL(endpoint)
}

// Do sends a request again while the server is too busy. An answer other than 2xx is an
// error.
func (t *transport) Do(ctx context.Context, req *http.Request) (*http.Response, []byte, error) {
	return httpapi.Retry(ctx, func() (*http.Response, []byte, error) { return t.once(ctx, req) })
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

// send asks for a complete answer, and refuses one that is too long before it is decoded.
func (t *transport) send(ctx context.Context, req *http.Request) (*http.Response, []byte, error) {
	req = req.Clone(ctx)
	if req.URL.RawQuery != "" {
		req.URL.RawQuery += "&"
	}
	req.URL.RawQuery += complete
	resp, body, err := t.http.Send(ctx, req)
	if err == nil && bytes.Count(body, []byte(`"metric":`)) > maxSeries {
		err = t.http.Errorf("its answer has more than %d series%s", maxSeries, tooMuch)
	}
	return resp, body, err
}
