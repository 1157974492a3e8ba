package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// SLI counts the events of an SLO. Event SLIs have Total and either Bad or
// Good; time-based ones have Up.
type SLI struct {
	Kind  string // as in the spec: events, http, latency, uptime, journey, …
	Words Words
	Total *promql.Query
	Bad   *promql.Query
	Good  *promql.Query

	// GoodExists: the series of Good are there whenever those of Total are, so
	// their absence is a mistake, not a total failure.
	GoodExists bool

	// Good by the thresholds in seconds that a schedule puts in force, the usual
	// one first; empty where none does.
	Buckets   []Bucket
	Threshold float64 // usual latency threshold in seconds

	Journey *Journey // what Total and Bad add up, if they do

	Up   promql.Expr   // 0/1; one series, or one for each group: up while it is not 0
	Step time.Duration // at which Up is sampled: the scrape interval or a little more, so that it divides a tile
}

// Bucket counts the events up to a latency.
type Bucket struct {
	Seconds float64
	Good    *promql.Query
}

// TotalRate counts all events per second over a tile of 5 minutes or 1 hour.
// Time-based: the share of the tile for which there is data.
//
// Raw ranges are longer than the tile by one scrape interval. Rate misses the
// increase between the last sample of a tile and the first of the next; with
// the longer range tiles that follow each other add up without a gap.
func (s SLO) TotalRate(tile, scrape time.Duration) promql.Expr {
	switch {
	case s.Derived && tile == time.Hour:
		return s.hourly(TotalRate5m)
	case s.SLI.Up != nil:
		return s.counting(s.timeShare("count_over_time", s.SLI.Up, tile))
	}
	return s.counting(s.SLI.Total.Rate(tile+scrape, s.GroupBy...))
}

// hourly is the mean of a recorded rate over the 5-minute tiles of an hour. A
// tile that is missing counts as zero.
func (s SLO) hourly(rate5m string) promql.Expr {
	sum := promql.Call("sum_over_time", promql.Subquery(s.Series(rate5m), time.Hour, baseWindow))
	return promql.Op(sum, parser.DIV, promql.Number(float64(time.Hour/baseWindow)))
}

// counting makes a rate zero while nothing counts.
func (s SLO) counting(rate promql.Expr) promql.Expr {
	if !s.Schedule.Excludes() {
		return rate
	}
	counts := promql.Op(promql.Number(1), parser.SUB, s.Series(Excluded))
	return promql.Op(rate, parser.MUL, counts, promql.OnLeft())
}

// AllowedRate is how many events per second the objective in force allows to be
// bad over a tile. The total over the same tile must be recorded before.
func (s SLO) AllowedRate(tile time.Duration) promql.Expr {
	var objective promql.Expr = s.Series(Objective)
	switch {
	case s.Derived && tile == time.Hour:
		return s.hourly(AllowedRate5m)
	case tile == time.Hour:
		objective = promql.Call("avg_over_time", promql.Subquery(objective, time.Hour, baseWindow))
	}
	budget := promql.Op(promql.Number(1), parser.SUB, objective)
	return promql.Op(s.Rate(TotalRate5m, TotalRate1h, tile), parser.MUL, budget, promql.OnLeft(LabelID))
}

// BadRate counts bad events per second over a tile of 5 minutes or 1 hour.
// Time-based: the share of the tile that is down. The total over the same tile
// must be recorded before.
func (s SLO) BadRate(tile, scrape time.Duration) promql.Expr {
	return s.badRate(s.Rate(TotalRate5m, TotalRate1h, tile), tile, scrape)
}

// RawBadRate counts bad events per second over the period. TotalSum over the
// period must be recorded before.
func (s SLO) RawBadRate(scrape time.Duration) promql.Expr {
	total := promql.Op(s.Over(TotalSum, s.Period), parser.DIV, promql.Number(s.Period.Seconds()))
	return s.badRate(total, s.Period, scrape)
}

