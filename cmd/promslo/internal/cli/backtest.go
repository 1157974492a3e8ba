package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// backtestOptions are the flags of backtest.
type backtestOptions struct {
	server  serverFlags
	over    time.Duration
	against string
	rules   string
	format  report.Format
}

// backtestFormats are the formats of what backtest shows.
var backtestFormats = []report.Format{report.Text, report.JSON, report.Markdown}

func newBacktest(s streams) *cobra.Command {
	o := backtestOptions{format: report.Text, over: 30 * day}
	cmd := &cobra.Command{
		Use:   "backtest [SLO|SERVICE|PATH…]",
		Short: "Replay the alerts over what happened, and those of another version beside them",
		Long: `Backtest asks a Prometheus what happened and replays the alerts of the specs over it:
which page and ticket would have come when, for how long, how many events were bad,
and what was left of the budget. With --against the alerts of another version of the
specs stand beside them: a commit of git or a directory, as in breaking. With --rules
it is the rules of a file, anybody's.

The server evaluates only what rules read from raw series; all that is built on that is
evaluated here, once a minute or at the evaluation interval if that is longer. Bad events
count from an hour before an alert fires until it ends. Where times are corrected after
the fact, what was agreed stands beside what was measured.

` + serverHelp,
		Example: `  promslo backtest users/availability --over 90d
  promslo backtest --against main --format markdown
  promslo backtest users/availability --rules sloth.rules.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
			}
			return runBacktest(cmd.Context(), s, o, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var((*durationFlag)(&o.over), "over", "time to replay, up to --at, at most a year")
	flags.StringVar(&o.against, "against", "", "a `REF` of git, or a directory, with another version of the specs")
	flags.StringVar(&o.rules, "rules", "", "replay the rules in a `FILE` beside those of one SLO")
	flags.StringVar((*string)(&o.format), "format", string(o.format), "`FORMAT` of the output: "+report.JoinFormats(backtestFormats))
	o.server.bind(flags)
	return cmd
}

func (o backtestOptions) check() error {
	if err := checkFormat(o.format, backtestFormats); err != nil {
		return err
	}
	switch {
	case o.over < time.Hour || o.over > 366*day:
		return fmt.Errorf("--over is %s: want 1h to 1y", plan.Duration(o.over))
	case o.against != "" && o.rules != "":
		return errors.New("--against and --rules are two answers to what is to stand beside the alerts: give one")
	}
	return nil
}

func runBacktest(ctx context.Context, s streams, o backtestOptions, args []string) error {
	findingsTo := s.findings(o.format)
	x, err := openSubjects(ctx, s, findingsTo, args)
	if err != nil {
		return err
	}
	other, err := o.other(ctx, s, findingsTo, x, args)
	if err != nil {
		return err
	}
	client, done, err := o.server.open(ctx, s, x.w.Project)
	if err != nil {
		return err
	}
	defer done()
	var tests []backtested
	for _, of := range x.all {
		t, err := o.test(ctx, client, of, other)
		if err != nil {
			return fmt.Errorf("%s: %w", of, err)
		}
		tests = append(tests, t)
	}
	done()
	if err := o.print(s, tests); err != nil {
		return err
	}
	if slices.ContainsFunc(tests, func(t backtested) bool { return t.coverage == 0 }) {
		return errCannotTell
	}
	return nil
}

func (o backtestOptions) print(s streams, tests []backtested) error {
	switch o.format {
	case report.JSON:
		facts := make([]backtestFacts, len(tests))
		for i, t := range tests {
			facts[i] = t.facts()
		}
		return report.WriteJSON(s.out, facts)
	case report.Markdown:
		return printed(s.out, func(out io.Writer) error { return backtestMarkdown(out, tests) })
	}
	return printEach(s.out, tests, backtested.text)
}

// otherVersion finds what is replayed beside the alerts of an SLO.
type otherVersion struct {
	name  string // empty: nothing is
	rules func(of subject) (plan.Service, []rulefmt.RuleGroup, bool, error)
}

func (o backtestOptions) other(ctx context.Context, s streams, findingsTo io.Writer, x subjects, args []string) (otherVersion, error) {
	switch {
	case o.rules != "":
		if _, err := x.one(); err != nil {
			return otherVersion{}, err
		}
		content, err := run.ReadFile(o.rules, run.MostBytes)
		if err != nil {
			return otherVersion{}, err
		}
		groups, findings := run.ParseRules(o.rules, content)
		x.w.Quotable(o.rules)
		return otherVersion{filepath.ToSlash(o.rules), func(of subject) (plan.Service, []rulefmt.RuleGroup, bool, error) {
			return of.plan, groups, true, nil
		}}, reporting{}.print(findingsTo, x.w, findings)
	case o.against != "":
		before, err := o.before(ctx, s, findingsTo)
		if err != nil {
			return otherVersion{}, err
		}
		return otherVersion{o.against, func(of subject) (plan.Service, []rulefmt.RuleGroup, bool, error) {
			for _, was := range before {
				if was.planned().ID == of.planned().ID || was.String() == of.String() {
					groups, err := rules.Groups(was.plan)
					return was.plan, groups, true, err
				}
			}
			return plan.Service{}, nil, false, nil
		}}, nil
	}
	return otherVersion{}, nil
}

// before plans the SLOs of the other version of the project.
func (o backtestOptions) before(ctx context.Context, s streams, findingsTo io.Writer) ([]subject, error) {
	a, err := parseAgainst(o.against)
	if err != nil {
		return nil, err
	}
	v, err := openVersions(ctx, s, a, nil)
	if err != nil {
		return nil, err
	}
	defer v.close()
	services, findings, err := v.before.Services(ctx)
	if err != nil {
		return nil, err
	}
	if err := (reporting{}).print(findingsTo, v.before, errorsIn(findings)); err != nil {
		return nil, err
	}
	was := subjects{w: v.before}
	var out []subject
	for _, service := range services {
		for _, slo := range service.SLOs {
			if planned, findings := was.planSLO(service, slo); !diag.HasErrors(findings) {
				out = append(out, subject{service, slo, planned})
			}
		}
	}
	return out, nil
}

// test replays the alerts of one SLO, and the others.
func (o backtestOptions) test(ctx context.Context, client *promapi.Client, of subject, other otherVersion) (backtested, error) {
	to := o.server.now().Truncate(evaluationOf(of.plan))
	from := to.Add(-o.over)
	out := backtested{of: of, from: from, to: to, other: workspace.Printable(other.name)}
	var err error
	if out.events, err = askEvents(ctx, client, of.planned(), from, to); err != nil {
		return out, err
	}
	out.measure()
	groups, err := rules.Groups(of.plan)
	if err != nil {
		return out, err
	}
	have := answers{}
	if out.now, err = replayRules(ctx, client, have, of.plan, groups, out.events, from, to); err != nil {
		return out, err
	}
	// What was agreed about the past is what this version says.
	corrected := model.Corrected(of.service.Corrections, of.slo.Name, model.InternalAudience)
	if err := out.now.agree(ctx, client, of.planned(), corrected, from, to); err != nil || other.name == "" {
		return out, err
	}
	was, groups, found, err := other.rules(of)
	if err != nil || !found {
		return out, err
	}
	out.hasBefore = true
	if out.before, err = replayRules(ctx, client, have, was, groups, out.events, from, to); err != nil {
		return out, err
	}
	return out, out.before.agree(ctx, client, was.SLOs[0], corrected, from, to)
}
