package contract

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
)

// A week is drawn in half hours, a line for each day.
const half = 30 * time.Minute

// The signs of a half hour: the usual objective, a change within the half hour, and
// one for each other target, as far as they go.
const (
	usual   = '·'
	mixed   = '~'
	other   = '#'
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// weeks draws the targets of an SLO through the week, a grid for each time zone.
func weeks(slo plan.SLO) []string {
	var out []string
	for _, clock := range slo.Schedule.Clocks {
		if g := newGrid(slo, clock); len(g.promises) > 0 {
			out = append(out, markdown.Block("text", g.String()))
		}
	}
	return out
}

// grid is a week on the clock of a time zone.
type grid struct {
	slo      plan.SLO
	clock    plan.Clock
	cells    [7][48]rune
	promises []plan.Target // other than the usual one, in the order of their signs
	mixed    bool
}

func newGrid(slo plan.SLO, clock plan.Clock) *grid {
	g := &grid{slo: slo, clock: clock}
	for day := range g.cells {
		for i := range g.cells[day] {
			g.cells[day][i] = g.sign(time.Duration(day)*24*time.Hour + time.Duration(i)*half)
		}
	}
	return g
}

// sign returns the sign of a half hour.
func (g *grid) sign(at time.Duration) rune {
	first := g.slo.TargetAt(g.clock, at)
	sign := g.signOf(first)
	for later := at + 5*time.Minute; later < at+half; later += 5 * time.Minute {
		if p := g.slo.TargetAt(g.clock, later); p != first {
			g.signOf(p)
			g.mixed, sign = true, mixed
		}
	}
	return sign
}

func (g *grid) signOf(p plan.Target) rune {
	if p == (plan.Target{Objective: g.slo.Objective, Threshold: g.slo.SLI.Threshold.Base()}) {
		return usual
	}
	i := slices.Index(g.promises, p)
	if i < 0 {
		i = len(g.promises)
		g.promises = append(g.promises, p)
	}
	if i >= len(letters) {
		return other
	}
	return rune(letters[i])
}

// String returns the grid with a header of hours.
func (g *grid) String() string {
	var b strings.Builder
	b.WriteString("    ")
	for hour := range 24 {
		fmt.Fprintf(&b, " %02d", hour)
	}
	for day, cells := range g.cells {
		fmt.Fprintf(&b, "\n%.3s ", ((time.Monday + time.Weekday(day)) % 7).String())
		for hour := range 24 {
			fmt.Fprintf(&b, " %c%c", cells[2*hour], cells[2*hour+1])
		}
	}
	fmt.Fprintf(&b, "\n\n%c %s", usual, g.text(plan.Target{Objective: g.slo.Objective, Threshold: g.slo.SLI.Threshold.Base()}))
	for i, p := range g.promises[:min(len(g.promises), len(letters))] {
		fmt.Fprintf(&b, "\n%c %s", letters[i], g.text(p))
	}
	if len(g.promises) > len(letters) {
		fmt.Fprintf(&b, "\n%c another promise", other)
	}
	if g.mixed {
		fmt.Fprintf(&b, "\n%c changes within the half hour", mixed)
	}
	fmt.Fprintf(&b, "\nTimes are those of %s; a sign stands for half an hour.", g.clock.Timezone)
	return b.String()
}

// text formats a target for a line of a code block.
func (g *grid) text(p plan.Target) string {
	if p.Excluded != "" {
		return "nothing counts: " + markdown.Line(p.Excluded)
	}
	text := plan.Number(100*p.Objective) + " %"
	if p.Threshold != 0 {
		text += " within " + g.slo.ThresholdText(p.Threshold)
	}
	return text
}
