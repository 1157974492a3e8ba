package breaking

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// The defaults of package plan: of time-based SLIs as many scrapes must fail.
const (
	defaultMinFailures    = 3
	defaultMinBudgetSpent = 0.5
	defaultConfidence     = 99
)

// alertBlunted reports alerts that ask for more before they fire.
func alertBlunted(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.Alerting, p.after.slo.Alerting
		blunted := func(before, after, message string, of func(model.Alerting) any, path ...string) {
			report(change{
				pos:     c.origin(p, func(t model.Tier) any { return of(t.Alerting) }, append([]string{"alerting"}, path...)...),
				subject: p.after.name(), before: before, after: after, impact: c.impact(p, ""),
				message:    fmt.Sprintf("the alerts of %s fire later or not at all: %s", p.after.name(), message),
				suggestion: "agree on it with those who rely on the promise, or lower the promise itself",
			})
		}
		if before, after := c.minFailures(c.before, p.before.slo), c.minFailures(c.after, p.after.slo); after > before && is.MinFailures != nil {
			what := "bad events"
			if p.after.slo.SLI.CountsTime() {
				what = "bad seconds"
			}
			blunted(words.Number(before), words.Number(after), fmt.Sprintf("they ask for %s %s, and asked for %s", words.Number(after), what, words.Number(before)),
				func(a model.Alerting) any { return a.MinFailures }, "minFailures")
		}
		if before, after := valueOr(was.MinBudgetSpent, defaultMinBudgetSpent), valueOr(is.MinBudgetSpent, defaultMinBudgetSpent); after > before {
			blunted(words.Number(before), words.Number(after), fmt.Sprintf("a page asks for a share of %s of its budget to be spent, and asked for %s", words.Number(after), words.Number(before)),
				func(a model.Alerting) any { return a.MinBudgetSpent }, "minBudgetSpent")
		}
		if before, after := valueOr(was.Confidence, defaultConfidence), valueOr(is.Confidence, defaultConfidence); after > before && !p.after.slo.SLI.CountsTime() {
			blunted(words.Number(before), words.Number(after), fmt.Sprintf("they ask to be %s %% sure, and asked for %s %%", words.Number(after), words.Number(before)),
				func(a model.Alerting) any { return a.Confidence }, "confidence")
		}
		for _, own := range []struct {
			severity string
			disabled bool
			of       func(model.Alerting) []model.BurnWindows
		}{
			{"page", was.Page.Disabled || is.Page.Disabled, func(a model.Alerting) []model.BurnWindows { return a.Windows.Page }},
			{"ticket", was.Ticket.Disabled || is.Ticket.Disabled, func(a model.Alerting) []model.BurnWindows { return a.Windows.Ticket }},
		} {
			before, after := own.of(was), own.of(is)
			if own.disabled || windowsText(before) == windowsText(after) || asSharp(before, p.before.slo.Window, after, p.after.slo.Window) {
				continue
			}
			blunted(windowsText(before), windowsText(after), fmt.Sprintf("a %s goes by %s, and went by %s", own.severity, windowsText(after), windowsText(before)),
				func(a model.Alerting) any { return windowsText(own.of(a)) }, "windows", own.severity)
		}
		if is.Exhaustion < was.Exhaustion && !was.Ticket.Disabled {
			message := fmt.Sprintf("that the budget ends is told %s before, and was told %s before", words.Duration(is.Exhaustion), words.Duration(was.Exhaustion))
			if is.Exhaustion == 0 {
				message = "nobody is told any more that the budget ends, which was told " + words.Duration(was.Exhaustion) + " before"
			}
			blunted(words.Duration(was.Exhaustion), words.Duration(is.Exhaustion), message, func(a model.Alerting) any { return a.Exhaustion }, "exhaustion")
		}
		if before, after := noData(was), noData(is); slices.Index(noDataLevels, after) < slices.Index(noDataLevels, before) {
			blunted(string(before), string(after), fmt.Sprintf("that metrics are gone is %s, and was %s", noDataText[after], noDataText[before]),
				func(a model.Alerting) any { return a.NoData }, "noData", "severity")
		}
		if is.NoDataAfter > was.NoDataAfter && noData(is) != model.NoDataOff {
			before := "the default"
			if was.NoDataAfter != 0 {
				before = words.Duration(was.NoDataAfter)
			}
			blunted(before, words.Duration(is.NoDataAfter), fmt.Sprintf("metrics must be gone for %s, and %s before", words.Duration(is.NoDataAfter), before),
				func(a model.Alerting) any { return a.NoDataAfter }, "noData", "after")
		}
	}
}

// minFailures returns how many bad events, or bad seconds, the alerts of an SLO ask for.
func (c *comparison) minFailures(v Version, slo model.SLO) float64 {
	if m := slo.Alerting.MinFailures; m != nil {
		return *m
	}
	if slo.SLI.CountsTime() {
		return defaultMinFailures * v.scrape(slo).Seconds()
	}
	return defaultMinFailures
}

// windowsText lists burn windows as specs write them.
func windowsText(windows []model.BurnWindows) string {
	if len(windows) == 0 {
		return "the windows of the SRE workbook"
	}
	var out []string
	for _, w := range windows {
		text := words.Duration(w.Long)
		if w.Short != 0 {
			text += "/" + words.Duration(w.Short)
		}
		if w.Factor != 0 {
			text += " at factor " + words.Number(w.Factor)
		} else {
			text += " at " + words.Number(w.Budget) + " % of the budget"
		}
		if w.For != 0 {
			text += " for " + words.Duration(w.For)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// asSharp reports whether each of some burn windows has one among others that fires as
// soon. Those of the workbook, which are adapted to the SLO, are not compared.
func asSharp(before []model.BurnWindows, periodBefore time.Duration, after []model.BurnWindows, periodAfter time.Duration) bool {
	for _, was := range before {
		if !slices.ContainsFunc(after, func(is model.BurnWindows) bool {
			return is.Long <= was.Long && is.Short == was.Short && is.For <= was.For && factorOf(is, periodAfter) <= factorOf(was, periodBefore)+1e-9
		}) {
			return false
		}
	}
	return len(before) > 0
}

// factorOf is the burn rate that burn windows ask for.
func factorOf(w model.BurnWindows, period time.Duration) float64 {
	if w.Factor != 0 {
		return w.Factor
	}
	return w.Budget / 100 * period.Seconds() / w.Long.Seconds()
}

func valueOr(x *float64, otherwise float64) float64 {
	if x == nil {
		return otherwise
	}
	return *x
}

var noDataLevels = []model.NoData{model.NoDataOff, model.NoDataTicket, model.NoDataPage}

var noDataText = map[model.NoData]string{model.NoDataOff: "no alert", model.NoDataTicket: "a ticket", model.NoDataPage: "a page"}

func noData(a model.Alerting) model.NoData {
	switch {
	case a.NoData != "":
		return a.NoData
	case a.Ticket.Disabled:
		return model.NoDataOff
	}
	return model.NoDataTicket
}