// badRate counts bad events per second over a window, where total counts all.
func (s SLO) badRate(total promql.Expr, tile, scrape time.Duration) promql.Expr {
	// A counter that never counted has no series, and that is no failure. It
	// has no identity labels either: without on(), `or` would keep both sides.
	orZero := func(e promql.Expr) promql.Expr {
		return promql.Op(e, parser.LOR, promql.Op(promql.Number(0), parser.MUL, total), promql.On(s.GroupBy...))
	}
	switch {
	case s.Derived && tile == time.Hour:
		return s.hourly(BadRate5m)
	case s.SLI.Up != nil:
		down := promql.Is(s.SLI.Up, parser.EQLC, promql.Number(0))
		return s.counting(s.timeShare("sum_over_time", down, tile))
	case s.SLI.Bad != nil:
		bad := orZero(s.SLI.Bad.Rate(tile+scrape, s.GroupBy...))
		if s.SLI.Journey != nil && s.SLI.Journey.Entry != "" {
			// A part may be tried twice, and fail twice: that is one journey.
			bad = promql.Op(promql.Op(bad, parser.LSS, total, promql.On(s.GroupBy...)), parser.LOR, total, promql.On(s.GroupBy...))
		}
		return s.counting(bad)
	case s.SLI.GoodExists:
		return nonNegative(promql.Op(total, parser.SUB, s.goodRate(tile+scrape), promql.On(s.GroupBy...)))
	default:
		return nonNegative(promql.Op(total, parser.SUB, orZero(s.SLI.Good.Rate(tile+scrape, s.GroupBy...)), promql.On(s.GroupBy...)))
	}
}

// goodRate counts good events per second, below the threshold in force.
func (s SLO) goodRate(window time.Duration) promql.Expr {
	if len(s.SLI.Buckets) == 0 {
		return s.SLI.Good.Rate(window, s.GroupBy...)
	}
	var good []promql.Expr
	for _, b := range s.SLI.Buckets {
		inForce := promql.Op(s.Series(Latency), parser.EQLC, promql.Number(b.Seconds))
		good = append(good, promql.Op(b.Good.Rate(window, s.GroupBy...), parser.LAND, inForce, promql.On()))
	}
	return promql.Join(parser.LOR, good)
}

// nonNegative removes the rounding noise below zero of a difference of rates.
func nonNegative(e promql.Expr) promql.Expr {
	return promql.Call("clamp_min", e, promql.Number(0))
}

// timeShare samples e over a tile and returns the share of the tile that f counts.
func (s SLO) timeShare(f string, e promql.Expr, tile time.Duration) promql.Expr {
	samples := promql.Call(f, promql.Subquery(e, tile, s.SLI.Step))
	return promql.Op(samples, parser.DIV, promql.Number(float64(tile/s.SLI.Step)))
}

// newSLI parses what the spec says of the events. Findings stand at the field.
func newSLI(source model.Source, slo model.SLO, scrape time.Duration) (SLI, []diag.Finding) {
	f := finder{source: source, path: []string{"slos", key(slo), "sli"}, groupBy: slo.GroupBy, schedule: slo.Schedule}
	var out SLI
	switch sli := slo.SLI; {
	case sli.Uptime != nil:
		out = SLI{Kind: "uptime", Up: instances(f.instant(sli.Uptime.Expr, "uptime", "expr"), sli.Uptime.Share, slo.GroupBy)}
	case sli.Threshold != nil:
		out = SLI{Kind: "threshold", Up: bounded(f.value(sli.Threshold.Expr, "threshold", "expr"), sli.Threshold, slo.GroupBy)}
	case sli.Journey != nil:
		out = f.journey(sli.Journey)
	default:
		out = f.counters(sli)
	}
	out.Step, out.Words = step(scrape), inWords(slo.SLI)
	return out, f.findings
}

// counters parses an SLI that counts events. What tells bad from good ones may
// be missing.
func (f *finder) counters(sli model.SLI) SLI {
	switch {
	case sli.Events != nil:
		out := SLI{Kind: "events", Total: f.count(sli.Events.Total, "events", "total")}
		if sli.Events.Good != "" {
			out.Good = f.count(sli.Events.Good, "events", "good")
		} else if sli.Events.Bad != "" {
			out.Bad = f.count(sli.Events.Bad, "events", "bad")
		}
		return out
	case sli.HTTP != nil:
		match := f.matchers(sli.HTTP.Match, "http")
		return SLI{
			Kind:  "http",
			Total: f.selector("http", sli.HTTP.Metric, match),
			Bad:   f.selector("http", sli.HTTP.Metric, match, badStatus(sli.HTTP)),
		}
	case sli.GRPC != nil:
		match := f.matchers(sli.GRPC.Match, "grpc")
		return SLI{
			Kind:  "grpc",
			Total: f.selector("grpc", sli.GRPC.Metric, match),
			Bad:   f.selector("grpc", sli.GRPC.Metric, match, badCode(sli.GRPC)),
		}
	default:
		return f.latency(sli.Latency)
	}
}

// step returns the shortest sampling interval of a time-based SLI that is at
// least the scrape interval and divides a tile.
func step(scrape time.Duration) time.Duration {
	s := scrape.Round(time.Second)
	for baseWindow%s != 0 {
		s += time.Second
	}
	return s
}

