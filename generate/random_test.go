package generate_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// TestRandomSpecs: whatever a spec says, there is no panic, and either a finding
// with a place, or rules that Prometheus accepts and tests that pass.
// They are the same ones each time; `make test-random SEED=7` tries ten thousand others.
func TestRandomSpecs(t *testing.T) {
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == seed.DefValue {
		if err := seed.Value.Set("1"); err != nil {
			t.Fatal(err)
		}
	}
	var good, bad int
	defer func() { t.Logf("%d specs made rules, %d made findings", good, bad) }()
	rapid.Check(t, func(t *rapid.T) {
		spec := spec().Draw(t, "spec")
		project := schema.DefaultProject()
		project.Scrape = rapid.SampledFrom([]time.Duration{time.Second, 7 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute}).Draw(t, "scrape")
		project.Evaluation = rapid.SampledFrom([]time.Duration{5 * time.Second, 30 * time.Second, time.Minute, 4 * time.Minute}).Draw(t, "evaluation")
		project.Offset = rapid.SampledFrom([]time.Duration{0, 0, 0, 10 * time.Second, 2 * time.Minute}).Draw(t, "offset")

		services, findings := schema.LoadSpecs(context.Background(), project, []read.Input{{File: "a.slo.yaml", Data: []byte(spec)}}, schema.Options{Workers: 1})
		if !diag.HasErrors(findings) {
			files, more, err := generate.Generate(context.Background(), services, project, generate.Options{Workers: 1})
			if err != nil {
				t.Fatalf("%v\n%s", err, spec)
			}
			findings = append(findings, more...)
			if !diag.HasErrors(findings) {
				good++
				checkFiles(t, spec, files)
			}
		}
		if diag.HasErrors(findings) {
			bad++
		}
		for _, f := range findings {
			if f.Pos.File == "" || f.Pos.Line == 0 || f.Message == "" {
				t.Errorf("no place or no message: %+v\n%s", f, spec)
			}
		}
	})
}

// checkFiles parses the rules and runs the tests among generated files.
func checkFiles(t *rapid.T, spec string, files map[string][]byte) {
	var tests []string
	for name, data := range files {
		switch path.Dir(name) {
		case "rules":
			if _, errs := promql.ParseRules(data); len(errs) > 0 {
				t.Errorf("%v\n%s\n%s", errs, spec, data)
			}
		case "tests":
			tests = append(tests, name)
		}
	}
	for _, r := range runTests(files, tests) {
		for _, f := range r.Findings() {
			t.Errorf("%s: %s\n%s\n%s", f.Pos, f.Message, spec, files[f.Pos.File])
		}
	}
}

// runTests runs generated tests from memory.
func runTests(files map[string][]byte, tests []string) []run.FileResult {
	return run.Files(context.Background(), tests, run.Options{
		ReadFile: func(name string) ([]byte, error) {
			if data, ok := files[path.Clean(name)]; ok {
				return data, nil
			}
			return nil, fs.ErrNotExist
		},
		Glob: func(pattern string) ([]string, error) { return []string{path.Clean(pattern)}, nil },
	})
}

type object = map[string]any

