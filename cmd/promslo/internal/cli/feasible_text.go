package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
)

// text prints the answer of one SLO.
func (f feasibility) text(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	title := f.SLO
	if f.Group != "" {
		title += " " + workspace.Printable(f.Group)
	}
	fmt.Fprintf(t, "%s: can %s over %s be promised? %s\n\n", title, f.plan.ObjectiveText(" %"), f.Window, f.verdictText())
	if f.Days > 0 {
		fmt.Fprintf(t, "Odds\t%s that the next %s keep it: %s of history, weeks drawn again, and room for a day\n", f.Odds, plan.Duration(max(f.plan.Period, day)), count(f.Days, "day"))
		fmt.Fprint(t, "\tworse than any seen\n")
		fmt.Fprintf(t, "Measured\t%s of %s were good; there are data of %s of the time since %s\n",
			goodPercent(f.Good), f.events(), percent(f.Coverage), f.measured.Format(time.DateOnly))
		if f.Corrected > 0 {
			fmt.Fprintf(t, "Agreed\tcorrections leave out %s of that time\n", f.Corrected)
		}
		if f.Rolling.All > 0 {
			fmt.Fprintf(t, "Kept\tin %d of %d windows of %s so far\n", f.Rolling.Kept, f.Rolling.All, count(odds.WindowDays(f.plan.Period), "day"))
		}
	}
	label := "Breaks it"
	for _, i := range f.Incidents {
		fmt.Fprintf(t, "%s\t%s to %s UTC, %s bad: %s of the budget of %s\n", label,
			i.From.Format(minutes), shortEnd(i.From, i.To), amount(f.plan, i.BadEvents), percent(i.Budget), f.Window)
		label = ""
	}
	if d := f.Dependencies; d != nil {
		label = "Depends on"
		for _, p := range d.Providers {
			fmt.Fprintf(t, "%s\t%s\n", label, p)
			label = ""
		}
		fmt.Fprintf(t, "\tthey leave %s: odds of %s if nothing else failed\n", goodPercent(d.Good), d.Odds)
	}
	if a := f.Alerts; a != nil {
		fmt.Fprintf(t, "Alerts\t%s and %s in 30 days, replayed over %s\n", pluralDecimal(a.Pages, "page"), pluralDecimal(a.Tickets, "ticket"), days(time.Duration(a.Replayed)))
	}
	switch {
	case f.Days < odds.MinDays:
	case f.Rung > 0:
		fmt.Fprintf(t, "Rung\t%s %% over %s is the highest objective of the ladder with odds of at least 90 %%\n", plan.Number(f.Rung), f.Window)
	default:
		fmt.Fprintf(t, "Rung\tno objective of the ladder has odds of 90 %% over %s\n", f.Window)
	}
	return t.Flush()
}

// minutes is a date and a time of day.
const minutes = "2006-01-02 15:04"

// shortEnd is the end of a time, without the date of its beginning.
func shortEnd(from, to time.Time) string {
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return to.Format("15:04")
	}
	return to.Format(minutes)
}

func (f feasibility) verdictText() string {
	switch f.Verdict {
	case odds.Yes:
		return "Yes."
	case odds.No:
		return "No."
	}
	return "Nobody can tell: " + f.Why + "."
}

func (f feasibility) events() string {
	if f.plan.TimeBased {
		return amount(f.plan, f.TotalEvents)
	}
	return amount(f.plan, f.TotalEvents) + " events"
}

func (o oddsFacts) String() string {
	return fmt.Sprintf("%.0f %% (%.0f to %.0f %%)", 100*o.Mean, 100*o.Low, 100*o.High)
}

func (p providerFacts) String() string {
	switch {
	case !p.Measured && p.Good == 1:
		return workspace.Printable(p.Name) + ": promises nothing that is known here, and nobody has measured it; it is left out"
	case !p.Measured:
		return fmt.Sprintf("%s: %s by contract; nobody has measured it here", workspace.Printable(p.Name), goodPercent(p.Good))
	}
	return fmt.Sprintf("%s: %s were good, at the same hours", workspace.Printable(p.Name), goodPercent(p.Good))
}

// goodPercent keeps the digits that make a difference near 100 %.
func goodPercent(ratio float64) string {
	digits := 2
	for bad := 1 - ratio; bad > 0 && bad < 0.001 && digits < 5; bad *= 10 {
		digits++
	}
	text := strconv.FormatFloat(100*ratio, 'f', digits, 64)
	if strings.HasPrefix(text, "100") && ratio < 1 {
		return "nearly 100 %"
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + " %"
}

func pluralDecimal(n float64, noun string) string {
	text := strconv.FormatFloat(n, 'f', 1, 64)
	if text = strings.TrimSuffix(text, ".0"); text == "1" {
		return "1 " + noun
	}
	return text + " " + noun + "s"
}

func days(d time.Duration) string { return count(int(d.Round(day)/day), "day") }

// feasibleTable prints the answers of a project, what cannot be promised first.
func feasibleTable(out io.Writer, answers []feasibility) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "VERDICT\tODDS\tSLO\tPROMISE\tGOOD\tRUNG\tPROMISED TO")
	for _, f := range answers {
		odd, good, rung := "", "", ""
		if f.Days > 0 {
			odd, good = f.Odds.String(), goodPercent(f.Good)
		}
		if f.Rung > 0 {
			rung = plan.Number(f.Rung) + " %"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s over %s\t%s\t%s\t%s\n", f.Verdict, odd, f.SLO, f.plan.ObjectiveText(" %"), f.Window, good, rung, workspace.Printable(f.Audience))
	}
	return t.Flush()
}
