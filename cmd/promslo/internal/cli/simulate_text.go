package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/chart"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/schema/model"
)

// text prints a chart, and for each time of errors what fired and what it cost.
func (o simulateOptions) text(out io.Writer, s plan.Service, r simulate.Report) error {
	slo := s.SLOs[0]
	f := newFacts(slo, r)
	fmt.Fprintf(out, "%s: %s %% over %s; %s\n", f.SLO, plan.Number(100*f.Objective), slo.PeriodText(), o.setting(slo))
	c := o.chart(s, r)
	fmt.Fprintf(out, "\nBad events over time, and when alerts fire. A column is %s; errors begin at 0.\n\n", plan.Duration(c.Column()))
	if err := c.Write(out); err != nil {
		return err
	}
	if slices.ContainsFunc(r.Alerts, func(a simulate.Alert) bool { return len(a.Pending) > 0 }) {
		fmt.Fprintln(out, "\n█ firing, ░ pending")
	}
	for _, i := range f.Incidents {
		if err := i.text(out, slo); err != nil {
			return err
		}
	}
	return nil
}

// setting says what was played, and to which rules.
func (o simulateOptions) setting(slo plan.SLO) string {
	setting := strings.Replace(o.traffic.String(), "/", " events/", 1)
	switch {
	case o.trace != "":
		setting = "events of " + filepath.ToSlash(o.trace)
	case slo.TimeBased:
		setting = "sampled every " + plan.Duration(slo.SLI.Step)
	}
	if o.rules != "" {
		setting += "; rules of " + filepath.ToSlash(o.rules)
	}
	return setting
}

// chart shows the errors and the alerts by severity, and a little before and after.
func (o simulateOptions) chart(s plan.Service, r simulate.Report) chart.Chart {
	zero, end := r.Incidents[0].From, r.Watched.To
	if !o.fixedLength() {
		end = r.Over()
	}
	margin := (end - zero) / 20
	c := chart.Chart{
		From:      max(r.Watched.From, zero-margin) - zero,
		To:        min(r.Watched.To, end+margin) - zero,
		MinColumn: s.Evaluation,
		Ratio: func(from, to time.Duration) float64 {
			total, bad := r.Counts.Between(zero+from, zero+to)
			return float64(bad) / float64(max(total, 1))
		},
	}
	for _, severity := range severities(r.Alerts, s.Severities) {
		c.Rows = append(c.Rows, chart.Row{Name: shownSeverity(severity), Mark: func(from, to time.Duration) rune {
			mark := '·'
			for _, a := range r.Alerts {
				switch {
				case a.Severity != severity:
				case overlap(a.Firing, zero+from, zero+to):
					return '█'
				case overlap(a.Pending, zero+from, zero+to):
					mark = '░'
				}
			}
			return mark
		}})
	}
	return c
}

// severities lists those of all alerts, pages and tickets first.
func severities(alerts []simulate.Alert, of model.Severities) []string {
	var out []string
	for _, a := range alerts {
		if !slices.Contains(out, a.Severity) {
			out = append(out, a.Severity)
		}
	}
	// The last one most; rules of others may have other names.
	urgent := []string{string(plan.Ticket), string(plan.Page), of.Ticket, of.Page}
	slices.SortStableFunc(out, func(a, b string) int { return slices.Index(urgent, b) - slices.Index(urgent, a) })
	return out
}

// shownSeverity is the name of a severity, which a rule file may have made up.
func shownSeverity(severity string) string {
	return workspace.Printable(cmp.Or(severity, "alert"))
}

func overlap(spans []simulate.Span, from, to time.Duration) bool {
	return slices.ContainsFunc(spans, func(s simulate.Span) bool { return s.From < to && from < s.To })
}

// text prints what was bad, what it cost and who was told.
func (i incidentFacts) text(out io.Writer, slo plan.SLO) error {
	noun := " events"
	if slo.TimeBased {
		noun = ""
	}
	fmt.Fprintf(out, "\nErrors  %s of %s%s bad (%s) in %s, %s into the simulation\n",
		amount(slo, i.BadEvents), amount(slo, i.TotalEvents), noun, percent(i.BadEvents/max(i.TotalEvents, 1)), i.End-i.Start, i.Start)
	period := "in " + slo.PeriodText()
	if slo.Calendar != "" || time.Duration(i.Budget.Settled) < slo.Period {
		period = "so far"
	}
	fmt.Fprintf(out, "Budget  %s may be bad %s: %s lost", amount(slo, i.Budget.AllowedEvents), period, percent(i.Budget.Lost))
	if i.Budget.Before != nil && i.Budget.After != nil {
		fmt.Fprintf(out, "; %s before, %s after", percent(*i.Budget.Before), percent(*i.Budget.After))
	}
	fmt.Fprint(out, "\n\n")

	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SEVERITY\tFIRES\tRESETS\tIN THE SIMULATION\tALERT")
	for _, a := range i.Alerts {
		fires, resets, offsets := "never", "", ""
		if a.Fires != nil {
			fires, resets, offsets = relative(*a.Fires), "not by the end", fmt.Sprintf("from %s on", a.FiresAt)
		}
		if a.Resets != nil {
			resets, offsets = relative(*a.Resets), fmt.Sprintf("%s to %s", a.FiresAt, a.ResetsAt)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", shownSeverity(a.Severity), fires, resets, offsets, workspace.Printable(a.Alert))
	}
	return t.Flush()
}

// relative is a time since errors began.
func relative(s seconds) string {
	if s < 0 {
		return fmt.Sprintf("%s before", -s)
	}
	return fmt.Sprintf("after %s", s)
}

// amount is a number of events, or a time.
func amount(slo plan.SLO, events float64) string {
	switch {
	case slo.TimeBased:
		return plan.RoundDuration(time.Duration(events * float64(time.Second)))
	case events < 100:
		return plan.Number(math.Round(10*events) / 10)
	default:
		return plan.Number(math.Round(events))
	}
}

// percent has one decimal, or two digits where it is next to nothing.
func percent(ratio float64) string {
	p := 100 * ratio
	if math.Abs(p) >= 1 {
		return plan.Number(math.Round(10*p)/10) + " %"
	}
	return strconv.FormatFloat(p, 'g', 2, 64) + " %"
}