// spec draws a spec, most often a valid one.
func spec() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		slos := object{}
		var names []string
		for range rapid.IntRange(1, 2).Draw(t, "SLOs") {
			names = append(names, name().Draw(t, "name"))
		}
		for _, name := range names {
			slos[name] = slo(t, names)
		}
		doc := object{"service": name().Draw(t, "service"), "slos": slos}
		maybe(t, doc, "tier", rapid.SampledFrom([]string{"P0", "P1", "P2", "P0", "P1", "P2", "P0", "P1", "P2", "P3"}))
		maybe(t, doc, "owner", text())
		maybe(t, doc, "description", text())
		if rapid.Bool().Draw(t, "contacts") {
			doc["contacts"] = object{"runbook": "https://example.com/" + rapid.StringMatching(`[a-z?&=%{}]{0,9}`).Draw(t, "runbook")}
		}
		if rapid.IntRange(0, 3).Draw(t, "policy") == 0 {
			step := rapid.Custom(func(t *rapid.T) object {
				return object{
					"below": mostly(rapid.SampledFrom([]float64{50, 20, 12.5, 0, -100}), rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(-10010, 1010).Draw(t, "tenths")) / 10 })).Draw(t, "below"),
					"do":    text().Draw(t, "do"),
					"gate":  rapid.SampledFrom([]string{"block", "warn"}).Draw(t, "gate"),
				}
			})
			doc["policy"] = rapid.SliceOfN(step, 1, 3).Draw(t, "steps")
		}
		if rapid.IntRange(0, 30).Draw(t, "odd key") == 0 {
			doc[text().Draw(t, "key")] = text().Draw(t, "value")
		}
		var b bytes.Buffer
		if err := yaml.NewEncoder(&b).Encode(doc); err != nil {
			t.Fatal(err)
		}
		return b.String()
	})
}

// slo draws an SLO. Others may be parts of it.
func slo(t *rapid.T, others []string) object {
	out := object{
		"objective": mostly(
			rapid.SampledFrom([]float64{50, 66.6, 80, 90, 95, 98, 99, 99.5, 99.9, 99.95, 99.99, 99.999}),
			rapid.Custom(func(t *rapid.T) float64 {
				return float64(rapid.IntRange(9_99999, 101_00000).Draw(t, "objective")) / 1e5
			}),
		).Draw(t, "objective"),
		"window": mostly(
			rapid.SampledFrom([]string{"1h", "6h", "1d", "7d", "14d", "28d", "30d", "90d", "1y"}),
			rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("%dm", rapid.IntRange(50, 600000).Draw(t, "minutes")) }),
		).Draw(t, "window"),
		"sli": drawnSLI(t, others),
	}
	times(t, out)
	if rapid.IntRange(0, 5).Draw(t, "raw") == 0 {
		out["rawWindow"] = true
	}
	maybe(t, out, "description", text())
	if rapid.IntRange(0, 9).Draw(t, "renamed") == 0 {
		out["id"] = name().Draw(t, "old service") + "/" + name().Draw(t, "old name")
	}
	if rapid.Bool().Draw(t, "labels") {
		out["labels"] = object{mostly(rapid.StringMatching(`[a-r_][a-z]{1,6}`), text()).Draw(t, "label"): text().Draw(t, "value")}
		out["annotations"] = object{mostly(rapid.StringMatching(`[a-z]{1,6}`), text()).Draw(t, "annotation"): text().Draw(t, "text")}
	}
	if rapid.Bool().Draw(t, "alerting") {
		out["alerting"] = object{
			"minFailures":    rapid.SampledFrom([]float64{0, 0.5, 1, 2, 5, 50}).Draw(t, "minFailures"),
			"minBudgetSpent": rapid.SampledFrom([]float64{0, 0.1, 0.5, 1}).Draw(t, "minBudgetSpent"),
			"confidence":     rapid.SampledFrom([]float64{0, 80, 99, 99.999}).Draw(t, "confidence"),
			"exhaustion":     rapid.SampledFrom([]string{"0s", "0s", "0s", "6h", "3d"}).Draw(t, "exhaustion"),
			"page":           object{"disabled": rapid.Bool().Draw(t, "page off")},
			"ticket":         object{"disabled": rapid.Bool().Draw(t, "ticket off")},
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "tests") == 0 && !changesByItself(out["sli"]) {
		out["tests"] = []object{ownTest(t)}
	}
	return out
}

// changesByItself reports whether an SLI may be bad without any metrics, such as hour() / 24, so
// that a test in which nothing goes wrong would be wrong itself.
func changesByItself(sli any) bool {
	for _, kind := range []string{"ratio", "gauge", "uptime", "threshold"} {
		if _, is := sli.(object)[kind]; is {
			return true
		}
	}
	return false
}