// badStatus selects the statuses that are not promised: without promises, 5xx.
func badStatus(h *model.HTTP) *promql.Matcher {
	label := h.StatusLabel
	if len(h.Promises) == 0 {
		return labels.MustNewMatcher(labels.MatchRegexp, label, "5..")
	}
	patterns := make([]string, len(h.Promises))
	for i, p := range h.Promises {
		patterns[i] = strings.ReplaceAll(strings.ToLower(p), "xx", "..")
	}
	return labels.MustNewMatcher(labels.MatchNotRegexp, label, strings.Join(patterns, "|"))
}

// badCode selects the codes that are not promised: without promises, those of
// failures on the server's side.
func badCode(g *model.GRPC) *promql.Matcher {
	if len(g.Promises) == 0 {
		return labels.MustNewMatcher(labels.MatchRegexp, g.CodeLabel, strings.Join(model.ServerFailures, "|"))
	}
	return labels.MustNewMatcher(labels.MatchNotRegexp, g.CodeLabel, strings.Join(g.Promises, "|"))
}

// bucket selects a classic bucket. Prometheus 3 writes whole boundaries as 1.0,
// clients and Prometheus 2 as 1.
func bucket(threshold time.Duration) *promql.Matcher {
	le := Number(threshold.Seconds())
	if strings.Contains(le, ".") {
		return promql.Equal("le", le)
	}
	return labels.MustNewMatcher(labels.MatchRegexp, "le", le+`|`+le+`\.0`)
}

// finder parses the PromQL of one SLI and keeps what it found wrong.
type finder struct {
	source   model.Source
	path     []string // of the SLI in the spec
	groupBy  []string
	schedule []model.Entry
	findings []diag.Finding
}

func (f *finder) count(text string, path ...string) *promql.Query {
	q, err := promql.ParseCount(text)
	f.add(err, path)
	for _, label := range f.groupBy {
		if q != nil && !q.Keeps(label) {
			f.drops(label, path)
		}
	}
	return q
}

func (f *finder) instant(text string, path ...string) promql.Expr {
	e, err := promql.ParseInstant(text)
	f.add(err, path)
	return f.grouped(e, path)
}

func (f *finder) value(text string, path ...string) promql.Expr {
	e, err := promql.ParseValue(text, "an expression of the value that has bounds, such as `time() - last_success_timestamp_seconds`")
	f.add(err, path)
	return f.grouped(e, path)
}

// grouped refuses an expression without the labels by which the SLO is grouped.
func (f *finder) grouped(e promql.Expr, path []string) promql.Expr {
	for _, label := range f.groupBy {
		if e != nil && !promql.Keeps(e, label) {
			f.drops(label, path)
		}
	}
	return e
}

func (f *finder) drops(label string, path []string) {
	f.add(&promql.Error{
		Message: "the expression drops the label " + label + ", by which the SLO is grouped",
		Hint:    "keep it in each aggregation, as in `sum by (" + strings.Join(f.groupBy, ", ") + ") (…)`",
	}, path)
}

// selector selects the counters of a metric that all matchers select.
func (f *finder) selector(kind, metric string, match []*promql.Matcher, more ...*promql.Matcher) *promql.Query {
	q, err := promql.FromSelector(metric, slices.Concat(match, more)...)
	f.add(err, []string{kind})
	return q
}

// matchers turns the spec's match into matchers, sorted by label.
func (f *finder) matchers(match map[string]string, kind string) []*promql.Matcher {
	if most := promql.Written.Matchers; len(match) > most {
		f.add(&promql.Error{Message: fmt.Sprintf("match has %d labels, and may have at most %d", len(match), most)}, []string{kind, "match"})
		return nil
	}
	var out []*promql.Matcher
	for _, label := range sortedKeys(match) {
		op, value := labels.MatchEqual, match[label]
		for _, prefix := range []labels.MatchType{labels.MatchRegexp, labels.MatchNotEqual, labels.MatchNotRegexp} {
			if rest, ok := strings.CutPrefix(value, prefix.String()); ok {
				op, value = prefix, rest
			}
		}
		if op == labels.MatchRegexp || op == labels.MatchNotRegexp {
			if err := promql.CheckRegexp(value); err != nil {
				err.Offset = len(op.String())
				f.add(err, []string{kind, "match", label})
				continue
			}
		}
		m, err := labels.NewMatcher(op, label, value)
		if err != nil {
			message := "regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
			f.add(&promql.Error{Offset: len(op.String()), Message: message}, []string{kind, "match", label})
			continue
		}
		out = append(out, m)
	}
	return out
}

func (f *finder) add(err *promql.Error, path []string) {
	if err == nil {
		return
	}
	f.findings = append(f.findings, diag.Finding{
		ID:         diag.PromQL,
		Pos:        f.source.In(err.Offset, slices.Concat(f.path, path)...),
		Message:    err.Message,
		Suggestion: err.Hint,
	})
}
