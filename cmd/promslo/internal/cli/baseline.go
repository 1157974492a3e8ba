package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/history"
	"github.com/promslo/promslo/generate/odds"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// baselineOptions are the flags of baseline.
type baselineOptions struct {
	server serverFlags
	metric string
	match  []string
	format report.Format
}

func newBaseline(s streams) *cobra.Command {
	o := baselineOptions{format: report.Text}
	cmd := &cobra.Command{
		Use:   "baseline SLO|SERVICE|SPEC… | --metric NAME [--match LABEL=VALUE…]",
		Short: "What was kept so far, by day and hour, and which objective fits",
		Long: `Baseline asks a Prometheus what was kept over the last 7, 28 and 90 days, per weekday
and hour, and says which rung of the ladder of objectives fits. For a latency it lists
which share of requests took up to each boundary of the histogram.

With --metric it needs no spec and writes one to paste: for a counter with a label of
statuses or gRPC codes, for a classic histogram, or for a gauge of 0 and 1.

` + serverHelp,
		Example: `  promslo baseline users/availability --prometheus http://localhost:9090
  promslo baseline --metric http_requests_total --match job=users`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(args); err != nil {
				return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
			}
			return runBaseline(cmd.Context(), s, o, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.metric, "metric", "", "`NAME` of a counter, histogram or gauge")
	flags.StringArrayVar(&o.match, "match", nil, "series of it whose `LABEL=VALUE` (or !=, =~, !~); may be repeated")
	flags.StringVar((*string)(&o.format), "format", string(o.format), "`FORMAT` of the output: "+report.JoinFormats(textOrJSON))
	o.server.bind(flags)
	return cmd
}

func (o baselineOptions) check(args []string) error {
	if err := checkFormat(o.format, textOrJSON); err != nil {
		return err
	}
	switch {
	case o.metric == "" && len(args) == 0:
		return errors.New("of what? Name an SLO or a spec, or give --metric")
	case o.metric != "" && len(args) > 0:
		return errors.New("--metric stands for an SLO that is not there yet: give it or the name of one")
	case o.metric == "" && len(o.match) > 0:
		return errors.New("--match selects series of --metric")
	}
	return nil
}

func runBaseline(ctx context.Context, s streams, o baselineOptions, args []string) error {
	findingsTo := s.findings(o.format)
	var x subjects
	var err error
	if o.metric == "" {
		x, err = openSubjects(ctx, s, findingsTo, args)
	} else {
		x.w, err = workspace.OpenProject(s.env(), nil)
		if err == nil {
			err = reporting{}.print(findingsTo, x.w, x.w.Findings)
		}
	}
	if err != nil {
		return err
	}
	client, done, err := o.server.open(ctx, s, x.w.Project)
	if err != nil {
		return err
	}
	defer done()
	var draft draftSpec
	if o.metric != "" {
		if draft, err = o.draft(ctx, client, x.w); err != nil {
			return err
		}
		if x, err = x.read(ctx, draft, findingsTo); err != nil {
			return err
		}
	}
	var all []baseline
	for _, of := range x.all {
		b, err := o.measure(ctx, client, x, of)
		if err != nil {
			return fmt.Errorf("%s: %w", of, err)
		}
		if o.metric != "" {
			draft.objective = b.Rung
			b.Spec = draft.text()
		}
		all = append(all, b)
	}
	done()
	if o.format == report.JSON {
		err = report.WriteJSON(s.out, all)
	} else {
		err = printEach(s.out, all, baseline.text)
	}
	if err == nil && slices.ContainsFunc(all, func(b baseline) bool { return len(b.slots) == 0 }) {
		return errCannotTell
	}
	return err
}

// read plans the SLO of a draft as if it stood in a file.
func (x subjects) read(ctx context.Context, draft draftSpec, findingsTo io.Writer) (subjects, error) {
	x.w.Inputs = []read.Input{{File: "-", Source: "-", Format: read.YAML, Data: []byte(draft.text())}}
	contracts, findings, err := x.w.Contracts(ctx)
	if err != nil {
		return x, err
	}
	if err := (reporting{}).print(findingsTo, x.w, errorsIn(findings)); err != nil {
		return x, err
	}
	x.contracts = contracts
	for _, service := range contracts.Services {
		for _, slo := range service.SLOs {
			planned, findings := x.planSLO(service, slo)
			if diag.HasErrors(findings) {
				return x, reporting{}.print(findingsTo, x.w, findings)
			}
			x.all = append(x.all, subject{service, slo, planned})
		}
	}
	return x, nil
}

// measure asks for the last 90 days of an SLO; of one that is grouped, of all together.
func (o baselineOptions) measure(ctx context.Context, client *promapi.Client, x subjects, of subject) (baseline, error) {
	slo := of.planned()
	to := o.server.now().Truncate(time.Hour)
	from := to.Add(-90 * day)
	groups, err := askEvents(ctx, client, slo, from, to)
	if err != nil {
		return baseline{}, err
	}
	b := newBaselineOf(of, hourly(together(groups)), to, x.w.Project)
	question, ok := history.Buckets(slo)
	if !ok || len(b.slots) == 0 {
		return b, nil
	}
	buckets, err := ask(ctx, client, []history.Question{question}, to.Add(-28*day+time.Hour), to)
	if err != nil {
		return baseline{}, err
	}
	b.Latencies = latencies(buckets[0])
	return b, nil
}

// together adds up the slots of all groups.
func together(groups []history.Group) []odds.Slot {
	out := slices.Clone(groups[0].Slots)
	for _, g := range groups[1:] {
		for i, s := range g.Slots {
			out[i].Total += s.Total
			out[i].Bad += s.Bad
			out[i].Allowed += s.Allowed
			out[i].Measured = out[i].Measured || s.Measured
		}
	}
	return out
}
