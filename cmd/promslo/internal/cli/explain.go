package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/words"
)

func newExplain(s streams) *cobra.Command {
	return &cobra.Command{
		Use:        "explain SLO|RULE [PATH…]",
		SuggestFor: []string{"show", "why"},
		Short:      "Explain the alerts of an SLO, or a rule of lint",
		Long: `Explain shows which burn-rate alerts an SLO gets: window pairs, factors, the
budget that is spent when they fire, how soon they fire when 100 %, 10 % or 1 % of
events fail, and what was adapted and why. SLO is service/slo.

Of a rule, which is the ID of a finding, it prints the page: what it means, a bad
example and the way out.`,
		Example: `  promslo explain users/availability
  promslo explain users/availability services/users
  promslo explain retention`,
		Args:              needs("an SLO or a rule of lint"),
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !strings.Contains(args[0], "/") {
				return explainRule(s.out, diag.ID(args[0]))
			}
			return runExplain(cmd.Context(), s, args[0], args[1:])
		},
	}
}

func runExplain(ctx context.Context, s streams, id string, paths []string) error {
	w, err := workspace.Open(ctx, s.env(), paths)
	if err != nil {
		return err
	}
	service, err := planSLO(ctx, s.out, w, id)
	if err != nil {
		return err
	}
	return printed(s.out, func(out io.Writer) error { return explain(out, service, service.SLOs[0]) })
}

// downtime formats how long all may be bad in the period of a time-based SLO, in the shortest
// of calendar periods, rounded down.
func downtime(slo plan.SLO) string {
	shortest := depend.Period{Window: slo.Period, Calendar: slo.Calendar}.Shortest()
	out := plan.AtMost(time.Duration(slo.Budget * float64(shortest)))
	if shortest != slo.Period {
		out += " of " + plan.Duration(shortest)
	}
	return out
}

// errorRatios are the failures for which explain tells how soon an alert fires.
var errorRatios = []float64{1, 0.1, 0.01}

