//go:build unix

package generate_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/simulate"
)

// BenchmarkRules prints what rules make of each trace: how far the error ratio
// that they record for the period is off the truth, when they page and reset, and
// how often they alert. It fails if ours miss a bar. With PROMSLO_PEERS (see
// BenchmarkRuleCost) the peers stand next to them.
func BenchmarkRules(b *testing.B) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintln(w, "trace\trules of\tperiod error\tpage after\treset after\tpages\ttickets\treplay\t")
	sets := ruleSets(b)
	for _, t := range ruleTraces() {
		b.Run(t.name, func(b *testing.B) {
			sets := sets
			if t.schedule != "" {
				sets = []ruleSet{ours(b, availability+"    schedule: "+t.schedule+"\n")}
			}
			var first outcome
			for i, set := range sets {
				began := time.Now()
				o := play(b, t, set)
				took := time.Since(began)
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%.1f s\t\n", t.name, set.name,
					o.periodText(), offset(o.page), offset(o.reset), o.pages, o.tickets, took.Seconds())
				switch {
				case i == 0:
					first = o
					for _, missed := range t.missed(o) {
						b.Error(missed)
					}
				case set.name == "Sloth" && !t.sure && o.page != simulate.Never && first.page > o.page+global:
					b.Errorf("the page comes after %s, and Sloth's after %s", first.page, o.page)
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// TestRuleTraces holds our rules to the bars: night errors and a quiet service
// page hardly ever, outages in time, and the error budget is right.
func TestRuleTraces(t *testing.T) {
	set := ours(t, availability)
	for _, r := range ruleTraces() {
		t.Run(r.name, func(t *testing.T) {
			if testing.Short() && (r.length > 9*day || r.schedule != "") {
				t.Skip("long traces tell the race detector nothing new")
			}
			set := set
			if r.schedule != "" {
				set = ours(t, availability+"    schedule: "+r.schedule+"\n")
			}
			for _, missed := range r.missed(play(t, r, set)) {
				t.Error(missed)
			}
		})
	}
}

// outcome is what rules made of a trace.
type outcome struct {
	period         float64       // recorded error ratio of the period by the truth, less 1; NaN if none is recorded
	page, reset    time.Duration // after the incident's start and end; Never if nobody was paged, or still is
	pages, tickets int
	err            error // of the rule that records the period
}

func (o outcome) periodText() string {
	switch {
	case o.err != nil:
		return "rule fails"
	case math.IsNaN(o.period):
		return "NaN"
	default:
		return fmt.Sprintf("%+.3f %%", 100*o.period)
	}
}

func offset(d time.Duration) string {
	if d == simulate.Never {
		return "–"
	}
	return plan.Duration(d)
}

// missed returns the bars that an outcome misses.
func (r ruleTrace) missed(o outcome) []string {
	var all []string
	bar := func(held bool, format string, args ...any) {
		if !held {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	const off, resets = 0.002, time.Hour
	bar(o.err == nil, "%v", o.err)
	bar(r.gap || math.Abs(o.period) <= off, "the period's error ratio is %s off the truth: want at most %.1f %%", o.periodText(), 100*off)
	if r.pageWithin > 0 {
		bar(o.page <= r.pageWithin, "the page comes after %s: want it within %s", offset(o.page), offset(r.pageWithin))
		bar(o.reset <= resets, "the page resets after %s: want it within %s", offset(o.reset), offset(resets))
	}
	bar(r.pages[0] <= o.pages && o.pages <= r.pages[1], "%d pages: want %d to %d", o.pages, r.pages[0], r.pages[1])
	bar(r.tickets[0] <= o.tickets && o.tickets <= r.tickets[1], "%d tickets: want %d to %d", o.tickets, r.tickets[0], r.tickets[1])
	return all
}

// recordedPeriod is the error ratio of the period, as rules record it.
var recordedPeriod = map[string]string{
	"promslo": `1 - slo:sli:ratio{slo_window="30d"}`,
	"Sloth":   `slo:sli_error:ratio_rate30d`,
	"Pyrra":   `1 - pyrra_availability`,
}

// costly are rules of the peers that read 30 days of samples. No alert reads them.
var costly = []string{"slo:sli_error:ratio_rate30d", "http_requests:increase30d"}

// play evaluates rules once a minute over a trace. What they record of the period
// is read at the end of an hour: ours is up to an hour old else.
func play(tb testing.TB, r ruleTrace, set ruleSet) outcome {
	tb.Helper()
	in := engine.Input{Groups: set.groups, Series: r.series(), Start: monday, End: monday.Add(r.length), Step: global}
	var parts []*engine.Result
	if r.edit > 0 {
		before := in
		in.Start = monday.Add(r.edit)
		before.End = in.Start.Add(-global)
		parts = append(parts, replay(tb, before))
		in.Groups = owned(in.Groups, "web-team")
		in.Series = append(in.Series, recorded(tb, parts[0], in.Start)...)
	}
	if set.name == "promslo" { // nothing in it is costly
		all := replay(tb, in)
		return r.outcome(tb, set, all, append(parts, all))
	}
	period := in
	period.Watch = in.End
	in.Groups = without(in.Groups, costly)
	return r.outcome(tb, set, replay(tb, period), append(parts, replay(tb, in)))
}

func replay(tb testing.TB, in engine.Input) *engine.Result {
	tb.Helper()
	result, err := engine.Run(tb.Context(), in)
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

// outcome reads what people would notice: of the period at the end, and of alerts
// in one part of the trace after the other.
func (r ruleTrace) outcome(tb testing.TB, set ruleSet, period *engine.Result, parts []*engine.Result) outcome {
	tb.Helper()
	o := outcome{period: math.NaN(), page: simulate.Never, reset: simulate.Never}
	for _, part := range parts {
		if len(part.Errors) > 0 {
			tb.Fatal(part.Errors[0])
		}
	}
	if len(period.Errors) > 0 {
		o.err = period.Errors[0]
	}
	query := recordedPeriod[set.name]
	if r.schedule != "" {
		query = "1 - slo:error_budget_remaining:ratio"
	}
	vector, err := period.Query(tb.Context(), query, monday.Add(r.length))
	if err != nil {
		tb.Fatal(err)
	}
	if o.err == nil && len(vector) == 1 {
		o.period = vector[0].F/r.truth() - 1
	}
	pages, tickets := firing(parts, "page", "critical"), firing(parts, "ticket", "warning")
	o.pages, o.tickets = len(pages), len(tickets)
	if r.incident.To == 0 {
		return o
	}
	for _, s := range pages {
		if s.From >= r.incident.From && o.page == simulate.Never {
			o.page = s.From - r.incident.From
		}
		if o.reset = s.To; s.To != simulate.Never {
			o.reset -= r.incident.To
		}
	}
	return o
}

// firing returns when any alert of some severities fired, as offsets.
func firing(parts []*engine.Result, severities ...string) []simulate.Span {
	var spans []simulate.Span
	for i, part := range parts {
		end := simulate.Never
		if at, ok := part.Last(); ok && i+1 < len(parts) {
			end = at.Add(global).Sub(monday)
		}
		for _, t := range part.Timelines() {
			for _, s := range t.Spans {
				if s.State != engine.Firing || !slices.Contains(severities, t.Labels.Get(string(plan.LabelSeverity))) {
					continue
				}
				span := simulate.Span{From: s.From.Sub(monday), To: end}
				if !s.To.IsZero() {
					span.To = s.To.Sub(monday)
				}
				spans = append(spans, span)
			}
		}
	}
	return simulate.Union(spans)
}

// without returns the groups without the rules that record some series.
func without(groups []rulefmt.RuleGroup, records []string) []rulefmt.RuleGroup {
	groups = slices.Clone(groups)
	for i, g := range groups {
		groups[i].Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r rulefmt.Rule) bool { return slices.Contains(records, r.Record) })
	}
	return groups
}

// owned returns the groups as generators make them when the owner in the spec is another.
func owned(groups []rulefmt.RuleGroup, owner string) []rulefmt.RuleGroup {
	groups = without(groups, nil)
	for _, g := range groups {
		for i, r := range g.Rules {
			if r.Labels["owner"] != "" {
				g.Rules[i].Labels = maps.Clone(r.Labels)
				g.Rules[i].Labels["owner"] = owner
			}
		}
	}
	return groups
}

// recorded returns the series that rules recorded until others took their place.
// Those with an owner end there, as on a server that reloads its rules.
func recorded(tb testing.TB, result *engine.Result, end time.Time) []engine.Series {
	tb.Helper()
	querier, err := result.Storage.Querier(0, 0)
	if err != nil {
		tb.Fatal(err)
	}
	var all []engine.Series
	set := querier.Select(context.Background(), false, nil, labels.MustNewMatcher(labels.MatchNotEqual, labels.MetricName, "http_requests_total"))
	for set.Next() {
		s := engine.Series{Labels: set.At().Labels()}
		for it := set.At().Iterator(nil); it.Next() == chunkenc.ValFloat; {
			t, v := it.At()
			s.Push(t, v, nil)
		}
		if s.Labels.Get("owner") != "" {
			s.Push(end.UnixMilli(), math.Float64frombits(value.StaleNaN), nil)
		}
		all = append(all, s)
	}
	return all
}
