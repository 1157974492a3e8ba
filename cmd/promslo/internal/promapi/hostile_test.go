package promapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// clock answers time() and leaves the rest to another handler.
func clock(skew time.Duration, rest http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("query") == "time()" {
			now := strconv.FormatInt(time.Now().Add(skew).Unix(), 10)
			answer(w, `{"status":"success","data":{"resultType":"scalar","result":[`+now+`,"`+now+`"]}}`)
			return
		}
		rest(w, r)
	}
}

func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(text))
}

const vector = `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1000,"2.5"]}]}}`

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { answer(w, s) }
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// hang answers nothing until the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // else nothing tells that the client has gone
	<-r.Context().Done()
}

// testTimeout is long enough for a machine that is busy.
const testTimeout = 10 * time.Second

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func open(t *testing.T, address, httpConfig string) (*Client, error) {
	t.Helper()
	return Open(t.Context(), Options{Address: address, HTTPConfig: httpConfig, Timeout: testTimeout, Headers: map[string]string{"X-Scope-OrgID": "a|b"}})
}

// TestHostile checks that whatever a server does ends in time, as an error that says what
// it did.
func TestHostile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"hangs": {hang, "no answer within 600ms (--timeout)"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			for _, b := range []byte(vector) {
				if _, err := w.Write([]byte{b}); err != nil || r.Context().Err() != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}, "no answer within 600ms (--timeout)"},
		"400":         {status(400, `{"status":"error","errorType":"bad_data","error":"parse error: unexpected )"}`), "400 Bad Request: parse error: unexpected )"},
		"401":         {status(401, "no"), "401 Unauthorized: no (give credentials by --http-config FILE)"},
		"403":         {status(403, "no"), "403 Forbidden: no (the credentials of --http-config do not suffice)"},
		"404":         {status(404, "404 page not found"), "404 Not Found: 404 page not found (is the address right?"},
		"422":         {status(422, `{"status":"error","errorType":"execution","error":"too many samples"}`), "422 Unprocessable Entity: too many samples"},
		"429":         {status(429, "slow down"), "429 Too Many Requests: slow down"},
		"500":         {status(500, "broken"), "500 Internal Server Error: broken"},
		"503":         {status(503, "<html>starting</html>"), "503 Service Unavailable"},
		"web page":    {text("<!doctype html><title>Sign in</title>"), "it answers with a web page"},
		"half a body": {text(vector[:60]), "its answer is no JSON, or ends early"},
		"half of what it announced": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(vector))
		}, "its answer ends early"},
		"empty":                  {text(""), "its answer is no JSON, or ends early"},
		"no result":              {text(`{"status":"success"}`), "its answer to up is no instant vector"},
		"wrong types":            {text(`{"status":"success","data":{"resultType":"vector","result":[{"metric":[],"value":"x"}]}}`), "its answer is not that of a Prometheus"},
		"a range":                {text(`{"status":"success","data":{"resultType":"matrix","result":[]}}`), "its answer to up is no instant vector"},
		"an error that says 200": {text(`{"status":"error","error":"no store"}`), "no store"},
		"partial response":       {text(strings.Replace(vector, `"data"`, `"warnings":["receive store: no such host"],"data"`, 1)), "its answer may be incomplete: receive store: no such host"},
		"a million series": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[`))
			for i := range 1_000_000 {
				if _, err := fmt.Fprintf(w, `{"metric":{"a":"%d"},"value":[1000,"1"]},`, i); err != nil {
					return
				}
			}
		}, "its answer has more than 32 MiB"},
		"many series": {text(`{"status":"success","data":{"resultType":"vector","result":[` +
			strings.TrimSuffix(strings.Repeat(`{"metric":{},"value":[1000,"1"]},`, 20_001), ",") + `]}}`), "its answer has more than 20000 series"},
		"endless": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
					return
				}
			}
		}, "its answer has more than 32 MiB"},
		"a long error": {status(400, strings.Repeat("x", 1<<20)), "xxx…"},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := open(t, serve(t, clock(0, c.serve)), "")
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(c.want, "no answer") {
				client.timeout = 600 * time.Millisecond
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err = client.Instant(t.Context(), "up", time.Unix(1000, 0))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, not %q", err, c.want)
			}
			if taken := time.Since(start); taken > testTimeout {
				t.Errorf("it took %s", taken)
			}
			if mib := (int64(after.Sys) - int64(before.Sys)) >> 20; mib > 512 {
				t.Errorf("it took %d MiB", mib)
			}
		})
	}
}

// TestClock checks the clock of the server before anything else is asked.
func TestClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		skew time.Duration
		want string
	}{{10 * time.Second, ""}, {-10 * time.Second, ""}, {5 * time.Minute, "ahead of that of this machine"}, {-24 * time.Hour, "behind that of this machine"}} {
		_, err := open(t, serve(t, clock(c.skew, text(vector))), "")
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("a clock that is off by %s: %v, want %q", c.skew, err, c.want)
		}
	}
}

// TestRetries checks that a busy server is asked again, a few times.
func TestRetries(t *testing.T) {
	t.Parallel()
	for code, tries := range map[int]int64{429: 2, 500: 2, 503: 2, 422: 1, 401: 1} {
		var asked atomic.Int64
		client, err := open(t, serve(t, clock(0, func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 1 {
				w.WriteHeader(code)
				return
			}
			answer(w, vector)
		})), "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Instant(t.Context(), "up", time.Unix(1000, 0))
		if asked.Load() != tries || (err == nil) != (tries == 2) {
			t.Errorf("%d: asked %d times, want %d: %v", code, asked.Load(), tries, err)
		}
	}
}

// TestGetInsteadOfPost checks that servers that take no POST are asked by GET, with all
// parameters, and that the reason of a refusal is not lost.
func TestGetInsteadOfPost(t *testing.T) {
	t.Parallel()
	var query atomic.Value
	client, err := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		clock(0, func(w http.ResponseWriter, r *http.Request) {
			query.Store(r.URL.Query())
			answer(w, vector)
		})(w, r)
	}), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Instant(t.Context(), "up", time.Unix(1000, 0)); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"query:[up]", "partial_response:[false]", "time:[1000]", "timeout:[10s]"} {
		if got := fmt.Sprint(query.Load()); !strings.Contains(got, part) {
			t.Errorf("the query %s lacks %s", got, part)
		}
	}
	_, err = open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			status(http.StatusForbidden, "tenant a may not")(w, r)
			return
		}
		status(http.StatusNotFound, "nothing here")(w, r)
	}), "")
	if err == nil || !strings.Contains(err.Error(), "tenant a may not") {
		t.Errorf("the first reason is lost: %v", err)
	}
}

// TestRedirect checks that nothing is sent to where a server redirects, and what is sent
// to the server itself.
func TestRedirect(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	file := filepath.Join(t.TempDir(), "http.yaml")
	if err := os.WriteFile(file, []byte("authorization: {credentials: secret}\nfollow_redirects: true\nhttp_headers: {X-Team: {values: [a]}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var header atomic.Value
	_, err := open(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		header.Store(r.Header)
		http.Redirect(w, r, other+"/api/v1/query", http.StatusTemporaryRedirect)
	}), file)
	if err == nil || !strings.Contains(err.Error(), "it redirects to "+other) {
		t.Errorf("the error is %v", err)
	}
	if elsewhere.Load() != 0 {
		t.Error("the redirect was followed")
	}
	sent, _ := header.Load().(http.Header)
	if sent.Get("Authorization") != "Bearer secret" || sent.Get("X-Team") != "a" || sent.Get("X-Scope-OrgID") != "a|b" {
		t.Errorf("sent %v", sent)
	}
	if strings.Contains(fmt.Sprint(err), "secret") {
		t.Errorf("the error tells the secret: %v", err)
	}
}

// TestAddress checks addresses before anything is sent to them.
func TestAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"prometheus:9090":         "want one such as https://",
		"ftp://example.com":       "want one such as https://",
		"https://u:secret@h":      "holds a password",
		"https://h/?a=b":          "want it without ? and #",
		"http://[::1":             "is no URL",
		"":                        "want one such as https://",
		"http://127.0.0.1:1/prom": "connection refused",
	} {
		_, err := open(t, address, "")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	if _, err := open(t, "http://127.0.0.1:1", filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "--http-config") {
		t.Errorf("a missing file: %v", err)
	}
}

// TestRange checks that long ranges are asked in pieces at multiples of the step, few at a
// time, and put together.
func TestRange(t *testing.T) {
	t.Parallel()
	var now, most, asked atomic.Int64
	client, err := open(t, serve(t, clock(0, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		start, _ := strconv.ParseInt(r.FormValue("start"), 10, 64)
		end, _ := strconv.ParseInt(r.FormValue("end"), 10, 64)
		if r.FormValue("step") != "60" || start%60 != 0 || end%60 != 0 || (end-start)/60 >= 11_000 {
			t.Errorf("asked for %v", r.Form)
		}
		time.Sleep(20 * time.Millisecond)
		answer(w, fmt.Sprintf(`{"status":"success","infos":["PromQL info: x"],"data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[%d,"1"],[%d,"2"]]}]}}`, start, end))
	})), "")
	if err != nil {
		t.Fatal(err)
	}
	const points = 95_000
	matrix, err := client.Range(t.Context(), "up", time.Unix(59, 0), time.Unix(60*points+1, 0), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if asked.Load() != 10 || most.Load() > queriesAtOnce {
		t.Errorf("%d queries, up to %d at once", asked.Load(), most.Load())
	}
	values := matrix[0].Values
	if len(matrix) != 1 || len(values) != 20 || values[0].Timestamp != 60_000 || values[19].Timestamp != 60_000*points {
		t.Errorf("%v", matrix)
	}
}

