package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/lint"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// found lints an SLO of some more lines, each with the indentation below it, and
// returns column, ID and message of each finding.
func found(t *testing.T, lines ...string) (out []string) {
	t.Helper()
	objective := "objective: 99.9"
	if strings.HasPrefix(lines[0], "objective: ") {
		objective, lines = lines[0], lines[1:]
	}
	spec := "service: users\nslos:\n  it:\n    " + objective + "\n    " + strings.Join(lines, "\n    ") + "\n"
	if !strings.Contains(spec, "window: ") {
		spec += "    window: 30d\n"
	}
	project := schema.DefaultProject()
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "f", Data: []byte(spec)}}, schema.Options{})
	if len(findings) > 0 {
		t.Fatal(findings, spec)
	}
	p, findings := plan.New(services[0], project)
	if len(findings) > 0 {
		t.Fatal(findings, spec)
	}
	for _, f := range diag.Sort(lint.Run(services[0], p)) {
		out = append(out, fmt.Sprintf("%d:%d %s: %s", f.Pos.Line, f.Pos.Column, f.ID, f.Message))
	}
	return out
}

func TestEvents(t *testing.T) {
	for name, test := range map[string]struct {
		bad, total string
		want       []string // the beginning of each finding
	}{
		"selectors":           {"failed_total", "requests_total", nil},
		"sums":                {"sum(rate(failed_total[$window]))", "sum(rate(requests_total[$window]))", nil},
		"one is added up":     {"failed_total", "sum by (pod) (rate(requests_total[$window]))", nil},
		"neither is":          {"rate(failed_total[$window])", "requests_total", nil},
		"same labels":         {"sum by (a, b) (rate(failed_total[$window]))", "sum by (b, a) (rate(requests_total[$window]))", nil},
		"or zero":             {"sum(rate(failed_total[$window])) or vector(0)", "sum(rate(requests_total[$window]))", nil},
		"a sum of sums":       {"sum(rate(failed_total[$window]))", "sum(rate(ok_total[$window])) + sum(rate(failed_total[$window]))", nil},
		"one of two":          {"failed_total", "sum(sum_over_time((rate(a_total[1m]) + rate(b_total[1m]))[$window:1m]))", []string{"8:56 missing-addend: while rate(b_total[1m]) has no series"}},
		"one of two, or zero": {"failed_total", "sum(sum_over_time((rate(a_total[1m]) + (rate(b_total[1m]) or vector(0)))[$window:1m]))", nil},
		"many to one":         {"failed_total", "sum(rate(a_total[$window]) + on (pod) group_left () rate(b_total[$window]))", []string{"8:69 missing-addend: while rate(b_total[$window]) has"}},
		"other labels":        {"sum by (pod) (rate(failed_total[$window]))", "sum(rate(requests_total[$window]))", []string{"7:14 aggregation-mismatch: bad is aggregated by `sum by (pod)` and total by `sum`"}},
		"by and without":      {"sum by (a) (rate(failed_total[$window]))", "sum without (a) (rate(requests_total[$window]))", []string{"7:14 aggregation-mismatch: bad is aggregated by `sum by (a)` and total by `sum without (a)`"}},
		"another operation":   {"avg(rate(failed_total[$window]))", "requests_total", []string{"7:14 aggregation-mismatch: bad is aggregated by `avg` and total by `sum`"}},
		"in one term":         {"sum(rate(a_total[$window])) + max(rate(b_total[$window]))", "requests_total", []string{"7:14 aggregation-mismatch: bad is aggregated by `max` and total by `sum`"}},
		"no rate":             {"failed_total", "sum(rate(a_total[$window])) + sum(b_total)", []string{"8:51 missing-rate: the counter b_total"}},
		"no rate of a count":  {"failed_total", "sum(rate(a_total[$window])) + b_count", []string{"8:47 missing-rate: the counter b_count"}},
		"a gauge beside":      {"failed_total", "sum(rate(a_total[$window]) * on (pod) group_left () pod_info)", nil},
		"only whether it is":  {"failed_total", "sum(rate(a_total[$window])) and on () count(b_total) unless on () absent(c_total)", nil},
		"the last two":        {"failed_total", "sum(rate(a_total[$window])) + sum(irate(b_total[5m]))", []string{"8:57 missing-rate: `irate` does not"}},
		"in a subquery":       {"failed_total", "sum(avg_over_time(a_total[$window:1m]))", []string{"8:35 missing-rate: the counter a_total"}},
		"rate in a subquery":  {"failed_total", "sum(avg_over_time(rate(a_total[5m])[$window:1m]))", nil},
		"le of a count":       {"failed_total", `seconds_count{le="0.5"}`, []string{"8:17 unknown-le: seconds_count has no label le"}},
		"le with a unit":      {"failed_total", `seconds_bucket{le="500ms"}`, []string{`8:17 unknown-le: no bucket ends at le="500ms"`}},
		"whole le":            {"failed_total", `sum(rate(seconds_bucket{job="x",le="1"}[$window]))`, []string{`8:26 unknown-le: le="1" selects no bucket of some servers: Prometheus 3 writes 1.0`}},
		"whole le with point": {"failed_total", `seconds_bucket{le="10.0"}`, []string{`8:17 unknown-le: le="10.0" selects no bucket`}},
		"le of a million":     {`bytes_bucket{le="1e+06"}`, "bytes_count", []string{"7:14 inverted-sli"}},
		"le of 1000000":       {`bytes_bucket{le="1000000"}`, "bytes_count", []string{"7:14 inverted-sli", `7:15 unknown-le: le="1000000" selects no bucket of some servers: Prometheus 3 writes 1e+06`}},
		"both but one":        {`bytes_bucket{le=~"1000000|1000000\\.0"}`, "bytes_count", []string{"7:14 inverted-sli", `7:15 unknown-le: le=~"1000000|1000000\\.0" selects no bucket of some servers: Prometheus 3 writes 1e+06`}},
		"any le of a million": {`bytes_bucket{le=~"1000000|1e\\+06"}`, "bytes_count", []string{"7:14 inverted-sli"}},
		"le of 10 µs":         {`seconds_bucket{le="0.00001"}`, "seconds_count", []string{"7:14 inverted-sli", `7:15 unknown-le: le="0.00001" selects no bucket of some servers: Prometheus 3 writes 1e-05`}},
		"le that is none":     {`seconds_bucket{le="NaN"}`, "seconds_count", []string{`7:15 unknown-le: no bucket ends at le="NaN"`}},
		"le":                  {`seconds_bucket{le="0.25"}`, `seconds_bucket{le="+Inf"}`, []string{"7:14 inverted-sli"}},
		"le of either":        {`seconds_bucket{le=~"1|1\\.0"}`, `seconds_count`, []string{"7:14 inverted-sli"}},
		"any metric":          {`{job="x",le="0.25"}`, `seconds_count`, nil},
	} {
		compare(t, name, test.want, found(t, "sli:", "  events:", "    bad: '"+test.bad+"'", "    total: '"+test.total+"'"))
	}
}

