// Package grafana brings dashboards into a Grafana by its HTTP API.
//
// In: an address, a token, dashboards as they are generated. Out: what is to change, and
// once it was applied, a Grafana that has them. Nothing is sent where nothing changed, and
// no dashboard is touched that promslo did not make.
package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/httpapi"
)

// Options say which Grafana, and how to ask it.
type Options struct {
	Address    string        // http or https, with a path if Grafana is served below one
	HTTPConfig string        // a file in the format of Prometheus's http_config; empty: none
	Token      string        // of a service account; empty: that of the file, if any
	Timeout    time.Duration // of an answer, retries included
}

// Client asks one Grafana. It is safe for concurrent use.
type Client struct {
	http    *httpapi.Client
	timeout time.Duration
}

// maxAnswer are the bytes of an answer. A dashboard of promslo has less than 64 KiB.
const maxAnswer = 4 << 20

// advice is what to do about a status.
var advice = map[int]string{
	http.StatusUnauthorized:       " (set PROMSLO_GRAFANA_TOKEN to the token of a service account, or give --http-config FILE)",
	http.StatusForbidden:          " (the token needs the role Editor, or the right to read and write dashboards and folders)",
	http.StatusNotFound:           " (is the address right? /api is to be below it)",
	http.StatusPreconditionFailed: " (somebody changed it meanwhile, then push again, or another dashboard in the folder has this title)",
}

// Open connects to a Grafana, which must answer.
func Open(ctx context.Context, o Options) (*Client, error) {
	var headers map[string]string
	if o.Token != "" {
		headers = map[string]string{"Authorization": "Bearer " + o.Token}
	}
	client, err := httpapi.New(httpapi.Options{
		Product: "Grafana", Address: o.Address, HTTPConfig: o.HTTPConfig, Headers: headers, Advice: advice, MaxAnswer: maxAnswer,
	})
	if err != nil {
		return nil, err
	}
	c := &Client{client, o.Timeout}
	health := struct{ Database string }{}
	if err := c.call(ctx, http.MethodGet, "/api/health", nil, nil, &health); err != nil {
		return nil, err
	}
	if health.Database != "ok" {
		return nil, c.http.Errorf("it does not say that it is well at /api/health: is it a Grafana?")
	}
	return c, nil
}

// call sends a body as JSON, unless it is nil, to a part of the API, and decodes the answer.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(data)
	}
	limited, cancel := c.http.WithTimeout(ctx, c.timeout)
	defer cancel()
	u := c.http.URL(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(limited, method, u.String(), content)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	got, err := c.http.Do(limited, req)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && limited.Err() != nil:
		return context.Cause(limited)
	case err != nil:
		return err
	}
	if err := json.Unmarshal(got, answer); err != nil {
		return c.http.Errorf("its answer is not that of a Grafana: %s", httpapi.Shorten(err.Error()))
	}
	return nil
}