// ownTest draws a test of the user's own in which nothing goes wrong.
func ownTest(t *rapid.T) object {
	test := object{
		"name":   mostly(rapid.Just("all is well"), text()).Draw(t, "test"),
		"expect": []object{{"at": rapid.SampledFrom([]string{"1s", "1h", "90m"}).Draw(t, "at"), "fires": "none"}},
	}
	if rapid.Bool().Draw(t, "by hand") {
		test["series"] = object{
			mostly(rapid.SampledFrom([]string{"other", `other{a="b"}`, `{"other.name"}`}), text()).Draw(t, "series"): mostly(
				rapid.SampledFrom([]string{"0+1x9", "_ 1 stale _x3", "NaN -1.5e3-0.5x2", "5x999999999999"}), text()).Draw(t, "values"),
		}
		return test
	}
	test["errors"] = []string{mostly(rapid.SampledFrom([]string{"0%:1h", "0.0%:90m"}), text()).Draw(t, "errors")}
	return test
}

// times draws what holds when, for one SLO in four.
func times(t *rapid.T, out object) {
	if rapid.IntRange(0, 3).Draw(t, "times") > 0 {
		return
	}
	at := rapid.Custom(func(t *rapid.T) object {
		at := object{}
		maybe(t, at, "days", rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"mon", "tue", "fri-mon", "sat", "wed-thu"}), 1, 2, rapid.ID[string]))
		maybe(t, at, "hours", mostly(rapid.SampledFrom([]string{"09:00-18:00", "22:00-06:30", "00:00-12:05", "13:00-24:00"}), text()))
		maybe(t, at, "timezone", mostly(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"}), text()))
		return at
	})
	entry := rapid.Custom(func(t *rapid.T) object {
		entry := object{"at": at.Draw(t, "at")}
		entry[mostly(rapid.Just("objective"), rapid.Just("threshold")).Draw(t, "change")] = rapid.SampledFrom([]any{50, 80, 99.5, "5s", 80, "2MB"}).Draw(t, "value")
		return entry
	})
	exclusion := rapid.Custom(func(t *rapid.T) object { return object{"reason": text().Draw(t, "reason"), "at": at.Draw(t, "at")} })
	switch rapid.IntRange(0, 4).Draw(t, "kind of times") {
	case 0, 1:
		out["schedule"] = rapid.SliceOfN(entry, 1, 2).Draw(t, "schedule")
	case 2:
		out["exclude"] = rapid.SliceOfN(exclusion, 1, 2).Draw(t, "exclude")
	case 3:
		out["maintenance"] = []object{{"reason": "move", "from": "2026-05-01 10:00", "to": "2026-05-01 12:30"}}
	default:
		out["calendar"] = rapid.SampledFrom([]string{"week", "month", "week", "month", "decade"}).Draw(t, "calendar")
		delete(out, "window")
	}
	maybe(t, out, "timezone", rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York"}))
	maybe(t, out, "groupBy", rapid.SampledFrom([][]string{{"job"}, {"gateway", "region"}, {"code"}, {"service.name"}}))
}

func drawnSLI(t *rapid.T, others []string) object {
	kind := rapid.SampledFrom([]string{"http", "http", "latency", "uptime", "events", "events", "grpc", "threshold", "gauge", "ratio", "journey"}).Draw(t, "kind")
	if kind != "journey" {
		return ofKind(t, kind)
	}
	part := func(i int) object {
		kind := mostly(rapid.SampledFrom([]string{"http", "http", "http", "latency", "latency", "events", "grpc", "slo"}), rapid.Just("uptime")).Draw(t, "part")
		if kind == "slo" {
			return object{"slo": rapid.SampledFrom(others).Draw(t, "slo")}
		}
		part := ofKind(t, kind)
		if match, ok := part[kind].(object)["match"].(object); ok && rapid.IntRange(0, 3).Draw(t, "apart") > 0 {
			match["part"] = fmt.Sprint(i)
		}
		return part
	}
	var all []object
	for i := range rapid.IntRange(1, 4).Draw(t, "parts") {
		p := part(i)
		maybe(t, p, "weight", rapid.SampledFrom([]float64{1, 0.5, 0.3, 0.07}))
		all = append(all, p)
	}
	journey := object{"all": all}
	if rapid.Bool().Draw(t, "entry") {
		entry := part(9)
		for kind := range entry {
			if body, ok := entry[kind].(object); ok {
				maps.DeleteFunc(body, func(key string, _ any) bool {
					return !slices.Contains([]string{"metric", "match", "total", "histogram", "expr"}, key)
				})
			}
		}
		journey["entry"] = entry
	}
	return object{"journey": journey}
}

