package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/chart"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
)

// text prints a chart, and what fired.
func (t backtested) text(out io.Writer) error {
	slo := t.of.planned()
	fmt.Fprintf(out, "%s: %s over %s, replayed from %s to %s UTC; there are data of %s of it\n",
		t.of, slo.ObjectiveText(" %"), slo.PeriodText(), t.from.UTC().Format(minutes), t.to.UTC().Format(minutes), percent(t.coverage))
	if t.coverage == 0 {
		return nil
	}
	c := t.chart()
	fmt.Fprintf(out, "\nBad events over time, and when alerts fire. A column is %s.\n\n", plan.Duration(c.Column()))
	if err := c.Write(out); err != nil {
		return err
	}
	fmt.Fprintln(out)
	if len(t.now.budget) > 0 {
		fmt.Fprintf(out, "%s\n\n", legend)
	}
	if t.other != "" && t.hasBefore {
		fmt.Fprintf(out, "Alerts of this version (of %s further below)\n", t.other)
	}
	if err := t.now.text(out, slo); err != nil {
		return err
	}
	switch {
	case t.hasBefore:
		fmt.Fprintf(out, "\nAlerts of %s\n", t.other)
		return t.before.text(out, slo)
	case t.other != "":
		fmt.Fprintf(out, "\n%s has no such SLO.\n", t.other)
	}
	return nil
}

func (r replayed) text(out io.Writer, slo plan.SLO) error {
	if len(r.firings) > 0 {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "SEVERITY\tFIRED AT (UTC)\tFOR\tBAD EVENTS\tALERT")
		for _, f := range r.firings {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", shownSeverity(f.severity), f.from.UTC().Format(minutes), f.length(), r.amounts(slo, f), f.name())
		}
		if err := w.Flush(); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(out, "No alert fired.")
	}
	for _, b := range []struct {
		name string
		all  []budgets
	}{{"Budget", r.budget}, {"Agreed", r.agreed}} {
		if len(b.all) > 0 {
			low := lowest(b.all)
			fmt.Fprintf(out, "%s: %s left in the end; the least was %s, on %s\n", b.name, percent(last(b.all).remaining), percent(low.remaining), low.at.Format(time.DateOnly))
		}
	}
	if r.corrected > 0 {
		fmt.Fprintf(out, "        %s do not count after the fact (corrections); rules know nothing of that\n", plan.RoundDuration(r.corrected))
	}
	return nil
}

// amounts are the bad events of an alert, and how many of them corrections leave.
func (r replayed) amounts(slo plan.SLO, f firing) string {
	if r.corrected == 0 {
		return amount(slo, f.bad)
	}
	return amount(slo, f.bad) + ", agreed " + amount(slo, f.agreed)
}

// name is the alert and its group.
func (f firing) name() string {
	if f.group == "" {
		return workspace.Printable(f.alert)
	}
	return workspace.Printable(f.alert + " (" + f.group + ")")
}

func (f firing) length() string {
	if f.to.IsZero() {
		return "until now"
	}
	return plan.RoundDuration(f.to.Sub(f.from))
}

// chart shows the bad events, and rows of pages and tickets.
func (t backtested) chart() chart.Chart {
	c := chart.Chart{To: t.to.Sub(t.from), MinColumn: time.Hour, Ratio: t.ratio}
	rows := func(r replayed, suffix string) {
		for _, severity := range []string{string(plan.Page), string(plan.Ticket)} {
			c.Rows = append(c.Rows, chart.Row{Name: severity + suffix, Mark: func(from, to time.Duration) rune {
				fires := func(f firing) bool {
					return f.severity == severity && f.from.Before(t.from.Add(to)) && (f.to.IsZero() || f.to.After(t.from.Add(from)))
				}
				if slices.ContainsFunc(r.firings, fires) {
					return '█'
				}
				return '·'
			}})
		}
	}
	budget := func(r replayed, suffix string) {
		if len(r.budget) > 0 {
			c.Rows = append(c.Rows, chart.Row{Name: "budget" + suffix, Mark: func(_, to time.Duration) rune { return r.level(t.from.Add(to)) }})
		}
	}
	rows(t.now, "")
	budget(t.now, "")
	if t.hasBefore {
		rows(t.before, " other")
		budget(t.before, " other")
	}
	return c
}

