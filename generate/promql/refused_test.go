package promql_test

import (
	"strings"
	"testing"

	"github.com/promslo/promslo/generate/promql"
)

// TestRefused: what counts no events, and what to write instead.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		text          string
		offset        int
		message, hint string // parts; empty: it is right
	}{
		{`sum(rate(a_total{job="x"}[$window]))`, 0, "", ""},
		{`sum(rate(a_total[$window])) and on () count_over_time(up[$window]) > 0`, 0, "", ""},
		{`sum(rate(a_total[$window]) * on (pod) group_left () last_over_time(pod_info[5m]))`, 0, "", ""},
		{`sum(sum_over_time(rate(a_total[1m])[$window:1m]))`, 0, "", ""},
		{`sum(increase(a_total[$window]))`, 4, "`increase` counts events per window", "`rate("},
		{`sum_over_time(queue{job="x"}[$window])`, 0, "`sum_over_time` reads a gauge", "`rate(queue{job=\"x\"}[$window])` if it is a counter; the instances or items of a gauge count by their time: `sli: {gauge: {bad: …, total: …}}`"},
		{`sum(avg_over_time(queue[$window])) + 1`, 4, "`avg_over_time` reads a gauge", "gauge: {bad"},
		{`count_over_time(up[$window])`, 0, "`count_over_time` reads a gauge", "gauge"},
		{`last_over_time(up[$window])`, 0, "`last_over_time` reads a gauge", "gauge"},
		{`delta(queue[$window])`, 0, "`delta` reads a gauge", "gauge"},
		{`idelta(queue[$window])`, 0, "`idelta` reads a gauge", "gauge"},
		{`sum(irate(a_total[$window]))`, 4, "`irate` does not count", "`rate(a_total[$window])`"},
		{`sum(changes(start_seconds[$window]))`, 4, "`changes` does not count", "rate"},
		{`sum(a_total)`, 0, "no range", "[$window]"},
		{`sum(rate(a_total{job="x"}[5m]))`, 26, "the range is always 5m", "`[$window]` instead"},
		{`sum(rate(a_total[$__rate_interval]))`, 17, "`$__rate_interval` stands for nothing here", "`$window`"},
		{`sum(rate(a_total[${__range}]))`, 17, "`${__range}` stands for nothing", "`$window`"},
		{`sum(rate(a_total[{{.window}}]))`, 17, "`{{.window}}` stands for nothing", "`$window`"},
	} {
		_, err := promql.ParseCount(tt.text)
		refused(t, tt.text, err, tt.offset, tt.message, tt.hint)
	}
	_, err := promql.ParseValue("rate(x_total[$window])", "")
	refused(t, "$window", err, 13, "range of a query of events only", "`5m`")
	_, err = promql.ParseInstant("rate(x_total[$__interval]) > bool 0")
	refused(t, "$__interval", err, 13, "`$__interval` stands for nothing", "`5m`")
}

func refused(t *testing.T, text string, err *promql.Error, offset int, message, hint string) {
	t.Helper()
	switch {
	case err == nil && message == "":
	case err == nil || message == "" || err.Offset != offset || !strings.Contains(err.Message, message) || !strings.Contains(err.Hint, hint):
		t.Errorf("%s: %+v, want %d %s, %s", text, err, offset, message, hint)
	}
}