func explain(out io.Writer, s plan.Service, slo plan.SLO) error {
	fmt.Fprintf(out, "%s: %s %% over %s", slo.FullName(), plan.Number(100*slo.Objective), slo.PeriodText())
	if slo.CountsInstances() {
		fmt.Fprintf(out, ", so all instances may be down for %s, or %s %% of them all the time\n\n", downtime(slo), plan.Number(100*slo.Budget))
	} else if slo.TimeBased {
		fmt.Fprintf(out, ", so it may be down for %s (%s %%)\n\n", downtime(slo), plan.Number(100*slo.Budget))
	} else {
		fmt.Fprintf(out, ", so %s %% of events may fail%s\n\n", plan.Number(100*slo.Budget), allowedAtTraffic(slo))
	}

	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ALERT\tWINDOWS\tFACTOR\tBUDGET SPENT\tAT 100 % ERRORS\tAT 10 %\tAT 1 %")
	for _, p := range slo.Pairs {
		fmt.Fprintf(t, "%s\t%s\t%s×\t%.3g %%", p.Severity, p.WindowsText(), plan.Number(p.Factor), 100*p.Share)
		for _, ratio := range errorRatios {
			fmt.Fprintf(t, "\t%s", slo.TimeToFireText(p, ratio))
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nTimes count from %s, after a long window without any; add up to\none scrape (%s) and one evaluation (%s).\n",
		timesFrom(slo), plan.Duration(slo.Scrape), plan.Duration(s.Evaluation))
	for _, note := range slices.Concat(slo.SLI.Composition(), exceptions(slo), notes(slo), prices(s, slo), accords(s, slo)) {
		fmt.Fprintf(out, "- %s\n", note)
	}
	return nil
}

// exceptions says what holds at other times, and what that means for alerts.
func exceptions(slo plan.SLO) []string {
	out := slo.ScheduleText()
	if slices.ContainsFunc(slo.Pairs, func(p plan.Pair) bool { return !slo.Reachable(p) }) {
		out = append(out, fmt.Sprintf("where a factor cannot be reached, a window counts as burning faster when more than %s %% of its events fail",
			plan.Number(100*plan.NearTotalOutage)))
	}
	return out
}

// notes says what differs from the workbook, and what else an alert asks for.
func notes(slo plan.SLO) []string {
	var out []string
	guarded := false
	for _, p := range slo.Pairs {
		for _, why := range p.Adapted {
			out = append(out, fmt.Sprintf("%s over %s: %s", p.Severity, plan.Duration(p.Long), why))
		}
		guarded = guarded || slo.NeedsBudgetSpent(p)
	}
	for _, p := range slo.Pairs {
		if !slo.FitsTraffic(p, 1) {
			out = append(out, fmt.Sprintf("%s over %s: at %s it can never fire, as %s bad events do not come within it", p.Severity, plan.Duration(p.Long), words.Rate(slo.Traffic), plan.Number(slo.NeededFailures(p))))
		}
	}
	for _, why := range slo.OmittedPairs {
		out = append(out, "left out: "+why)
	}
	if slo.MinFailures > 0 {
		what := "bad events"
		if slo.TimeBased {
			what = "seconds of downtime"
		}
		if slo.CountsInstances() {
			what += " of all instances together"
		}
		out = append(out, fmt.Sprintf("an alert asks for at least %s %s in its long window (alerting.minFailures)%s", plan.Number(slo.MinFailures), what, takesAtTraffic(slo)))
	}
	out = append(out, sureness(slo)...)
	if guarded {
		out = append(out, fmt.Sprintf("a page asks that more than %s %% of its budget share was really spent at average traffic, or that most events fail (alerting.minBudgetSpent)",
			plan.Number(100*slo.MinBudgetSpent)))
	}
	return out
}

// prices says what was chosen beyond the usual, and what it costs.
func prices(s plan.Service, slo plan.SLO) []string {
	var out []string
	if slo.RawWindow {
		out = append(out, fmt.Sprintf("the budget is right even where scrapes failed, as %s are read from raw counters (rawWindow): %d samples of each series every %s, where tiles are %d in all",
			plan.Duration(slo.Period), slo.Period/slo.Scrape, plan.Duration(s.SlowEvaluation), slo.Period/slo.Tile))
	}
	if slo.ScrapedSlowly() {
		out = append(out, fmt.Sprintf("samples come every %s (scrapeInterval): no alert looks at less than %s, and rates are those of %s more than their window",
			plan.Duration(slo.Scrape), plan.Duration(plan.ShortestWindow(slo.Scrape)), plan.Duration(slo.Overlap())))
	}
	if s.Offset > 0 {
		out = append(out, fmt.Sprintf("samples may arrive %s late (queryOffset): every alert comes and goes that much later; needs Prometheus 2.53, Thanos 0.38 or Mimir 2.13, and vmalert refuses it", plan.Duration(s.Offset)))
	}
	if slo.Exhaustion > 0 {
		out = append(out, "a ticket fires while "+slo.ExhaustionText()+" (alerting.exhaustion)")
	}
	for _, a := range slo.Alerts {
		if a.For() > 0 {
			out = append(out, fmt.Sprintf("a %s fires once its conditions have held for %s (for, in alerting.windows), which the times above count", a.Severity, plan.Duration(a.For())))
		}
	}
	var kept []string
	for _, a := range slo.Alerts {
		if a.KeepFiringFor > 0 {
			kept = append(kept, fmt.Sprintf("a %s %s", a.Severity, plan.Duration(a.KeepFiringFor)))
		}
	}
	if len(kept) > 0 {
		out = append(out, fmt.Sprintf("an alert that comes and goes is one (keepFiringFor): it stays after its cause is gone, %s", strings.Join(kept, " and ")))
	}
	if len(s.ExternalLabels) > 0 {
		out = append(out, fmt.Sprintf("alerts name the server by its external labels %s (externalLabels): free, but empty where a server does not set them", strings.Join(s.ExternalLabels, ", ")))
	}
	return out
}
