package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
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
		labels[slo.Label(plan.LabelWindow)] = slo.WindowLabel(window)
	}
	return rulefmt.Rule{Record: name, Expr: promql.String(e), Labels: labels}
}

// stateChain records objective and metadata of the spec, for dashboards and joins.
func stateChain(s plan.Service, slo plan.SLO) chain {
	info := record(slo, plan.Info, promql.Call("vector", promql.Number(1)), 0)
	maps.Copy(info.Labels, InfoLabels(s, slo))
	period := record(slo, plan.PeriodSeconds, promql.Call("vector", promql.Number(slo.Period.Seconds())), 0)
	if slo.ObjectiveVaries() {
		return chain{period, info}
	}
	return chain{record(slo, plan.ObjectiveRatio, promql.Call("vector", promql.Number(slo.Objective)), 0), period, info}
}

// InfoLabels returns the labels of slo:info without those of the identity.
func InfoLabels(s plan.Service, slo plan.SLO) map[string]string {
	labels := map[string]string{
		"objective":              plan.Number(100 * slo.Objective),
		"window":                 slo.WindowLabel(slo.Period),
		s.Label(plan.LabelTier):  s.Tier,
		s.Label(plan.LabelOwner): s.Owner,

		plan.LabelDashboard:        slo.Page(),
		plan.LabelServiceDashboard: s.Pages.Service(s.Name),
	}
	if slo.Description != "" {
		hash := sha256.Sum256([]byte(slo.Description))
		labels["description_hash"] = hex.EncodeToString(hash[:4])
	}
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" })
	return labels
}

// scheduleChain records the state of the schedule.
func scheduleChain(s plan.Service, slo plan.SLO) chain {
	var c chain
	if slo.ObjectiveVaries() {
		c = append(c, record(slo, plan.ObjectiveRatio, objectiveAt(slo, now(slo)), 0))
	}
	if len(slo.Schedule.Thresholds) > 0 {
		c = append(c, record(slo, slo.ThresholdName(), thresholdAt(slo, now(slo)), 0))
	}
	if slo.Schedule.Excludes() {
		// Rates are evaluated up to one interval later, at a phase of their own.
		c = append(c, record(slo, plan.ExcludedBool, excludedAt(slo, after(slo, s.Evaluation), plan.BaseWindow+slo.Overlap()+s.Evaluation), 0))
	}
	return c
}

// clocks records the offsets of the wall clocks that the schedules of a service need.
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
				Record: plan.UTCOffset,
				Expr:   promql.String(utcOffset(clock)),
				Labels: map[string]string{slo.Label(plan.LabelService): s.Name, slo.Label(plan.LabelTimezone): clock.Timezone},
			})
		}
	}
	return c
}

// sumRate adds up the tiles of a window that exist. A subquery is evaluated at
// absolute multiples of its step, so tiles never overlap.
func sumRate(slo plan.SLO, events plan.Events, window time.Duration) promql.Expr {
	length := slo.TileLength(window)
	tile := tiles(slo, events, length)
	if window == slo.Period {
		tile = periodTiles(slo, events)
	}
	switch {
	case slo.Calendar != "" && window == slo.Period:
		// Nothing has been counted yet when a period begins.
		none := promql.Op(promql.Number(0), parser.MUL, slo.Series(events.Rate(plan.BaseWindow)))
		return promql.Op(inPeriod(slo, tile), parser.LOR, none)
	case slo.SumsMissed() && window == slo.Period && (events == plan.BadEvents || events == plan.TotalEvents):
		hourly := promql.Subquery(promql.LastInSlot(slo.Series(events.Missed()), time.Hour), window, time.Hour)
		missed := times(promql.Call("sum_over_time", hourly), float64(time.Hour/length))
		none := promql.Op(promql.Number(0), parser.MUL, slo.Series(events.Rate(time.Hour)))
		sum := promql.Call("sum_over_time", promql.Subquery(tile, window, length))
		return promql.Op(sum, parser.ADD, promql.Op(missed, parser.LOR, none))
	}
	return promql.Call("sum_over_time", promql.Subquery(tile, window, length))
}

// sum counts the events of a window (time-based: seconds).
func sum(slo plan.SLO, events plan.Events, window time.Duration) promql.Expr {
	return toEvents(slo, sumRate(slo, events, window), window)
}

// toEvents turns a sum of rates over tiles into a count.
func toEvents(slo plan.SLO, sum promql.Expr, window time.Duration) promql.Expr {
	return times(sum, slo.TileLength(window).Seconds())
}

// allowedSum is how many events of the period the objective allows to be bad.
func allowedSum(slo plan.SLO) promql.Expr {
	total := slo.Over(plan.TotalSum, slo.Period)
	if !readsAllowed(slo) {
		return times(total, slo.Budget)
	}
	sums := func(events plan.Events) promql.Expr { return sum(slo, events, slo.Period) }
	return allowedOf(slo, total, sums, promql.IgnoringLeft(slo.Label(plan.LabelWindow)))
}

// allowedOf is how many of some events the objective allows to be bad: what the usual one
// allows, and by how much more or less a schedule does while it is recorded.
func allowedOf(slo plan.SLO, total promql.Expr, sum func(plan.Events) promql.Expr, across ...promql.Matching) promql.Expr {
	more := promql.Op(sum(plan.AllowedEvents), parser.SUB, times(sum(plan.ScheduledEvents), slo.UsualBudget))
	scheduled := promql.Op(times(total, slo.UsualBudget), parser.ADD, more, across...)
	return promql.Op(scheduled, parser.LOR, times(total, slo.UsualBudget))
}

