package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// ownPairs replaces the pairs of each severity for which the alerting of an SLO has
// windows. Those that the SLO itself has must fit it. Those of its tier or of the project
// are adapted as the workbook's are, and are wrong only if none is left.
func ownPairs(pairs []Pair, omitted []string, slo model.SLO, planned SLO) ([]Pair, []string, []diag.Finding) {
	var findings []diag.Finding
	for _, own := range []struct {
		severity Severity
		windows  []model.BurnWindows
	}{{Page, slo.Alerting.Windows.Page}, {Ticket, slo.Alerting.Windows.Ticket}} {
		if len(own.windows) == 0 {
			continue
		}
		pairs = slices.DeleteFunc(pairs, func(p Pair) bool { return p.Severity == own.severity })
		omitted = slices.DeleteFunc(omitted, func(o string) bool { return strings.HasPrefix(o, string(own.severity)+" ") })
		var made []Pair
		var left []string
		for _, w := range own.windows {
			p, wrong := ownPair(own.severity, w, planned)
			itsOwn := w.Pos.File == planned.Pos.File
			switch {
			case wrong != "" && itsOwn:
				findings = append(findings, badWindows(planned, w.Pos, wrong))
			case wrong != "":
				left = append(left, fmt.Sprintf("%s %s×/%s: %s", own.severity, Number(p.Factor), Duration(p.Long), wrong))
			default:
				if len(p.Adapted) > 0 && itsOwn {
					findings = append(findings, badWindows(planned, w.Pos, p.Adapted[0]))
				}
				made = append(made, p)
			}
		}
		slices.SortStableFunc(made, func(a, b Pair) int { return int(a.Long - b.Long) })
		made, implied := dropImplied(made, nil)
		if len(made) == 0 && len(findings) == 0 {
			findings = append(findings, badWindows(planned, own.windows[0].Pos, "no "+string(own.severity)+" is left: "+left[0]))
		}
		at := 0
		if own.severity == Ticket {
			at = len(pairs)
		}
		pairs, omitted = slices.Insert(pairs, at, made...), slices.Concat(omitted, left, implied)
	}
	return pairs, omitted, findings
}

func badWindows(s SLO, pos diag.Pos, what string) diag.Finding {
	suggestion := "change or remove the windows"
	if pos.File != s.Pos.File {
		suggestion = "give the SLO `alerting.windows` of its own"
	}
	return diag.Finding{ID: diag.ImpossibleWindows, Pos: pos, Message: s.FullName() + ": " + what, Suggestion: suggestion}
}

// ownPair returns the pair of some windows, or why there can be none. The pair is adapted
// where its factor cannot be reached or a window is too short for the scrapes.
func ownPair(severity Severity, w model.BurnWindows, s SLO) (p Pair, wrong string) {
	p = Pair{Severity: severity, Factor: w.Factor, Long: w.Long, Short: w.Short, For: w.For}
	if p.Short == 0 {
		p.Short = max(BaseWindow, (p.Long / 12).Truncate(BaseWindow))
		if p.Short > model.Day {
			p.Short = p.Short.Truncate(time.Hour)
		}
	}
	if p.Factor == 0 {
		p.Factor = Round(w.Budget / 100 * s.Period.Seconds() / p.Long.Seconds())
	}
	if floor := ShortestWindow(s.Scrape); p.Short < floor {
		shortest := ceilTo(floor, BaseWindow)
		p.Adapted = append(p.Adapted, fmt.Sprintf("a window of %s is too short for scrapes every %s: %s is the least", Duration(p.Short), Duration(s.Scrape), Duration(shortest)))
		if w.Short == 0 && p.Long >= shortest { // nobody asked for it
			p.Adapted = nil
		}
		p.Short, p.Long = shortest, max(p.Long, shortest)
	}
	if highest := Round(1 / s.Budget); p.Factor > Round(maxBurnShare*highest) {
		p.Adapted = append(p.Adapted, fmt.Sprintf("a factor of %s cannot be reached for sure: a total outage burns at %s×, and %s is the most", Number(p.Factor), Number(highest), Number(Round(maxBurnShare*highest))))
		p.Factor = Round(maxBurnShare * highest)
	}
	p.Share = Round(p.Factor * p.Long.Seconds() / s.Period.Seconds())
	switch {
	case p.Long > s.Period:
		return p, fmt.Sprintf("the window of %s is longer than the SLO's, %s", Duration(p.Long), Duration(s.Period))
	case p.Share >= 1:
		return p, fmt.Sprintf("the whole budget of %s would be spent before %s× over %s fires", Duration(s.Period), Number(p.Factor), Duration(p.Long))
	case severity == Page && p.Factor <= 1, p.Factor < 1:
		return p, fmt.Sprintf("%s× over %s is a burn rate within the budget", Number(p.Factor), Duration(p.Long))
	}
	return p, ""
}

// ceilTo rounds d up to a multiple of a unit.
func ceilTo(d, unit time.Duration) time.Duration { return (d + unit - 1) / unit * unit }
