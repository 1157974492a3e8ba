package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// record makes a recording rule with the identity labels; a window of 0 adds no slo_window.
func record(slo plan.SLO, name string, e promql.Expr, window time.Duration) rulefmt.Rule {
	labels := slo.Identity()
	if window != 0 {
		labels[plan.LabelWindow] = slo.WindowLabel(window)
	}
	return rulefmt.Rule{Record: name, Expr: promql.String(e), Labels: labels}
}

// stateChain records objective and metadata of the spec, for dashboards and joins.
func stateChain(s plan.Service, slo plan.SLO) chain {
	info := record(slo, plan.Info, promql.Call("vector", promql.Number(1)), 0)
	maps.Copy(info.Labels, InfoLabels(s, slo))
	if slo.ObjectiveVaries() {
		return chain{info}
	}
	return chain{record(slo, plan.ObjectiveRatio, promql.Call("vector", promql.Number(slo.Objective)), 0), info}
}

// InfoLabels returns the labels of slo:info without those of the identity.
func InfoLabels(s plan.Service, slo plan.SLO) map[string]string {
	labels := map[string]string{
		"objective": plan.Number(100 * slo.Objective),
		"window":    slo.WindowLabel(slo.Period),
		"tier":      s.Tier,
		"owner":     s.Owner,
	}
	if slo.Description != "" {
		hash := sha256.Sum256([]byte(slo.Description))
		labels["description_hash"] = hex.EncodeToString(hash[:4])
	}
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
	return labels
}

// scheduleChain records the state of the schedule.
func scheduleChain(slo plan.SLO) chain {
	var c chain
	if slo.ObjectiveVaries() {
		c = append(c, record(slo, plan.ObjectiveRatio, objectiveNow(slo), 0))
	}
	if len(slo.Schedule.Thresholds) > 0 {
		c = append(c, record(slo, plan.LatencyThreshold, thresholdNow(slo), 0))
	}
	if slo.Schedule.Excludes() {
		c = append(c, record(slo, plan.ExcludedBool, excludedNow(slo), 0))
	}
	if slo.Calendar != "" {
		c = append(c, record(slo, plan.CalendarPeriod, calendarPeriod(slo), 0))
	}
	return c
}

// clocks records the wall clocks that the schedules of a service need.
func clocks(s plan.Service) chain {
	var c chain
	seen := map[string]bool{}
	for _, slo := range s.SLOs {
		for _, clock := range slo.Schedule.Clocks {
			if seen[clock.Timezone] {
				continue
			}
			seen[clock.Timezone] = true
			c = append(c, rulefmt.Rule{
				Record: plan.LocalTime,
				Expr:   promql.String(wallClock(clock)),
				Labels: map[string]string{plan.LabelService: s.Name, plan.LabelTimezone: clock.Timezone},
			})
		}
	}
	return c
}

// sumRate adds up a recorded rate over the tiles of a window that exist. A subquery
// is evaluated at absolute multiples of its step, so tiles never overlap.
func sumRate(slo plan.SLO, rate5m, rate1h string, window time.Duration) promql.Expr {
	step := slo.TileLength(window)
	rate := slo.Rate(rate5m, rate1h, step)
	if slo.Calendar == "" || window != slo.Period {
		return promql.Call("sum_over_time", promql.Subquery(rate, window, step))
	}
	inPeriod := promql.Call("sum_over_time", promql.Subquery(inPeriod(slo, rate), window, step))
	// Nothing has been counted yet when a period begins.
	return promql.Op(inPeriod, parser.LOR, promql.Op(promql.Number(0), parser.MUL, slo.Series(rate5m)))
}

// toEvents turns a sum of rates into a count of events (time-based: seconds).
func toEvents(slo plan.SLO, sum promql.Expr, window time.Duration) promql.Expr {
	return times(sum, slo.TileLength(window).Seconds())
}

// rawSums records the events of the period from the raw counters.
func rawSums(s plan.Service, slo plan.SLO) chain {
	seconds := slo.Period.Seconds()
	return chain{
		record(slo, plan.TotalSum, times(totalRate(slo, slo.Period, s.Scrape), seconds), slo.Period),
		record(slo, plan.BadSum, times(rawBadRate(slo, s.Scrape), seconds), slo.Period),
	}
}