// readsAllowed reports whether the budget looks for events that a schedule allowed. Also
// without a schedule it does: one that was removed held as long as it was in force. Of
// a short or a calendar period, which are soon over, that would cost too much.
func readsAllowed(slo plan.SLO) bool {
	return slo.ObjectiveVaries() || slo.Tile != plan.BaseWindow && slo.Calendar == "" && !slo.RawWindow
}

// burnRate is Σ bad / Σ allowed, absent without traffic.
func burnRate(slo plan.SLO, window time.Duration) promql.Expr {
	if slo.ObjectiveVaries() {
		return badShare(slo, window, allowedOver(slo, window), 1)
	}
	return badShare(slo, window, rateOver(slo, plan.TotalEvents, window), slo.Budget)
}

// badRatio is Σ bad / Σ total, absent without traffic.
func badRatio(slo plan.SLO, window time.Duration) promql.Expr {
	return badShare(slo, window, rateOver(slo, plan.TotalEvents, window), 1)
}

// badShare divides the bad events of a window by a share of others, which are given as a
// rate or a sum of rates. A count of them that is recorded need not be made again.
func badShare(slo plan.SLO, window time.Duration, of promql.Expr, share float64) promql.Expr {
	bad := rateOver(slo, plan.BadEvents, window)
	var across []promql.Matching
	if slices.Contains(slo.SumWindows(), window) && !slo.HasRate(window) {
		bad, of = slo.Over(plan.BadSum, window), toEvents(slo, of, window)
		across = append(across, promql.Ignoring(slo.Label(plan.LabelWindow)))
	} else {
		bad = notNegative(slo, bad)
	}
	if share != 1 {
		of = times(of, share)
	}
	return promql.Op(bad, parser.DIV, positive(of), across...)
}

// allowedOver is what the objective allows over a window. Tiles that were recorded before
// there was a schedule have no allowed events.
func allowedOver(slo plan.SLO, window time.Duration) promql.Expr {
	over := func(events plan.Events) promql.Expr { return rateOver(slo, events, window) }
	if slo.HasRate(window) || slo.Sliding(window) || slo.TileLength(window) == plan.BaseWindow && !slo.TilesOnly {
		return over(plan.AllowedEvents)
	}
	return allowedOf(slo, over(plan.TotalEvents), over)
}

// rateOver is a recorded rate over a window, or a sum of such rates. Only a ratio
// of two of them means something.
func rateOver(slo plan.SLO, events plan.Events, window time.Duration) promql.Expr {
	switch {
	case slo.HasRate(window):
		// Raw, as derived windows lag by a tile: these decide how fast a page is.
		return slo.Series(events.Rate(window))
	case slo.Sliding(window):
		return promql.Call("sum_over_time", promql.Range(slo.Series(events.Rate(plan.BaseWindow)), window-plan.BaseWindow))
	}
	return sumRate(slo, events, window)
}

// sliRatio is 1 − Σ bad / Σ total over the period, absent without traffic.
func sliRatio(slo plan.SLO) promql.Expr {
	ratio := promql.Op(slo.Over(plan.BadSum, slo.Period), parser.DIV, positive(slo.Over(plan.TotalSum, slo.Period)))
	return promql.Op(promql.Number(1), parser.SUB, ratio)
}

// budgetRemaining is 1 − Σ bad / Σ allowed over the period, and 1 without traffic. If
// there is traffic but no count of bad events, it is absent.
func budgetRemaining(slo plan.SLO) promql.Expr {
	allowed := allowedSum(slo)
	if slo.ObjectiveVaries() {
		allowed = slo.Over(plan.AllowedSum, slo.Period)
	}
	spent := promql.Op(slo.Over(plan.BadSum, slo.Period), parser.DIV, positive(allowed))
	idle := promql.Op(slo.Over(plan.TotalSum, slo.Period), parser.EQLC, promql.Number(0))
	return promql.Op(promql.Number(1), parser.SUB, promql.MaxWithout(promql.Op(spent, parser.LOR, idle), slo.Label(plan.LabelWindow)))
}

// coverage is the share of the period's tiles that there are.
func coverage(slo plan.SLO) promql.Expr {
	n := promql.Call("count_over_time", promql.Subquery(periodTiles(slo, plan.TotalEvents), slo.Period, slo.Tile))
	return promql.Op(n, parser.DIV, promql.Number(float64(slo.Period/slo.Tile)))
}

// budgetProjected is the period's budget in events if traffic goes on as it was. It
// averages where counts sum: a sum would be small for a young SLO, and its
// pages would find that a share of it is soon spent. Of a schedule it takes the
// objective in force: a lax weekend must not silence the days that are strict.
func budgetProjected(slo plan.SLO) promql.Expr {
	if !slo.RecordsProjected() {
		total := promql.Op(slo.Over(plan.TotalSum, slo.Period), parser.DIV, slo.Series(plan.Coverage), promql.Ignoring(slo.Label(plan.LabelWindow)))
		return timesBudgetNow(slo, total)
	}
	all := promql.Subquery(tiles(slo, plan.TotalEvents, slo.Tile), slo.Period, slo.Tile)
	return timesBudgetNow(slo, times(promql.Call("avg_over_time", all), slo.Period.Seconds()))
}

// timesBudgetNow multiplies by 1 − the objective in force.
func timesBudgetNow(slo plan.SLO, e promql.Expr) promql.Expr {
	if slo.ObjectiveVaries() {
		return promql.Op(e, parser.MUL, budgetOf(slo.Series(plan.ObjectiveRatio)), promql.OnLeft(slo.Label(plan.LabelID)))
	}
	return times(e, slo.Budget)
}

func times(e promql.Expr, factor float64) promql.Expr {
	return promql.Op(e, parser.MUL, promql.Number(factor))
}

func positive(e promql.Expr) promql.Expr {
	return promql.Op(e, parser.GTR, promql.Number(0))
}
