package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
)

// hoursOfColumn is how many hours stand in a column of the week.
const hoursOfColumn = 3

// text prints what was kept, and what fits.
func (b baseline) text(out io.Writer) error {
	slo := b.of.planned()
	if b.Spec == "" {
		fmt.Fprintf(out, "%s: %s over %s in the spec\n\n", b.SLO, slo.ObjectiveText(" %"), slo.PeriodText())
	} else {
		fmt.Fprintf(out, "%s\n\n", b.SLO)
	}
	if len(b.slots) == 0 {
		fmt.Fprintln(out, "The server has no data of it in the last 90 days.")
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "THE LAST\tGOOD\tBAD EVENTS\tEVENTS\tMEASURED")
	for _, k := range b.Kept {
		good := "?"
		if k.Coverage > 0 {
			good = goodPercent(k.Good)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", count(k.Days, "day"), good, amount(slo, k.BadEvents), amount(slo, k.TotalEvents), percent(k.Coverage))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nGood events by weekday and hour (UTC) in the last 28 days; · is all, - is no event")
	t = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for h := 0; h < 24; h += hoursOfColumn {
		fmt.Fprintf(t, "\t%d–%d", h, h+hoursOfColumn)
	}
	fmt.Fprintln(t, "\tDAY")
	for d := range 7 {
		var all odds.Sum
		fmt.Fprint(t, b.Week[24*d].Day)
		for h := 0; h < 24; h += hoursOfColumn {
			var s odds.Sum
			for _, hour := range b.Week[24*d+h : 24*d+h+hoursOfColumn] {
				s.Total += hour.TotalEvents
				s.Bad += hour.BadEvents
			}
			all.Total += s.Total
			all.Bad += s.Bad
			fmt.Fprintf(t, "\t%s", cell(s))
		}
		fmt.Fprintf(t, "\t%s\n", cell(all))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(b.Latencies) > 0 {
		fmt.Fprintln(out, "\nRequests up to each of these, in the unit of the histogram, in the last 28 days")
		t = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, l := range b.Latencies {
			fmt.Fprintf(t, "%s\t%s\n", l.UpTo, goodPercent(l.Good))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "\n"+b.advice())
	if b.Spec != "" {
		fmt.Fprint(out, "\n"+b.Spec)
	}
	return nil
}

// cell is the share of good events, short.
func cell(s odds.Sum) string {
	switch {
	case s.Total == 0:
		return "-"
	case s.Bad <= 0:
		return "·"
	}
	return strings.TrimSuffix(goodPercent(s.Good()), " %")
}

// advice says which objective fits, one rung at a time.
func (b baseline) advice() string {
	days := count(len(odds.Days(b.slots)), "day")
	switch {
	case b.Rung == 0 && b.Sure:
		return fmt.Sprintf("No objective of the ladder has odds of 90 %% over %s: begin below %s %%, and repair what breaks it.", b.Window, plan.Number(b.Ladder[0]))
	case b.Rung == 0:
		return fmt.Sprintf("No objective of the ladder was kept in all of the %s.", days)
	case b.Sure:
		return fmt.Sprintf("%s %% over %s fits: the highest objective of the ladder with odds of at least 90 %%, after %s.", plan.Number(b.Rung), b.Window, days)
	}
	return fmt.Sprintf("%s %% is the highest objective of the ladder that was always kept, in %s of history: no promise before there are %d.", plan.Number(b.Rung), days, odds.MinDays)
}