// TestRangeAnswers checks what a range must be.
func TestRangeAnswers(t *testing.T) {
	t.Parallel()
	const series = `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`
	for result, want := range map[string]string{
		`{"metric":{},"values":[[60,"1"],[60,"2"]]}`:                             "it has a sample of 1970-01-01T00:01:00Z",
		`{"metric":{},"values":[[120,"1"],[60,"2"]]}`:                            "it has a sample of 1970-01-01T00:01:00Z",
		`{"metric":{},"values":[[90,"1"]]}`:                                      "it has a sample of 1970-01-01T00:01:30Z",
		`{"metric":{},"values":[[6000,"1"]]}`:                                    "it has a sample of 1970-01-01T01:40:00Z",
		`{"metric":{},"values":[[60,"1"]]},{"metric":{},"values":[[60,"1"]]}`:    "twice",
		`{"metric":{},"histograms":[[60,{"count":"1","sum":"1","buckets":[]}]]}`: "native histograms",
		`{"metric":{},"values":[[60,"NaN"]]}`:                                    "",
	} {
		client, err := open(t, serve(t, clock(0, text(fmt.Sprintf(series, result)))), "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Range(t.Context(), "up", time.Unix(0, 0), time.Unix(600, 0), time.Minute)
		if (err == nil) != (want == "") || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", result, err, want)
		}
	}
}

// TestInterrupt checks that an interrupt ends a query.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	client, err := open(t, serve(t, clock(0, hang)), "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := client.Instant(ctx, "up", time.Time{}); err != context.Canceled {
		t.Errorf("%v", err)
	}
}
