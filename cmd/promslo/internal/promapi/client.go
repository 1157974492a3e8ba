package promapi

import (
	"context"
	"math"
	"strings"
	"sync/atomic"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/promslo/promslo/cmd/promslo/internal/httpapi"
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
	http      *httpapi.Client
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
	client, err := httpapi.New(httpapi.Options{
		Product: "Prometheus", Address: strings.TrimSuffix(strings.TrimRight(o.Address, "/"), "/api/v1"),
		HTTPConfig: o.HTTPConfig, Headers: o.Headers, Advice: advice, MaxAnswer: maxAnswer, TooLong: tooMuch,
	})
	if err != nil {
		return nil, err
	}
	c := &Client{
		http: client, api: v1.NewAPI(&transport{client}),
		timeout: o.Timeout, slots: make(chan struct{}, queriesAtOnce), progress: o.Progress,
	}
	return c, c.checkClock(ctx)
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
		return c.Errorf("it does not know the time: is it a Prometheus?")
	}
	seconds := float64(now[0].Value)
	ahead := max(0, seconds-unix(after))
	behind := max(0, unix(before)-seconds)
	if skew := max(ahead, behind); skew > maxSkew.Seconds() || math.IsNaN(seconds) {
		direction := "ahead of"
		if behind > 0 {
			direction = "behind"
		}
		return c.Errorf("its clock is %s %s that of this machine: nobody could tell what happened when", model.Duration(min(skew, math.MaxInt32)*float64(time.Second)), direction)
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
	limited, cancel := c.http.WithTimeout(ctx, c.timeout)
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
		return none, c.Errorf("its answer may be incomplete: %s", httpapi.Shorten(warnings[0]))
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
