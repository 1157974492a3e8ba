package rules

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
)

// reading says which events are read from the raw series: those of a time that ends
// now or, for a tile, with the newest slot of the clock.
type reading struct {
	slo    plan.SLO
	length time.Duration
	tile   bool
}

// window is the range of raw counters. It is longer than the time, so that tiles that
// follow each other add up without a gap.
func (r reading) window() time.Duration { return r.length + r.slo.Overlap() }

// at evaluates what is read from raw series at the time of the reading. For a tile
// the result is the same at all times until the next slot ends.
func (r reading) at(e promql.Expr) promql.Expr {
	if !r.tile {
		return e
	}
	return atSlot(e, r.length)
}

// atSlot evaluates an expression at the end of the newest slot of the clock.
func atSlot(e promql.Expr, length time.Duration) promql.Expr {
	return promql.Call("last_over_time", promql.Subquery(e, length, length))
}

// total counts all events per second. Time-based: the share of the time for which
// there is data, or how many instances there were on average.
func (r reading) total() promql.Expr {
	if m := r.slo.SLI.Moment; m != nil {
		count := "count_over_time"
		if m.Instances {
			count = "sum_over_time"
		}
		return r.at(r.counted(r.timeShare(count, m.All)))
	}
	return r.at(r.counted(r.rate(r.slo.SLI.Total)))
}

// rate counts events of counters per second. The increase of a counter belongs to the
// time between two samples, which on average is half a scrape interval before a tile.
func (r reading) rate(q *promql.Query) promql.Expr {
	rate := q.Rate(r.window(), r.slo.GroupBy...)
	if r.tile && r.slo.Settle > 0 {
		return promql.Shift(rate, -r.slo.Settle)
	}
	return rate
}

// bad counts bad events per second, where total counts all. Time-based: the share of
// the time that is bad, or how many instances were. Zero has a result where a counter that never counted is no
// failure, as there is no series of it.
func (r reading) bad(total, zero promql.Expr) promql.Expr {
	s := r.slo
	group := promql.On(s.GroupBy...)
	// The counter has no identity labels: without on(), `or` would keep both sides.
	orZero := func(e promql.Expr) promql.Expr {
		return promql.Op(e, parser.LOR, promql.Op(promql.Number(0), parser.MUL, zero), group)
	}
	switch {
	case s.SLI.Moment != nil:
		return r.at(r.counted(r.timeShare("sum_over_time", s.SLI.Moment.Bad)))
	case s.SLI.Bad != nil:
		bad := orZero(r.at(r.counted(r.rate(s.SLI.Bad))))
		if s.SLI.Retried { // an event may fail twice
			bad = promql.Op(promql.Op(bad, parser.LSS, total, group), parser.LOR, total, group)
		}
		return bad
	}
	// The total is read again: a ruler that stores what it records later would find that
	// of the evaluation before, and miss good events where traffic falls.
	good := r.good()
	switch {
	case s.SLI.GoodExists:
	case r.tile:
		good = promql.Op(good, parser.LOR, promql.Op(promql.Number(0), parser.MUL, r.rate(s.SLI.Total)), group)
	default:
		good = orZero(good)
	}
	return r.at(r.counted(promql.Op(r.rate(s.SLI.Total), parser.SUB, good, group)))
}

// good counts good events per second, below the threshold in force.
func (r reading) good() promql.Expr {
	s := r.slo
	if len(s.SLI.Buckets) == 0 {
		return r.rate(s.SLI.Good)
	}
	if r.tile {
		good := r.rate(s.SLI.Good)
		for _, change := range s.Schedule.Thresholds {
			i := slices.IndexFunc(s.SLI.Buckets, func(b sli.Bucket) bool { return b.Threshold.Base() == change.Value })
			changed := promql.Op(r.rate(s.SLI.Buckets[i].Good), parser.LAND, withinTimes(change.Times, inTile(s)), promql.On())
			good = promql.Op(changed, parser.LOR, good, promql.On())
		}
		return good
	}
	// Where the threshold changes within the time, events are judged by the higher one.
	threshold := promql.Call("max_over_time", promql.Range(s.Series(s.ThresholdName()), r.window()))
	var good []promql.Expr
	for _, b := range s.SLI.Buckets {
		inForce := promql.Op(threshold, parser.EQLC, promql.Number(b.Threshold.Base()))
		good = append(good, promql.Op(r.rate(b.Good), parser.LAND, inForce, promql.On()))
	}
	return promql.Join(parser.LOR, good)
}

