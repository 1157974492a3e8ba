package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// feasibleOptions are the flags of feasible.
type feasibleOptions struct {
	server    serverFlags
	objective float64       // percent; 0: that of the spec
	window    time.Duration // 0: that of the spec
	history   time.Duration
	all       bool
	format    report.Format
}

func newFeasible(s streams) *cobra.Command {
	o := feasibleOptions{format: report.Text, history: 90 * 24 * time.Hour}
	cmd := &cobra.Command{
		Use:   "feasible SLO [PATH…]",
		Short: "Can we promise it? The odds, from history and dependencies",
		Long: `Feasible asks a Prometheus how an SLO did, and says whether it can be promised: yes,
no, or nobody can tell. The odds that the next window keeps the objective come from
weeks of the history that are drawn again, and leave room for a day worse
than any seen. It shows what would break the promise, what dependencies leave of it
on the same dates, how often alerts would have paged, and the highest rung of the
ladder with odds of at least 90 %.

Without 60 days of history, or with less than 90 % of it measured, nobody can tell.
With --all it ranks all SLOs of the specs, and what was promised to customers.

` + serverHelp + `
Exit code 0 stands for yes, 1 for no.`,
		Example: `  promslo feasible users/availability --prometheus http://localhost:9090
  promslo feasible users/availability --objective 99.9 --window 30d
  promslo feasible --all --format json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(args); err != nil {
				return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
			}
			return runFeasible(cmd.Context(), s, o, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Float64Var(&o.objective, "objective", 0, "`PERCENT` to promise (default: that of the spec)")
	flags.Var((*durationFlag)(&o.window), "window", "over which it is promised (default: that of the spec)")
	flags.Var((*durationFlag)(&o.history), "history", "how far to look back, at most a year")
	flags.BoolVar(&o.all, "all", false, "rank all SLOs, and promises to customers")
	flags.StringVar((*string)(&o.format), "format", string(o.format), "`FORMAT` of the output: "+report.JoinFormats(textOrJSON))
	o.server.bind(flags)
	return cmd
}

const day = model.Day

func (o feasibleOptions) check(args []string) error {
	if err := checkFormat(o.format, textOrJSON); err != nil {
		return err
	}
	switch {
	case !o.all && len(args) == 0:
		return fmt.Errorf("which SLO? Name one as service/slo, or give --all")
	case o.all && (o.objective != 0 || o.window != 0):
		return fmt.Errorf("--objective and --window are about one SLO, and --all is about all")
	case o.objective != 0 && !(o.objective > 10 && o.objective < 100):
		return fmt.Errorf("--objective is %v: want a percentage above 10 and below 100, such as 99.9", o.objective)
	case o.window != 0 && (o.window < time.Hour || o.window > 365*day):
		return fmt.Errorf("--window is %s: want 1h to 1y", plan.Duration(o.window))
	case o.history < day || o.history > 366*day:
		return fmt.Errorf("--history is %s: want 1d to 1y", plan.Duration(o.history))
	}
	return nil
}

func runFeasible(ctx context.Context, s streams, o feasibleOptions, args []string) error {
	findingsTo := s.findings(o.format)
	x, err := openSubjects(ctx, s, findingsTo, args)
	if err != nil {
		return err
	}
	var promises []promise
	if o.all {
		promises = allPromises(x)
	} else {
		of, err := x.one()
		if err != nil {
			return err
		}
		promises = []promise{{of: of}}
		if promises[0], err = o.change(x, promises[0], findingsTo); err != nil {
			return err
		}
	}
	client, done, err := o.server.open(ctx, s, x.w.Project)
	if err != nil {
		return err
	}
	defer done()
	var answers []feasibility
	for _, p := range promises {
		answer, err := o.assess(ctx, client, x, p)
		if err != nil {
			return err
		}
		answers = append(answers, answer)
	}
	done()
	if o.all {
		slices.SortStableFunc(answers, func(a, b feasibility) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Odds.Mean, b.Odds.Mean))
		})
	}
	if err := o.print(s, answers); err != nil {
		return err
	}
	worst := odds.Yes
	for _, a := range answers {
		switch {
		case a.Verdict == odds.CannotTell:
			worst = odds.CannotTell
		case a.Verdict == odds.No && worst == odds.Yes:
			worst = odds.No
		}
	}
	return map[odds.Verdict]error{odds.Yes: nil, odds.No: errFindings, odds.CannotTell: errCannotTell}[worst]
}

// rank puts what cannot be promised first.
func rank(f feasibility) int {
	return slices.Index([]odds.Verdict{odds.No, odds.CannotTell, odds.Yes}, f.Verdict)
}

func (o feasibleOptions) print(s streams, answers []feasibility) error {
	switch {
	case o.format == report.JSON && o.all:
		return report.WriteJSON(s.out, answers)
	case o.format == report.JSON:
		return report.WriteJSON(s.out, answers[0])
	case o.all:
		return printed(s.out, func(out io.Writer) error { return feasibleTable(out, answers) })
	}
	return printed(s.out, answers[0].text)
}

// promise is an SLO and what is to be promised of it.
type promise struct {
	of       subject
	audience string // of a promise to customers; empty: the SLO itself
}

// change plans the SLO with the objective and window of the flags.
func (o feasibleOptions) change(x subjects, p promise, findingsTo io.Writer) (promise, error) {
	slo := p.of.slo
	if o.objective != 0 {
		slo.Objective = o.objective
	}
	if o.window != 0 {
		slo.Window, slo.Calendar = o.window, ""
	}
	changed, findings := x.with(p.of, slo)
	return promise{changed, p.audience}, reporting{}.print(findingsTo, x.w, findings)
}

// with returns a subject whose SLO was changed.
func (x subjects) with(of subject, slo model.SLO) (subject, []diag.Finding) {
	planned, findings := x.planSLO(of.service, slo)
	return subject{of.service, slo, planned}, findings
}

// allPromises are the SLOs and what was promised to customers of them.
func allPromises(x subjects) []promise {
	var out []promise
	for _, of := range x.all {
		out = append(out, promise{of: of})
		for _, e := range of.slo.Externals {
			slo := of.slo
			slo.Objective, slo.Window, slo.Calendar, slo.Schedule, slo.Externals = e.Objective, e.Window, e.Calendar, nil, nil
			if changed, findings := x.with(of, slo); !diag.HasErrors(findings) {
				out = append(out, promise{changed, e.Audience})
			}
		}
	}
	return out
}

// assess asks for the history of an SLO and of what it depends on. Of an SLO that is
// grouped the group with the lowest odds counts.
func (o feasibleOptions) assess(ctx context.Context, client *promapi.Client, x subjects, p promise) (feasibility, error) {
	slo := p.of.planned()
	to := o.server.now().Truncate(time.Hour)
	from := to.Add(-o.history)
	audience := model.InternalAudience
	if p.audience != "" {
		audience = model.ExternalAudience
	}
	corrected := model.Corrected(p.of.service.Corrections, p.of.slo.Name, audience)
	groups, err := askEvents(ctx, client, slo, from, to, corrected...)
	if err != nil {
		return feasibility{}, err
	}
	out := newFeasibility(p, groups, x.w.Project)
	out.Corrected = seconds(lengthWithin(corrected, from, to))
	if out.Dependencies, err = o.dependencies(ctx, client, x, p.of, out.slots); err != nil {
		return feasibility{}, err
	}
	if !o.all && len(out.days) > 0 {
		if out.Alerts, err = o.alerts(ctx, client, p.of, from, to, out.measured); err != nil {
			return feasibility{}, err
		}
	}
	return out, nil
}

// lengthWithin is how much of a time intervals take.
func lengthWithin(all []model.Interval, from, to time.Time) (length time.Duration) {
	for _, i := range all {
		begin, end := i.From, i.To
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		length += max(0, end.Sub(begin))
	}
	return length
}