func badSum(slo plan.SLO, window time.Duration) promql.Expr {
	return toEvents(slo, sumRate(slo, plan.BadRate5m, plan.BadRate1h, window), window)
}

func allowedSum(slo plan.SLO, window time.Duration) promql.Expr {
	return toEvents(slo, sumRate(slo, plan.AllowedRate5m, plan.AllowedRate1h, window), window)
}

func totalSum(slo plan.SLO, window time.Duration) promql.Expr {
	return toEvents(slo, sumRate(slo, plan.TotalRate5m, plan.TotalRate1h, window), window)
}

// burnRate is Σ bad / Σ allowed, absent without traffic.
func burnRate(slo plan.SLO, window time.Duration) promql.Expr {
	b := rateOver(slo, plan.BadRate5m, plan.BadRate1h, window)
	if slo.ObjectiveVaries() {
		return promql.Op(b, parser.DIV, positive(rateOver(slo, plan.AllowedRate5m, plan.AllowedRate1h, window)))
	}
	n := rateOver(slo, plan.TotalRate5m, plan.TotalRate1h, window)
	return promql.Op(b, parser.DIV, positive(times(n, slo.Budget)))
}

// badRatio is Σ bad / Σ total, absent without traffic.
func badRatio(slo plan.SLO, window time.Duration) promql.Expr {
	b := rateOver(slo, plan.BadRate5m, plan.BadRate1h, window)
	return promql.Op(b, parser.DIV, positive(rateOver(slo, plan.TotalRate5m, plan.TotalRate1h, window)))
}

// rateOver is a recorded rate over a window, or a sum of such rates. Only a ratio
// of two of them means something.
func rateOver(slo plan.SLO, rate5m, rate1h string, window time.Duration) promql.Expr {
	switch {
	case slo.Lag(window) == 0:
		// Raw, as derived windows lag by a tile: these two decide how fast a page is.
		return slo.Rate(rate5m, rate1h, window)
	case slo.Sliding(window):
		return promql.Call("sum_over_time", promql.Range(slo.Series(rate5m), window-5*time.Minute))
	}
	return sumRate(slo, rate5m, rate1h, window)
}

// sliRatio is 1 − Σ bad / Σ total over the period, absent without traffic.
func sliRatio(slo plan.SLO) promql.Expr {
	ratio := promql.Op(slo.Over(plan.BadSum, slo.Period), parser.DIV, positive(slo.Over(plan.TotalSum, slo.Period)))
	return promql.Op(promql.Number(1), parser.SUB, ratio)
}

// budgetRemaining is 1 − Σ bad / Σ allowed over the period, and 1 without traffic. If
// there is traffic but no count of bad events, it is absent.
func budgetRemaining(slo plan.SLO) promql.Expr {
	n := slo.Over(plan.TotalSum, slo.Period)
	allowed := times(n, slo.Budget)
	if slo.ObjectiveVaries() {
		allowed = slo.Over(plan.AllowedSum, slo.Period)
	}
	spent := promql.Op(slo.Over(plan.BadSum, slo.Period), parser.DIV, positive(allowed))
	idle := promql.Op(n, parser.EQLC, promql.Number(0))
	return promql.Op(promql.Number(1), parser.SUB, promql.MaxWithout(plan.LabelWindow, promql.Op(spent, parser.LOR, idle)))
}

// budgetProjected is the period's budget in events if traffic goes on as it was. It
// averages where counts sum: a sum would be small for a young SLO, and its
// pages would find that a share of it is soon spent. Of a schedule it takes the
// objective in force: a lax weekend must not silence the days that are strict.
func budgetProjected(slo plan.SLO) promql.Expr {
	rate := slo.Rate(plan.TotalRate5m, plan.TotalRate1h, slo.Tile)
	e := times(promql.Call("avg_over_time", promql.Subquery(rate, slo.Period, slo.Tile)), slo.Period.Seconds())
	if slo.ObjectiveVaries() {
		budget := promql.Op(promql.Number(1), parser.SUB, slo.Series(plan.ObjectiveRatio))
		return promql.Op(e, parser.MUL, budget, promql.OnLeft(plan.LabelID))
	}
	return times(e, slo.Budget)
}

func times(e promql.Expr, factor float64) promql.Expr {
	return promql.Op(e, parser.MUL, promql.Number(factor))
}

func positive(e promql.Expr) promql.Expr {
	return promql.Op(e, parser.GTR, promql.Number(0))
}