// counted makes a rate zero where any of its events are excluded, and takes away an
// hour, which then is summed from shorter tiles.
func (r reading) counted(rate promql.Expr) promql.Expr {
	if !r.slo.Schedule.Excludes() {
		return rate
	}
	var excluded promql.Expr = r.slo.Series(plan.ExcludedBool)
	switch {
	case r.tile && r.length > plan.BaseWindow:
		return promql.Op(rate, parser.LUNLESS, excludes(r.slo, ofTile(r.slo), r.window()-time.Second), promql.On())
	case r.tile:
		excluded = excludedAt(r.slo, ofTile(r.slo), r.window()-time.Second)
	}
	return promql.Op(rate, parser.MUL, promql.Op(promql.Number(1), parser.SUB, excluded), promql.OnLeft())
}

// timeShare samples e over the time and returns the share of it that f counts.
func (r reading) timeShare(f string, e promql.Expr) promql.Expr {
	length := r.length
	if r.tile {
		length = promql.JustUnder(length)
	}
	samples := promql.Call(f, promql.Subquery(e, length, r.slo.SLI.Step))
	return promql.Op(samples, parser.DIV, promql.Number(float64(r.length/r.slo.SLI.Step)))
}

// notNegative makes zero of less. More good events than all there were in a time: they
// began before it. So only what a whole window has counted is cut off, never its tiles.
func notNegative(slo plan.SLO, bad promql.Expr) promql.Expr {
	if !slo.SLI.Subtracts {
		return bad
	}
	return promql.Call("clamp_min", bad, promql.Number(0))
}

// totalRate counts all events per second over a window that ends now.
func totalRate(s plan.SLO, window time.Duration) promql.Expr {
	if s.TilesOnly && window > plan.BaseWindow {
		return meanRate(s, plan.TotalEvents, window)
	}
	return reading{slo: s, length: window}.total()
}

// badRate counts bad events per second over a window that ends now, fewer than 0 where good
// ones began before. The total over the same window must be recorded before.
func badRate(s plan.SLO, window time.Duration) promql.Expr {
	if s.TilesOnly && window > plan.BaseWindow {
		return meanRate(s, plan.BadEvents, window)
	}
	total := s.Series(plan.TotalEvents.Rate(window))
	return reading{slo: s, length: window}.bad(total, total)
}

// allowedRate is how many events per second the objective allows to be bad over a
// window that ends now. The total over the same window must be recorded before. Where
// the objective changes within 5 minutes, they are judged by the lowest: the rate
// cannot tell on which side of the change its events were.
func allowedRate(s plan.SLO, window time.Duration) promql.Expr {
	total := s.Series(plan.TotalEvents.Rate(window))
	switch {
	case window == plan.BaseWindow:
		lowest := promql.Call("min_over_time", promql.Range(s.Series(plan.ObjectiveRatio), window+s.Overlap()))
		return promql.Op(total, parser.MUL, budgetOf(lowest), promql.OnLeft(s.Label(plan.LabelID)))
	case s.TilesOnly:
		return meanRate(s, plan.AllowedEvents, window)
	}
	sum := func(rate5m string) promql.Expr {
		return promql.Call("sum_over_time", promql.Range(s.Series(rate5m), window-plan.BaseWindow))
	}
	allowed := promql.Op(sum(plan.AllowedRate5m), parser.DIV, positive(sum(plan.TotalRate5m)))
	return promql.Op(total, parser.MUL, allowed)
}

func budgetOf(objective promql.Expr) promql.Expr {
	return promql.Op(promql.Number(1), parser.SUB, objective)
}

// meanRate is the mean of the 5-minute rates of a window. One that is missing counts
// as zero.
func meanRate(s plan.SLO, events plan.Events, window time.Duration) promql.Expr {
	sum := promql.Call("sum_over_time", promql.Subquery(s.Series(events.Rate(plan.BaseWindow)), window, plan.BaseWindow))
	return promql.Op(sum, parser.DIV, promql.Number(float64(window/plan.BaseWindow)))
}

// rawSums records the events of the period from the raw counters.
func rawSums(slo plan.SLO) chain {
	r := reading{slo: slo, length: slo.Period}
	total := promql.Op(slo.Over(plan.TotalSum, slo.Period), parser.DIV, promql.Number(slo.Period.Seconds()))
	return chain{
		record(slo, plan.TotalSum, times(r.total(), slo.Period.Seconds()), slo.Period),
		record(slo, plan.BadSum, notNegative(slo, times(r.bad(total, total), slo.Period.Seconds())), slo.Period),
	}
}