const legend = "█ the whole budget, ▁ next to nothing left, × more spent than there was"

// level is what was left of the budget at a time, as a block: full is the whole budget, and
// a cross that more was spent than there was.
func (r replayed) level(at time.Time) rune {
	left := r.budget[0].remaining
	for _, b := range r.budget {
		if b.at.After(at) {
			break
		}
		left = b.remaining
	}
	if left <= 0 {
		return '×'
	}
	blocks := []rune("▁▂▃▄▅▆▇█")
	return blocks[min(len(blocks)-1, int(left*float64(len(blocks))))]
}

// course is what was left of the budget at the end of each week, or of each day of a time
// that is shorter than a month.
func (r replayed) course(from, to time.Time) string {
	step := day
	if to.Sub(from) > 31*day {
		step = 7 * day
	}
	var b strings.Builder
	for at := from.Add(step); !at.After(to); at = at.Add(step) {
		b.WriteRune(r.level(at))
	}
	return b.String()
}

// backtestMarkdown prints a table of all SLOs, and what fired in each version.
func backtestMarkdown(out io.Writer, tests []backtested) error {
	var b strings.Builder
	first := tests[0]
	fmt.Fprintf(&b, "Alerts replayed from %s to %s UTC", first.from.UTC().Format(minutes), first.to.UTC().Format(minutes))
	if first.other != "" {
		fmt.Fprintf(&b, "; behind → those of this version, before it those of %s", markdown.Text(first.other))
	}
	b.WriteString(".\n\n| SLO | pages | tickets | budget over time | least budget left | budget left now | measured |\n|---|---|---|---|---|---|---|\n")
	for _, t := range tests {
		versions := []replayed{t.now}
		if t.hasBefore {
			versions = []replayed{t.before, t.now}
		}
		cell := func(f func(replayed) string) string {
			var parts []string
			for _, v := range versions {
				parts = append(parts, f(v))
			}
			return strings.Join(parts, " → ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", markdown.Text(t.of.String()),
			cell(func(r replayed) string { return fmt.Sprint(r.of(string(plan.Page))) }),
			cell(func(r replayed) string { return fmt.Sprint(r.of(string(plan.Ticket))) }),
			cell(func(r replayed) string {
				if len(r.budget) == 0 {
					return "?"
				}
				return r.course(t.from, t.to)
			}),
			cell(func(r replayed) string { return r.share(lowest) }),
			cell(func(r replayed) string { return r.share(last) }),
			percent(t.coverage))
	}
	b.WriteString("\n" + legend + "\n")
	for _, t := range tests {
		t.now.markdown(&b, t, "")
		if t.hasBefore {
			t.before.markdown(&b, t, " of "+markdown.Text(t.other))
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// share is what was left of the budget at a time, as measured and as agreed.
func (r replayed) share(when func([]budgets) budgets) string {
	switch {
	case len(r.budget) == 0:
		return "?"
	case len(r.agreed) == 0:
		return percent(when(r.budget).remaining)
	}
	return percent(when(r.budget).remaining) + ", agreed " + percent(when(r.agreed).remaining)
}

func (r replayed) markdown(b *strings.Builder, t backtested, of string) {
	if len(r.firings) == 0 {
		return
	}
	fmt.Fprintf(b, "\n<details><summary>%s of %s%s</summary>\n\n| severity | fired at (UTC) | for | bad events | alert |\n|---|---|---|---|---|\n",
		count(len(r.firings), "alert"), markdown.Text(t.of.String()), of)
	for _, f := range r.firings {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", markdown.Text(shownSeverity(f.severity)), f.from.UTC().Format(minutes), f.length(), r.amounts(t.of.planned(), f), markdown.Text(f.name()))
	}
	b.WriteString("\n</details>\n")
}
