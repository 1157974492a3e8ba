package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/promslo/promslo/testdata"
)

// TestHostileServer checks that no command that asks a server takes for an answer what is
// none: exit code 2, in time, with a sentence.
func TestHostileServer(t *testing.T) {
	matrix := func(values string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[` + values + `]}]}}`
	}
	text := func(code int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	var followed atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	defer other.Close()
	const json = "application/json"
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"hangs": {func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			<-r.Context().Done()
		}, "no answer within 2s"},
		"401":              {text(401, json, ""), "give credentials by --http-config"},
		"403":              {text(403, json, ""), "403 Forbidden"},
		"422":              {text(422, json, `{"status":"error","error":"query processing would load too many samples"}`), "too many samples"},
		"429":              {text(429, json, "slow down"), "429 Too Many Requests"},
		"500":              {text(500, json, ""), "500 Internal Server Error"},
		"503":              {text(503, json, ""), "503 Service Unavailable"},
		"web page":         {text(200, "text/html", "<html>"), "web page"},
		"half":             {text(200, json, matrix(`[1780185600,"1"]`)[:70]), "ends early"},
		"redirect":         {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) }, "it redirects to " + other.URL},
		"partial response": {text(200, json, `{"status":"success","warnings":["store is down"],"data":{"resultType":"matrix","result":[]}}`), "store is down"},
		"wrong type":       {text(200, json, `{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`), "is no range"},
		"no numbers": {func(w http.ResponseWriter, r *http.Request) {
			text(200, json, matrix(fmt.Sprintf(`[%s,"NaN"]`, r.FormValue("start"))))(w, r)
		}, "no data"},
		"nothing": {text(200, json, `{"status":"success","data":{"resultType":"matrix","result":[]}}`), "no data"},
		"a million series": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(`{"status":"success","data":{"resultType":"matrix","result":[`))
			for i := range 1_000_000 {
				if _, err := fmt.Fprintf(w, `{"metric":{"a":"%d"},"values":[[1780185600,"1"]]},`, i); err != nil {
					return
				}
			}
		}, ""}, // whatever comes first: too long, or too late
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("query") == "time()" {
				now := strconv.FormatInt(time.Now().Unix(), 10)
				text(200, json, `{"status":"success","data":{"resultType":"scalar","result":[`+now+`,"`+now+`"]}}`)(w, r)
				return
			}
			c.serve(w, r)
		}))
		for _, command := range []string{"feasible", "baseline", "backtest", "backfill", "gate", "check", "report"} {
			t.Run(command+" "+name, func(t *testing.T) {
				var out, errs bytes.Buffer
				start := time.Now()
				args := []string{
					command, filepath.Join(testdata.Dir(), "history", "specs", "payments.slo.yaml"),
					"--prometheus", server.URL, "--timeout", "2s", "--at", "2026-05-31",
				}
				want := c.want
				if command == "gate" && (want == "no data" || want == "is no range") {
					want = "cannot tell"
				}
				if command == "check" || command == "report" {
					if want == "no data" || want == "is no range" || command == "check" && want == "store is down" {
						want = "" // what they ask first is something else
					}
				} else {
					args = append(args, "payments/availability")
				}
				code := Main(args, strings.NewReader(""), &out, &errs)
				said := out.String() + errs.String()
				if code != 2 || said == "" || !strings.Contains(said, want) && !(c.want == "no data" && strings.Contains(said, "there are data of 0 %")) {
					t.Errorf("exit code %d, want 2 and %q:\n%s", code, c.want, said)
				}
				if taken := time.Since(start); taken > 20*time.Second {
					t.Errorf("it took %s", taken)
				}
			})
		}
		server.Close()
	}
	if followed.Load() > 0 {
		t.Error("a redirect was followed")
	}
}