// ofKind draws an SLI of a kind that has no parts.
func ofKind(t *rapid.T, kind string) object {
	match := object{}
	for range rapid.IntRange(0, 2).Draw(t, "matchers") {
		match[rapid.SampledFrom([]string{"job", "code", "le", "method", "handler", "http.route"}).Draw(t, "label")] = mostly(rapid.SampledFrom([]string{
			"users", "=~users-.+", "!~WATCH|CONNECT", "!=canary", "=~(a|b)c*[0-9]{2}", "=~5..",
		}), text()).Draw(t, "value")
	}
	switch kind {
	case "http":
		http := object{"metric": metric(t), "match": match}
		if rapid.Bool().Draw(t, "promises") {
			http["promises"] = rapid.SliceOfN(rapid.SampledFrom([]any{200, 201, 404, "2xx", "4xx", "5xx", 999}), 1, 4).Draw(t, "statuses")
		}
		maybe(t, http, "statusLabel", rapid.SampledFrom([]string{"code", "status", "response_code", "http.response.status_code"}))
		return object{"http": http}
	case "latency":
		latency := object{"histogram": metric(t), "match": match,
			"threshold": rapid.SampledFrom([]string{"1ms", "400ms", "1s", "2.5s", "5s", "1m", "20us", "20m"}).Draw(t, "threshold")}
		if latency["histogram"] == "a:b" {
			maybe(t, latency, "unit", rapid.SampledFrom([]string{"seconds", "milliseconds", "microseconds", "nanoseconds", "bytes"}))
		}
		if rapid.IntRange(0, 4).Draw(t, "size") == 0 {
			latency["histogram"], latency["threshold"] = "response_bytes", rapid.SampledFrom([]string{"1MB", "64KiB", "3B"}).Draw(t, "bytes")
			delete(latency, "unit")
		}
		return object{"latency": latency}
	case "grpc":
		grpc := object{"match": match}
		maybe(t, grpc, "promises", rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"OK", "not_found", "CANCELLED", "10"}), 1, 3, rapid.ID[string]))
		maybe(t, grpc, "metric", rapid.SampledFrom([]string{"rpc_server_duration_milliseconds_count", "rpc.server.duration_count"}))
		return object{"grpc": grpc}
	case "threshold":
		threshold := object{"expr": mostly(rapid.SampledFrom([]string{`max(age_seconds)`, `queue_length{job="a"}`, `time() - last_seconds`, `quantile(0.9, x)`}), text()).Draw(t, "expr")}
		threshold[rapid.SampledFrom([]string{"above", "below"}).Draw(t, "side")] = rapid.SampledFrom([]float64{0, 0.5, 100, -3}).Draw(t, "bound")
		maybe(t, threshold, "below", rapid.SampledFrom([]float64{200, 0.7}))
		return object{"threshold": threshold}
	case "gauge":
		of := mostly(rapid.SampledFrom([]string{
			`down`, `desired{job="a"}`, `sum by (job) (ready{code="x"})`, `desired - ready`, `count(up == 1)`, `max(desired)`, `up == bool 0`, `sum(up == 0)`,
			`sum by (gateway, region) (desired) or vector(0)`, `avg_over_time(down[10m])`, `down > 3`, `vector(2)`, `desired offset 5m`, `x_total[5m]`, `2 * down / 3`,
		}), text())
		return object{"gauge": object{rapid.SampledFrom([]string{"bad", "good"}).Draw(t, "side"): of.Draw(t, "some"), "total": of.Draw(t, "total")}}
	case "ratio":
		return object{"ratio": object{rapid.SampledFrom([]string{"errors", "success"}).Draw(t, "side"): mostly(rapid.SampledFrom([]string{
			`error_ratio`, `avg by (job) (ratio{code="x"})`, `failed / all`, `1 - availability_percent / 100`, `rate(x[5m]) / rate(y[5m])`,
			`clamp_max(failed{job="a"} / all, 1) or vector(0)`, `absent(x)`, `0.1`, `hour() / 24`, `ratio > 0.5`, `(time() - born) / 3600`,
		}), text()).Draw(t, "expr")}}
	case "uptime":
		return object{"uptime": object{"instances": rapid.SampledFrom([]any{"any", "all", 0.5, "any"}).Draw(t, "instances"), "expr": mostly(rapid.SampledFrom([]string{
			`up{job="a"}`, `min(probe_success) == bool 1`, `avg(up{job=~"a|b"}) > bool 0`, `up == 1`, `-up`, `up or down`, `rate(x[5m]) > bool 0`, `1`, `up[5m]`,
		}), text()).Draw(t, "expr")}}
	default:
		count := mostly(rapid.SampledFrom([]string{
			`errors_total`, `requests_total{code=~"5.."}`, `requests_total`, `requests_total{job="a"}`, `{__name__="requests_total"}`, `{"http.requests"}`,
			`sum(rate(errors_total[$window]))`, `sum(rate(requests_total{code!~"2.."}[$window]))`, `sum by (job) (rate(requests_total[$window]))`,
			`sum(rate(requests_total[$window])) - sum(rate(requests_total{code="200"}[$window]))`, `sum(rate(errors_total[$window])) or vector(0)`,
			`sum(rate(ok_total[$window])) + sum(rate(errors_total[$window]))`, `sum(increase(x[$window]))`, `x[5m])) or vector(0) or sum(rate(y`,
			`rate(x[5m])`, `rate($window[5m])`, `sum(rate(x[$window:1m]))`, `quantile(0.9, rate(x[$window]))`, `sum(rate(x[$window] offset 5m))`, `-sum(rate(x[$window]))`,
		}), text())
		side := rapid.SampledFrom([]string{"bad", "good"}).Draw(t, "side")
		return object{"events": object{side: count.Draw(t, side), "total": count.Draw(t, "total")}}
	}
}

