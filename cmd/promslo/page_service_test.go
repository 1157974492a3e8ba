package main_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// service is an instrumented HTTP service with a handler for each region, which
// fails on command.
type service struct {
	*httptest.Server
	regions map[string]*region
}

// region is a handler and its clients, who count the answers that they get.
type region struct {
	url       string
	handled   atomic.Int64
	failEvery atomic.Int64 // 3: every third request fails; 0: none

	good, bad atomic.Int64
}

func newService(t *testing.T, regions ...string) *service {
	t.Helper()
	registry := prometheus.NewRegistry()
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "Requests by their answer.",
	}, []string{"region", "method", "code"})
	registry.MustRegister(requests)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s := &service{Server: httptest.NewServer(mux), regions: map[string]*region{}}
	t.Cleanup(s.Close)
	for _, name := range regions {
		r := &region{url: s.URL + "/" + name + "/users"}
		s.regions[name] = r
		for _, code := range []int{http.StatusCreated, http.StatusServiceUnavailable} {
			requests.WithLabelValues(name, "post", strconv.Itoa(code)) // counts from 0
		}
		mux.Handle("POST /"+name+"/users", promhttp.InstrumentHandlerCounter(
			requests.MustCurryWith(prometheus.Labels{"region": name}), r))
	}
	return s
}

// ServeHTTP creates a user, or fails.
func (r *region) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	handled, every := r.handled.Add(1), r.failEvery.Load()
	if every > 0 && handled%every == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// post sends a request and counts its answer.
func (r *region) post(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode == http.StatusCreated {
		r.good.Add(1)
	} else {
		r.bad.Add(1)
	}
	return nil
}

// burst sends so many requests, as fast as they are answered.
func (r *region) burst(ctx context.Context, t *testing.T, n int64) {
	t.Helper()
	for range n {
		if err := r.post(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// until sends good requests until no more than a share of all was bad.
func (r *region) until(ctx context.Context, t *testing.T, share float64) {
	t.Helper()
	bad := r.bad.Load()
	r.burst(ctx, t, int64(float64(bad)/share)+1-bad-r.good.Load())
}

// traffic sends a request to each region every 50 ms until stopped.
func (s *service) traffic(ctx context.Context, t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	for _, r := range s.regions {
		clients.Go(func() {
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				// A request that has begun is to be counted on both sides.
				if err := r.post(context.WithoutCancel(ctx)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return func() {
		cancel()
		clients.Wait()
	}
}
