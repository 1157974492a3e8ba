package grafana

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// testTimeout is long enough for a machine that is busy.
const testTimeout = 10 * time.Second

func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// healthy says that it is well, and leaves the rest to another handler.
func healthy(t *testing.T, rest http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/health" {
			reply(w, 200, `{"database":"ok"}`)
			return
		}
		rest(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func text200(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, body) }
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// TestHostile: whatever a server does, a push ends in time, with a sentence.
func TestHostile(t *testing.T) {
	t.Parallel()
	none := func(then http.HandlerFunc) http.HandlerFunc { // no dashboard is there
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/dashboards/") {
				reply(w, 404, `{"message":"Dashboard not found"}`)
				return
			}
			then(w, r)
		}
	}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no answer within 600ms (--timeout)"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			for range 1000 {
				if _, err := w.Write([]byte(" ")); err != nil || r.Context().Err() != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}, "no answer within 600ms (--timeout)"},
		"401":                   {status(401, `{"message":"Invalid API key"}`), "401 Unauthorized: Invalid API key (set PROMSLO_GRAFANA_TOKEN"},
		"403":                   {status(403, `{"message":"Access denied","title":"x"}`), "403 Forbidden: Access denied (the token needs the role Editor"},
		"403 while saving":      {none(status(403, `{"message":"Access denied"}`)), "dashboard slo-a: Grafana at "},
		"412":                   {none(status(412, `{"status":"name-exists","message":"A dashboard with the same name in the folder already exists"}`)), "another dashboard in the folder has this title"},
		"429":                   {status(429, "slow down"), "429 Too Many Requests: slow down"},
		"500":                   {status(500, `{"message":"Internal error"}`), "500 Internal Server Error: Internal error"},
		"web page":              {text200("<!doctype html><title>Sign in</title>"), "it answers with a web page: is the address that of a Grafana, or of a login before it?"},
		"no JSON":               {text200("ok"), "its answer is no JSON, or ends early"},
		"half a body":           {text200(`{"dashboard":{"uid":"slo-a`), "its answer is no JSON, or ends early"},
		"a list":                {text200(`[]`), "its answer is not that of a Grafana"},
		"another dashboard":     {text200(`{"dashboard":{"uid":"slo-b"},"meta":{}}`), "it answers with another dashboard"},
		"nothing":               {text200(`{}`), "it answers with another dashboard"},
		"saves nothing":         {none(text200(`{"message":"thank you"}`)), "it does not say that it saved the dashboard"},
		"saves another":         {none(text200(`{"status":"success","uid":"slo-b"}`)), "it does not say that it saved the dashboard"},
		"a search without end":  {none(text200(`[{"uid":"slo-b","tags":["promslo"]}]`)), "its list at /api/search has slo-b twice"},
		"a search that is none": {none(text200(`{"dashboards":[]}`)), "its answer is not that of a Grafana"},
		"an endless answer": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("["), 1<<16)); err != nil {
					return
				}
			}
		}, "its answer has more than 4 MiB"},
		"much in little": {text200(`{"dashboard":{"uid":"slo-a","panels":[` + strings.TrimSuffix(strings.Repeat("{},", 1<<20), ",") + `]},"meta":{}}`), "was not made by promslo"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := Open(t.Context(), Options{Address: healthy(t, c.serve), Timeout: testTimeout})
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(c.want, "no answer") {
				client.timeout = 600 * time.Millisecond
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			p := Push{Dashboards: []Dashboard{board(t, "slo-a", "A")}}
			if strings.Contains(name, "search") {
				p.Prune = "slo-"
			}
			changes, err := client.Compare(t.Context(), p)
			if err == nil {
				err = client.Apply(t.Context(), p, changes, func(Change) error { return nil })
			}
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, not %q", err, c.want)
			}
			if taken := time.Since(start); taken > testTimeout {
				t.Errorf("it took %s", taken)
			}
			if mib := (after.Sys - before.Sys) >> 20; mib > 512 {
				t.Errorf("it took %d MiB", mib)
			}
		})
	}
}

// TestNoGrafana: what does not say that it is a Grafana gets no dashboard.
func TestNoGrafana(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                     "is it a Grafana?",
		`{"status":"success"}`:   "is it a Grafana?",
		`{"database":"failing"}`: "is it a Grafana?",
		`{"database":1}`:         "its answer is not that of a Grafana",
		`<html>`:                 "it answers with a web page",
	} {
		s := httptest.NewServer(text200(body))
		_, err := Open(t.Context(), Options{Address: s.URL, Timeout: testTimeout})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
		s.Close()
	}
	for address, want := range map[string]string{
		"grafana:3000":       "want one such as https://grafana.example.com",
		"https://u:secret@h": "holds a password",
		"http://127.0.0.1:1": "Grafana at 127.0.0.1:1: ",
	} {
		_, err := Open(t.Context(), Options{Address: address, Token: "secret", Timeout: testTimeout})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}

// TestRetries: a busy server is asked again, what it refuses is not.
func TestRetries(t *testing.T) {
	t.Parallel()
	for code, tries := range map[int]int64{429: 2, 500: 2, 503: 2, 403: 1, 412: 1} {
		f := newGrafana(t)
		var asked atomic.Int64
		inner := f.Config.Handler
		f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && asked.Add(1) == 1 {
				w.WriteHeader(code)
				return
			}
			inner.ServeHTTP(w, r)
		})
		c := open(t, f)
		p := Push{Dashboards: []Dashboard{board(t, "slo-a", "A")}}
		changes, err := c.Compare(t.Context(), p)
		if err == nil {
			err = c.Apply(t.Context(), p, changes, func(Change) error { return nil })
		}
		if asked.Load() != tries || (err == nil) != (tries == 2) || len(f.Dashboards) != int(tries-1) {
			t.Errorf("%d: asked %d times, want %d: %v", code, asked.Load(), tries, err)
		}
	}
}

// TestToken: the token goes to the server and nowhere else, from a file as well.
func TestToken(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "http.yaml")
	for name, data := range map[string]string{"token": "secret\n", "http.yaml": "authorization: {credentials_file: token}\nfollow_redirects: true\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range []Options{{Token: "secret"}, {HTTPConfig: file}, {HTTPConfig: file, Token: "secret"}} {
		var header atomic.Value
		o.Address, o.Timeout = healthy(t, func(w http.ResponseWriter, r *http.Request) {
			header.Store(r.Header.Get("Authorization"))
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}), testTimeout
		c, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Compare(t.Context(), Push{Dashboards: []Dashboard{board(t, "slo-a", "A")}})
		if err == nil || !strings.Contains(err.Error(), "it redirects to "+other.URL) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("the error is %v", err)
		}
		if header.Load() != "Bearer secret" {
			t.Errorf("sent %v", header.Load())
		}
	}
	if elsewhere.Load() != 0 {
		t.Error("the redirect was followed")
	}
}
