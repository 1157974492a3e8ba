package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/rules"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// simulateOptions are the flags of simulate.
type simulateOptions struct {
	errors  []model.Errors
	traffic rateFlag      // 0 events: what the spec expects
	healthy time.Duration // 0: as long as makes sense
	trace   string        // file, instead of the above
	rules   string        // file, instead of the generated rules
	format  report.Format
}

// textOrJSON are the formats of what simulate shows.
var textOrJSON = []report.Format{report.Text, report.JSON}

func newSimulate(s streams) *cobra.Command {
	o := simulateOptions{format: report.Text}
	cmd := &cobra.Command{
		Use:   "simulate SLO [PATH…]",
		Short: "Play an outage through the alerts of an SLO",
		Long: `Simulate plays errors to the rules of an SLO, in memory and with Prometheus's
own engine. It shows when each alert fires and resets, and what is left of the
error budget. SLO is service/slo.

Errors happen in the order of the flags. Without --healthy the window of the SLO
passes before the first of them, at most three days between two, and then the
time until all is over. The first begin at noon on a Wednesday, UTC. Raw series
are scraped, and all rules evaluated, at the intervals of the project.

A trace is a CSV file. Its first line is "time,total,bad"; each further line has
a time since the start (90 or 1m30s), and how many events there were since the
line before and how many of them bad. An uptime is down for that share of time.

In JSON, durations are in seconds and ratios go from 0 to 1.`,
		Example: `  promslo simulate users/availability --outage 100%:10m
  promslo simulate users/availability --errors 2%:3h --traffic 10/h
  promslo simulate users/availability --outage 50%:5m --rules sloth.rules.yaml
  promslo simulate users/availability --trace monday.csv --format json`,
		Args: needs("an SLO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
			}
			return runSimulate(cmd.Context(), s, o, args[0], args[1:])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var((*errorsFlag)(&o.errors), "outage", "what fails, such as 100%:10m; may be repeated")
	flags.Var((*errorsFlag)(&o.errors), "errors", "the same, such as 2%:3h")
	flags.Var(&o.traffic, "traffic", "all events, such as 10/h or 5/d (default: the traffic that the\nspec expects, or else 100/s)")
	flags.Var((*durationFlag)(&o.healthy), "healthy", "time without errors before each and after the\nlast (default: long enough, see above)")
	flags.StringVar(&o.trace, "trace", "", "play the events in a CSV `FILE` instead")
	flags.StringVar(&o.rules, "rules", "", "play to the rules in a `FILE` instead")
	flags.StringVar((*string)(&o.format), "format", string(o.format), "`FORMAT` of the output: "+report.JoinFormats(textOrJSON))
	return cmd
}

// check refuses flags that do not go together.
func (o simulateOptions) check(cmd *cobra.Command) error {
	if err := checkFormat(o.format, textOrJSON); err != nil {
		return err
	}
	switch {
	case o.trace == "" && len(o.errors) == 0:
		return errors.New("what should happen? Give --outage 100%:10m, or --trace FILE")
	case o.trace == "":
		return nil
	}
	for _, flag := range []string{"outage", "errors", "traffic", "healthy"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s does not go with --trace, which says all that happens", flag)
		}
	}
	return nil
}

func runSimulate(ctx context.Context, s streams, o simulateOptions, id string, paths []string) error {
	findingsTo := s.findings(o.format)
	w, err := workspace.Open(ctx, s.env(), paths)
	if err != nil {
		return err
	}
	service, err := planSLO(ctx, findingsTo, w, id)
	if err != nil {
		return err
	}
	o.traffic = cmp.Or(o.traffic, rateFlag(service.SLOs[0].Traffic), rateFlag{Events: 100, Per: time.Second})
	played, findings, err := o.run(ctx, service)
	if err != nil {
		return err
	}
	w.Quotable(o.rules, o.trace)
	if err := (reporting{}).print(findingsTo, w, findings); err != nil {
		return err
	}
	if o.format == report.JSON {
		return report.WriteJSON(s.out, newFacts(service.SLOs[0], played))
	}
	return printed(s.out, func(out io.Writer) error { return o.text(out, service, played) })
}

// run plays what the flags say to the alerts of the only SLO of a service.
func (o simulateOptions) run(ctx context.Context, service plan.Service) (simulate.Report, []diag.Finding, error) {
	in := simulate.Input{
		Scrape: service.SLOs[0].Scrape, Evaluation: service.Evaluation, SLO: service.SLOs[0],
		RuleFile: filepath.ToSlash(cmp.Or(o.rules, service.File)),
	}
	var findings []diag.Finding
	var err error
	if in.Groups, findings, err = o.groups(service); err != nil || len(findings) > 0 {
		return simulate.Report{}, findings, err
	}
	var played simulate.Report
	for _, after := range healthyAfter {
		if in.Trace, in.Errors, findings, err = o.trafficTrace(in.SLO, after); err != nil || len(findings) > 0 {
			return simulate.Report{}, findings, err
		}
		played, findings, err = simulate.Run(ctx, in)
		if err != nil || len(findings) > 0 || o.fixedLength() || played.Over() < played.Watched.To {
			break
		}
	}
	return played, findings, err
}

// fixedLength reports whether the flags say how long the simulation lasts.
func (o simulateOptions) fixedLength() bool { return o.healthy != 0 || o.trace != "" }

// groups returns the rules to play to.
func (o simulateOptions) groups(service plan.Service) ([]rulefmt.RuleGroup, []diag.Finding, error) {
	if o.rules == "" {
		groups, err := rules.Groups(service)
		return groups, nil, err
	}
	content, err := run.ReadFile(o.rules, run.MostBytes)
	if err != nil {
		return nil, nil, err
	}
	groups, findings := run.ParseRules(o.rules, content)
	return groups, findings, nil
}

// longestWindow is the longest window of an alert: after so long without errors none
// depends on what was before.
const longestWindow = 3 * 24 * time.Hour

// healthyAfter are the times to play after the last errors: the second if alerts still
// fire after the first.
var healthyAfter = []time.Duration{12 * time.Hour, longestWindow}

// trafficTrace returns the events to play, and the times in it at which some fail.
func (o simulateOptions) trafficTrace(slo plan.SLO, after time.Duration) (simulate.Trace, []simulate.Span, []diag.Finding, error) {
	if o.trace != "" {
		return readTrace(o.trace)
	}
	scenario := simulate.Scenario{Traffic: simulate.Rate(o.traffic), Errors: o.errors, Before: o.healthy, Between: o.healthy, After: o.healthy}
	if o.healthy == 0 {
		scenario.Before = slo.Period
		scenario.Between = min(slo.Period, longestWindow)
		scenario.After = after
	}
	if slo.TimeBased {
		scenario.Traffic = simulate.Rate{Events: 1, Per: slo.SLI.Step}
	}
	t, spans, err := scenario.Trace()
	if err != nil && !slo.TimeBased {
		err = fmt.Errorf("at %s %w", words.Rate(model.Rate(o.traffic)), err)
	}
	return t, spans, nil, err
}

func readTrace(path string) (simulate.Trace, []simulate.Span, []diag.Finding, error) {
	content, err := run.ReadFile(path, simulate.MaxTraceBytes)
	if err != nil {
		return nil, nil, nil, err
	}
	t, findings := simulate.ReadCSV(filepath.ToSlash(path), bytes.NewReader(content))
	if len(findings) > 0 {
		return nil, nil, findings, nil
	}
	span, ok := t.Errors()
	if !ok {
		return nil, nil, nil, fmt.Errorf("%s: no event is bad", path)
	}
	return t, []simulate.Span{span}, nil, nil
}
