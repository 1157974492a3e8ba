package rules

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// totalRate counts all events per second over a tile of 5 minutes or 1 hour.
// Time-based: the share of the tile for which there is data.
//
// Raw ranges are longer than the tile by one scrape interval. Rate misses the
// increase between the last sample of a tile and the first of the next; with
// the longer range tiles that follow each other add up without a gap.
func totalRate(s plan.SLO, tile, scrape time.Duration) promql.Expr {
	switch {
	case s.HourFromTiles && tile == time.Hour:
		return hourlyMean(s, plan.TotalRate5m)
	case s.SLI.Up != nil:
		return zeroWhileExcluded(s, timeShare(s, "count_over_time", s.SLI.Up, tile))
	}
	return zeroWhileExcluded(s, s.SLI.Total.Rate(tile+scrape, s.GroupBy...))
}

// hourlyMean is the mean of a recorded rate over the 5-minute tiles of an hour. A
// tile that is missing counts as zero.
func hourlyMean(s plan.SLO, rate5m string) promql.Expr {
	sum := promql.Call("sum_over_time", promql.Subquery(s.Series(rate5m), time.Hour, plan.BaseWindow))
	return promql.Op(sum, parser.DIV, promql.Number(float64(time.Hour/plan.BaseWindow)))
}

// zeroWhileExcluded makes a rate zero while events are excluded.
func zeroWhileExcluded(s plan.SLO, rate promql.Expr) promql.Expr {
	if !s.Schedule.Excludes() {
		return rate
	}
	counts := promql.Op(promql.Number(1), parser.SUB, s.Series(plan.ExcludedBool))
	return promql.Op(rate, parser.MUL, counts, promql.OnLeft())
}

// allowedRate is how many events per second the current objective allows to be
// bad over a tile. The total over the same tile must be recorded before.
func allowedRate(s plan.SLO, tile time.Duration) promql.Expr {
	var objective promql.Expr = s.Series(plan.ObjectiveRatio)
	switch {
	case s.HourFromTiles && tile == time.Hour:
		return hourlyMean(s, plan.AllowedRate5m)
	case tile == time.Hour:
		objective = promql.Call("avg_over_time", promql.Subquery(objective, time.Hour, plan.BaseWindow))
	}
	budget := promql.Op(promql.Number(1), parser.SUB, objective)
	return promql.Op(s.Rate(plan.TotalRate5m, plan.TotalRate1h, tile), parser.MUL, budget, promql.OnLeft(plan.LabelID))
}

// badRate counts bad events per second over a tile of 5 minutes or 1 hour.
// Time-based: the share of the tile that is down. The total over the same tile
// must be recorded before.
func badRate(s plan.SLO, tile, scrape time.Duration) promql.Expr {
	return badRateOf(s, s.Rate(plan.TotalRate5m, plan.TotalRate1h, tile), tile, scrape)
}

// rawBadRate counts bad events per second over the period. TotalSum over the
// period must be recorded before.
func rawBadRate(s plan.SLO, scrape time.Duration) promql.Expr {
	total := promql.Op(s.Over(plan.TotalSum, s.Period), parser.DIV, promql.Number(s.Period.Seconds()))
	return badRateOf(s, total, s.Period, scrape)
}

// badRateOf counts bad events per second over a window, where total counts all.
func badRateOf(s plan.SLO, total promql.Expr, tile, scrape time.Duration) promql.Expr {
	// A counter that never counted has no series, and that is no failure. It
	// has no identity labels either: without on(), `or` would keep both sides.
	orZero := func(e promql.Expr) promql.Expr {
		return promql.Op(e, parser.LOR, promql.Op(promql.Number(0), parser.MUL, total), promql.On(s.GroupBy...))
	}
	switch {
	case s.HourFromTiles && tile == time.Hour:
		return hourlyMean(s, plan.BadRate5m)
	case s.SLI.Up != nil:
		down := promql.CompareBool(s.SLI.Up, parser.EQLC, promql.Number(0))
		return zeroWhileExcluded(s, timeShare(s, "sum_over_time", down, tile))
	case s.SLI.Bad != nil:
		bad := orZero(s.SLI.Bad.Rate(tile+scrape, s.GroupBy...))
		if s.SLI.Retried {
			// An event may fail twice.
			bad = promql.Op(promql.Op(bad, parser.LSS, total, promql.On(s.GroupBy...)), parser.LOR, total, promql.On(s.GroupBy...))
		}
		return zeroWhileExcluded(s, bad)
	case s.SLI.GoodExists:
		return nonNegative(promql.Op(total, parser.SUB, goodRate(s, tile+scrape), promql.On(s.GroupBy...)))
	default:
		return nonNegative(promql.Op(total, parser.SUB, orZero(s.SLI.Good.Rate(tile+scrape, s.GroupBy...)), promql.On(s.GroupBy...)))
	}
}

// goodRate counts good events per second, below the threshold in force.
func goodRate(s plan.SLO, window time.Duration) promql.Expr {
	if len(s.SLI.Buckets) == 0 {
		return s.SLI.Good.Rate(window, s.GroupBy...)
	}
	var good []promql.Expr
	for _, b := range s.SLI.Buckets {
		inForce := promql.Op(s.Series(plan.LatencyThreshold), parser.EQLC, promql.Number(b.Seconds))
		good = append(good, promql.Op(b.Good.Rate(window, s.GroupBy...), parser.LAND, inForce, promql.On()))
	}
	return promql.Join(parser.LOR, good)
}

// nonNegative removes the rounding noise below zero of a difference of rates.
func nonNegative(e promql.Expr) promql.Expr {
	return promql.Call("clamp_min", e, promql.Number(0))
}

// timeShare samples e over a tile and returns the share of the tile that f counts.
func timeShare(s plan.SLO, f string, e promql.Expr, tile time.Duration) promql.Expr {
	samples := promql.Call(f, promql.Subquery(e, tile, s.SLI.Step))
	return promql.Op(samples, parser.DIV, promql.Number(float64(tile/s.SLI.Step)))
}