func metric(t *rapid.T) string {
	return mostly(rapid.SampledFrom([]string{"http_requests_total", "http_request_duration_seconds", "a:b", "http.server.request.duration"}), rapid.StringMatching(`[a-z_:.{" ]{0,8}`)).Draw(t, "metric")
}

func name() *rapid.Generator[string] {
	return mostly(rapid.StringMatching(`[a-z]([a-z0-9-]{0,20}[a-z0-9])?`), rapid.StringMatching(`[A-Za-z./]{0,6}`))
}

// mostly draws from odd now and then, so that about half of the specs are valid.
func mostly[T any](usual, odd *rapid.Generator[T]) *rapid.Generator[T] {
	return rapid.Custom(func(t *rapid.T) T {
		if rapid.IntRange(0, 39).Draw(t, "odd") == 39 {
			return odd.Draw(t, "value")
		}
		return usual.Draw(t, "value")
	})
}

// text draws what people, and attackers, may write.
func text() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"plain words", "", "{{ $value }}", `"}) or vector(1)`, "a: b # c", "two\nlines", "tab\t", "- x", "|", "${datasource}", "<b>", "it's", `back\slash`, "日本", "yes", "0x1", " lead", "trail "}),
		rapid.String(),
	)
}

// maybe sets a field half of the time.
func maybe[T any](t *rapid.T, o object, key string, values *rapid.Generator[T]) {
	if rapid.Bool().Draw(t, "has "+key) {
		o[key] = values.Draw(t, key)
	}
}