// TestOthers holds what is found outside of events.
func TestOthers(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  []string
	}{
		"counter":       {[]string{"sli: {threshold: {above: 5, expr: sum(requests_total)}}"}, []string{"5:43 missing-rate: the counter requests_total"}},
		"buckets":       {[]string{"sli: {threshold: {below: 5, expr: 'histogram_quantile(0.9, sum by (le) (x_bucket))'}}"}, []string{"5:77 missing-rate: the counter x_bucket"}},
		"maybe a gauge": {[]string{"sli: {threshold: {above: 5, expr: consumer_lag_sum / parts_count}}"}, nil},
		"irate":         {[]string{"sli: {threshold: {above: 5, expr: 'sum(irate(requests_total[5m]))'}}"}, nil},
		"lines": {[]string{"sli:", "  uptime:", "    expr: |-", "      sum(up)", "        + sum(requests_total) > bool 0"},
			[]string{"9:19 missing-rate: the counter requests_total"}},
		"le in match":  {[]string{"sli: {latency: {histogram: s_seconds, threshold: 1s, match: {le: \"0.5\"}}}"}, []string{"5:70 unknown-le: le in match"}},
		"of a journey": {[]string{"sli: {journey: {all: [{http: {metric: x_total, match: {le: \"1\"}}}, {events: {bad: 'avg(rate(a_total[$window]))', total: b_total}}]}}"}, []string{"5:64 unknown-le", "5:87 aggregation-mismatch"}},
		"an entry":     {[]string{"sli: {journey: {entry: {events: {total: 'sum(rate(a_total[$window])) + sum(b_total)'}}, all: [{http: {metric: x_total}}]}}"}, []string{"5:80 missing-rate: the counter b_total"}},
		"an hour":      {[]string{"window: 1h", "sli: {uptime: {expr: up}}"}, []string{"5:13 short-window: when users/it pages, at least 50 % of its budget is spent: no alert looks at less than 5m"}},
		"three hours":  {[]string{"window: 3h", "sli: {uptime: {expr: up}}"}, nil},
		"no page":      {[]string{"window: 1h", "sli: {uptime: {expr: up}}", "alerting: {page: {disabled: true}}"}, nil},
		"never":        {[]string{"window: 1d", "sli: {uptime: {expr: up}}", "alerting: {minFailures: 7215}"}, []string{"7:29 unreachable-alert: the page", "7:29 unreachable-alert: the ticket"}},
		"never, renamed": {[]string{"window: 1d", "id: accounts/login", "sli: {uptime: {expr: up}}", "alerting: {minFailures: 7215}"},
			[]string{"8:29 unreachable-alert: the page of users/it can", "8:29 unreachable-alert: the ticket of users/it can"}},
		"an hour, renamed":    {[]string{"window: 1h", "id: accounts/login", "sli: {uptime: {expr: up}}"}, []string{"5:13 short-window: when users/it pages"}},
		"one breaks, renamed": {[]string{"id: accounts/login", "sli: {http: {metric: x_total}}", "traffic: 33/d"}, []string{"7:14 one-failure-breaks: a single failure breaks the promise of users/it:"}},
		"one pages, renamed":  {[]string{"id: accounts/login", "sli: {http: {metric: x_total}}", "traffic: 30/h", "alerting: {minFailures: 1}"}, []string{"8:29 one-failure-pages: a single failure pages for users/it:"}},
		"never so many":       {[]string{"sli: {http: {metric: x_total}}", "traffic: 100/d", "alerting: {minFailures: 100000}"}, []string{"7:29 unreachable-alert: the page of users/it can never fire: it asks for 100000 bad events of the 25 that come at 100/d within 6h", "7:29 unreachable-alert: the ticket of users/it can never fire: it asks for 100000 bad events of the 300 that come at 100/d within 3d"}},
		"just":                {[]string{"window: 1d", "sli: {uptime: {expr: up}}", "alerting: {minFailures: 614}"}, nil},
		// The objective is 99.9 %.
		"one breaks":     {[]string{"sli: {http: {metric: x_total}}", "traffic: 33/d"}, []string{"6:14 one-failure-breaks: a single failure breaks the promise of users/it: of 990 events expected in 30d, 0.99 may fail"}},
		"one may fail":   {[]string{"sli: {http: {metric: x_total}}", "traffic: 34/d"}, nil},
		"one on sundays": {[]string{"sli: {http: {metric: x_total}}", "traffic: 33/d", "schedule: [{at: {days: [sun]}, objective: 99}]"}, nil},
		"one pages":      {[]string{"sli: {http: {metric: x_total}}", "traffic: 30/h", "alerting: {minFailures: 1}"}, []string{"7:29 one-failure-pages: a single failure pages for users/it: of 30 events expected in 1h it burns the budget 33.3 times"}},
		"one of many":    {[]string{"sli: {http: {metric: x_total}}", "traffic: 200/h", "alerting: {minFailures: 1}"}, nil},
		// Three come in 6h at 12/d (4h after the first), but not at 8/d; in 3d at 1/d, but not at 0.6/d.
		"page and ticket": {[]string{"objective: 90", "sli: {http: {metric: x_total}}", "traffic: 0.6/d"}, []string{
			"6:14 traffic-too-low: the page of users/it can never fire at 0.6/d: it asks for 3 bad events within 6h, where 0.15 are expected in all",
			"6:14 traffic-too-low: the ticket of users/it can never fire at 0.6/d: it asks for 3 bad events within 3d, where 1.8 are expected in all"}},
		"a page, at 90 %": {[]string{"objective: 90", "sli: {http: {metric: x_total}}", "traffic: 8/d"}, []string{"6:14 traffic-too-low: the page of users/it can never fire at 8/d"}},
		"both may fire":   {[]string{"objective: 90", "sli: {http: {metric: x_total}}", "traffic: 12/d", "alerting: {confidence: 0}"}, nil},
		// Three of three may be by chance where six in ten do not page, and even nine of nine: 0.6^9
		// is 1.01 %. Eleven of eleven are not: 0.36 %.
		"chance":                {[]string{"objective: 90", "sli: {http: {metric: x_total}}", "traffic: 12/d"}, []string{"6:14 traffic-too-low: the page of users/it can never fire at 12/d: it asks for 5 bad events within 6h, where 3 are"}},
		"no chance":             {[]string{"objective: 90", "sli: {http: {metric: x_total}}", "traffic: 44/d"}, nil},
		"a page that is none":   {[]string{"objective: 90", "sli: {http: {metric: x_total}}", "traffic: 8/d", "alerting: {page: {disabled: true}}"}, nil},
		"one failure is enough": {[]string{"objective: 80", "sli: {http: {metric: x_total}}", "traffic: 1/d", "alerting: {minFailures: 1, page: {disabled: true}}"}, nil},
		"nothing is said":       {[]string{"sli: {http: {metric: x_total}}", "alerting: {minFailures: 1}"}, nil},
		"two page":              {[]string{"sli: {http: {metric: x_total}}", "traffic: 30/h", "alerting: {minFailures: 2}"}, nil},
		"one a ticket":          {[]string{"sli: {http: {metric: x_total}}", "traffic: 30/h", "alerting: {minFailures: 1, page: {disabled: true}}"}, nil},
		"requests":              {[]string{"window: 1d", "sli: {http: {metric: x_total}}", "alerting: {minFailures: 100000}"}, nil},
	} {
		compare(t, name, test.want, found(t, test.lines...))
	}
}

// compare holds findings against how each must begin.
func compare(t *testing.T, name string, want, got []string) {
	t.Helper()
	begin := []string(nil)
	for i, g := range got {
		if i < len(want) && strings.HasPrefix(g, want[i]) {
			g = want[i]
		}
		begin = append(begin, g)
	}
	if diff := cmp.Diff(want, begin); diff != "" {
		t.Errorf("%s, - want, + got:\n%s", name, diff)
	}
}
