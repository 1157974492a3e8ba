package plan

import (
	"fmt"
	"math"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Pair is one multi-window burn-rate condition: an alert of its severity fires
// while the burn rate exceeds Factor over both Long and Short.
type Pair struct {
	Severity Severity
	Factor   float64 // burn rate, a multiple of the rate that spends the budget exactly at the period's end
	Long     time.Duration
	Short    time.Duration
	For      time.Duration // how long it must burn so before the alert fires, the same for all pairs of a severity
	Share    float64       // share of the period's budget that is spent when the pair fires: Factor × Long / period
	Adapted  []string      // how and why the pair differs from the workbook's, as text
}

const (
	week = 7 * model.Day
	year = 365 * model.Day

	// reference is the period for which the workbook gives its windows.
	reference = 30 * model.Day
	// maxBurnShare is the highest factor, as a ratio of the burn rate of a total
	// outage.
	maxBurnShare = 0.9
	// BaseWindow is the range of the finest recorded tile.
	BaseWindow = 5 * time.Minute
)

// workbook holds the pairs of the Site Reliability Workbook, chapter 5,
// "Alerting on SLOs", table 5-8, for 30 days.
var workbook = []Pair{
	{Severity: Page, Factor: 14.4, Long: time.Hour},
	{Severity: Page, Factor: 6, Long: 6 * time.Hour},
	{Severity: Ticket, Factor: 3, Long: model.Day},
	{Severity: Ticket, Factor: 1, Long: 3 * model.Day},
}

// ladder holds the lengths that a window may have, in ascending order.
var ladder = []time.Duration{
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, model.Day, 3 * model.Day,
}

// Pairs returns the alert conditions for an error budget (a ratio above 0 and
// below 0.9) over a period (1 h to 1 y), pages first, and what was left out and
// why. Below 30 days windows scale with the period; above, they stay.
func Pairs(budget float64, period, scrape time.Duration) (pairs []Pair, omitted []string) {
	for i, ref := range workbook {
		p := adaptPair(ref, budget, period, scrape)
		last := i+1 == len(workbook) || workbook[i+1].Severity != ref.Severity
		alone := len(pairs) == 0 || pairs[len(pairs)-1].Severity != ref.Severity
		switch {
		case p.Share >= 1 && last && alone:
			// One pair of each severity remains: it fires just before the budget is spent.
			p.Factor = Round(maxBurnShare * period.Seconds() / p.Long.Seconds())
			p.Share = maxBurnShare
			p.Adapted = append(p.Adapted, fmt.Sprintf("factor %s → %s: the whole budget would be spent first", Number(ref.Factor), Number(p.Factor)))
			pairs = append(pairs, p)
		case p.Share >= 1:
			omitted = append(omitted, fmt.Sprintf("%s %s×/%s: would fire only after the whole budget of %s is spent",
				p.Severity, Number(ref.Factor), Duration(p.Long), Duration(period)))
		case p.Severity == Page && p.Factor <= 1:
			omitted = append(omitted, fmt.Sprintf("%s %s×/%s: a burn rate of 1 or less is within the budget",
				p.Severity, Number(p.Factor), Duration(p.Long)))
		default:
			pairs = append(pairs, p)
		}
	}
	return dropImplied(pairs, omitted)
}

// adaptPair adapts a pair of the workbook to the budget, the period and the scrape interval.
func adaptPair(ref Pair, budget float64, period, scrape time.Duration) Pair {
	p := ref
	if highest := 1 / budget; p.Factor > Round(maxBurnShare*highest) {
		p.Factor = Round(maxBurnShare * highest)
		p.Adapted = append(p.Adapted, fmt.Sprintf("factor %s → %s: a total outage burns at %s×",
			Number(ref.Factor), Number(p.Factor), Number(Round(highest))))
	}
	floor := ShortestWindow(scrape)
	scale := min(1, period.Seconds()/reference.Seconds())
	p.Long = snapToLadder(time.Duration(float64(ref.Long)*scale), floor)
	p.Short = snapToLadder(p.Long/12, floor)
	if p.Long != ref.Long {
		p.Adapted = append(p.Adapted, fmt.Sprintf("window %s → %s: the period is %s",
			Duration(ref.Long), Duration(p.Long), Duration(period)))
	}
	p.Share = Round(p.Factor * p.Long.Seconds() / period.Seconds())
	return p
}

// ShortestWindow is the shortest window of an alert: at least a tile and four
// scrapes, so that a lost scrape does not matter.
func ShortestWindow(scrape time.Duration) time.Duration { return max(BaseWindow, 4*scrape) }

// snapToLadder returns the rung of the ladder nearest to d by ratio, at least floor.
func snapToLadder(d, floor time.Duration) time.Duration {
	best, distance := time.Duration(0), math.Inf(1)
	for _, rung := range ladder {
		if rung < floor {
			continue
		}
		if off := math.Abs(math.Log(d.Seconds() / rung.Seconds())); off < distance {
			best, distance = rung, off
		}
	}
	return best
}

// dropImplied leaves out pairs that never fire first: of one severity, a pair
// with the factor of an earlier, shorter one, and a pair with the windows of a
// later, more sensitive one.
func dropImplied(pairs []Pair, omitted []string) ([]Pair, []string) {
	var kept []Pair
	for i, p := range pairs {
		reason := ""
		for j, q := range pairs {
			switch {
			case p.Severity != q.Severity:
			case j < i && q.Factor == p.Factor:
				reason = fmt.Sprintf("%s× over %s fires first", Number(q.Factor), Duration(q.Long))
			case j > i && q.Long == p.Long && q.Short == p.Short && q.Factor < p.Factor:
				reason = fmt.Sprintf("%s× over the same windows fires first", Number(q.Factor))
			}
		}
		if reason == "" {
			kept = append(kept, p)
			continue
		}
		omitted = append(omitted, fmt.Sprintf("%s %s×/%s: %s", p.Severity, Number(p.Factor), Duration(p.Long), reason))
	}
	return kept, omitted
}
