package review

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// Share formats a ratio as a percentage with one digit after the point.
func Share(ratio float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*ratio), ".0") + " %"
}

// Left formats what is left of a budget, rounded down: it never looks better than it is.
func Left(ratio float64) string {
	return plan.Number(math.Floor(plan.Round(1000*ratio))/10) + " %"
}

// Good formats a ratio of good events, rounded down to as many digits as objectives have.
func Good(ratio float64) string {
	return plan.Number(math.Floor(plan.Round(1e7*ratio))/1e5) + " %"
}

// Count formats a number of events.
func Count(n float64) string {
	text := fmt.Sprintf("%.0f", n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Amount formats hours, days or pages with one digit after the point.
func Amount(x float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") }

// Name is the SLO, and the group.
func (b Budget) Name() string {
	if b.Group == "" {
		return b.SLO
	}
	return b.SLO + " (" + b.Group + ")"
}

// Promise is what is promised: 99.9 % over 30d.
func (b Budget) Promise() string { return plan.Number(b.Objective) + " % over " + b.Window }

// Verdict says whether the objective was kept over the period.
func (b Budget) Verdict() string {
	if b.Kept {
		return "kept"
	}
	return "broken"
}

// Trend compares with the period before.
func (b Budget) Trend() string {
	if b.Before == nil {
		return "no period before"
	}
	switch change := b.Burnt - b.Before.Burnt; {
	case math.Abs(change) < 0.01:
		return "as before"
	case change > 0:
		return "+" + Share(change)
	default:
		return "−" + Share(-change)
	}
}

// Notes are what else there is to say of the budget.
func (b Budget) Notes() []string {
	var out []string
	if b.Corrections > 0 {
		out = append(out, fmt.Sprintf("burnt as measured %s, as agreed %s (%s)", Share(b.Measured), Share(b.Burnt), counted(b.Corrections, "correction")))
	}
	if b.Coverage < minCoverage {
		out = append(out, "only "+Share(b.Coverage)+" of the period was measured")
	}
	if b.Unspent {
		out = append(out, "hardly burnt: room for changes, or a promise that is too careful")
	}
	if b.Climb > 0 {
		out = append(out, plan.Number(b.Climb)+" % would have been kept in both periods with half of its budget left: the next rung")
	}
	return out
}

// Text says how the promise to customers did.
func (e External) Text() string {
	verdict := "kept"
	if !e.Kept {
		verdict = "broken"
		if e.Remedy != "" {
			verdict += ", remedy: " + e.Remedy
		}
	}
	return fmt.Sprintf("promised to %s: %s %%, %s with %s", e.Audience, plan.Number(e.Objective), verdict, Good(e.Good))
}

// Text says what became of a promise to customers in a period.
func (v Verdict) Text(e External) string {
	text := fmt.Sprintf("%s to %s UTC, promised to %s: %s with %s", v.From.Format(dateTime), v.To.Format(dateTime), e.Audience, v.State, Good(v.Good))
	if v.State == RemedyDue {
		text += ": " + e.Remedy
	}
	return text
}

const dateTime = "2006-01-02 15:04"

// Text says when an incident was and what it took.
func (i Incident) Text() string {
	return fmt.Sprintf("%s to %s UTC: %s bad, %s of the budget", i.From.Format("2006-01-02 15:04"), i.To.Format("15:04"), Count(i.Bad), Share(i.Share))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Period is the period of the review, by its dates.
func (r Review) Period() string {
	return r.From.Format("2006-01-02 15:04") + " to " + r.To.Format("2006-01-02 15:04 UTC")
}

// Days is the length of the period.
func (r Review) Days() string { return plan.Duration(r.To.Sub(r.From).Round(time.Hour)) }

// Headline sums the review up.
func (r Review) Headline() string {
	out := fmt.Sprintf("%d of %s broken in %s", r.Broken(), counted(len(r.Budgets), "promise"), r.Days())
	if len(r.Unknown) > 0 {
		out += fmt.Sprintf("; of %s nothing is known", counted(len(r.Unknown), "SLO"))
	}
	return out
}

// AllPages counts the pages of all SLOs, AllNightPages those at night.
func (r Review) AllPages() int { return sumOf(r.Teams, func(g Group) int { return g.Pages }) }
func (r Review) AllNightPages() int {
	return sumOf(r.Services, func(s Service) int { return s.NightPages })
}

// AllPageHours is how long all pages took.
func (r Review) AllPageHours() float64 {
	return sumOf(r.Teams, func(g Group) float64 { return g.Hours })
}

func sumOf[T any, N int | float64](all []T, of func(T) N) (out N) {
	for _, one := range all {
		out += of(one)
	}
	return out
}
