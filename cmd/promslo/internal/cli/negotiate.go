package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/negotiate"
	"github.com/promslo/promslo/schema/model"
)

// negotiateFlags are the flags of `promslo negotiate`.
type negotiateFlags struct {
	want    float64 // percent
	reserve float64 // percent of the error budget
	way     int     // whose diff is shown, from 1
	format  report.Format
}

// diffFormat is the changes of specs as patch reads them.
const diffFormat report.Format = "diff"

var negotiateFormats = []report.Format{report.Text, report.JSON, diffFormat}

func newNegotiate(s streams) *cobra.Command {
	flags := negotiateFlags{reserve: 25, way: 1, format: report.Text}
	cmd := &cobra.Command{
		Use:   "negotiate SLO --want PERCENT [DIRECTORY]",
		Short: "What would have to change so that an SLO can promise more",
		Long: `Negotiate says what would have to change so that an SLO, service/slo, can promise what
is wanted over its window: which providers must climb to which rung of the ladder, and
what needs fewer of them to climb: to work without one (soft), a second provider beside
one, the window of a provider, or times at which less is promised, as by a provider. Of
each way it says what it costs, in minutes and, where traffic is known, in requests,
what is left for own failures, and who would get less than they need.

It judges by what is promised, as promslo lint does, and not by what was measured: that
is for promslo feasible. A part of the error budget is kept for own failures, of the SLO
and of each provider that climbs (--reserve).

--format diff prints a way as a change of the specs, which patch -p1 reads.

Exit code 0 means that nothing else has to change, 1 that something has.`,
		Example: `  promslo negotiate checkout/place-order --want 99.9
  promslo negotiate checkout/place-order --want 99.9 --reserve 50 --format json
  promslo negotiate checkout/place-order --want 99.9 --way 2 --format diff | patch -p1`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(); err != nil {
				return fmt.Errorf("%w\nSee `%s --help`", err, cmd.CommandPath())
			}
			return runNegotiate(cmd.Context(), s, flags, args[0], args[1:])
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Float64Var(&flags.want, "want", 0, "`PERCENT` to promise, such as 99.9")
	cmd.Flags().Float64Var(&flags.reserve, "reserve", flags.reserve, "`PERCENT` of the error budget to keep for own failures")
	cmd.Flags().IntVar(&flags.way, "way", flags.way, "`NUMBER` of the way that --format diff prints")
	cmd.Flags().StringVar((*string)(&flags.format), "format", string(flags.format), "`FORMAT` of the output: "+report.JoinFormats(negotiateFormats))
	return cmd
}

func (f negotiateFlags) check() error {
	switch {
	case f.want == 0:
		return errors.New("say by --want what to promise, such as --want 99.9")
	case !(f.want > 10 && f.want < 100):
		return fmt.Errorf("--want is %v: want a percentage above 10 and below 100, such as 99.9", f.want)
	case !(f.reserve >= 0 && f.reserve < 100):
		return fmt.Errorf("--reserve is %v: want a percentage from 0 to below 100", f.reserve)
	case f.way < 1:
		return fmt.Errorf("--way is %d: the first way is 1", f.way)
	}
	return checkFormat(f.format, negotiateFormats)
}

func runNegotiate(ctx context.Context, s streams, flags negotiateFlags, id string, dir []string) error {
	w, contracts, err := wholeProject(ctx, s, s.findings(flags.format), dir...)
	if err != nil {
		return err
	}
	request := negotiate.Request{Want: flags.want, Reserve: flags.reserve / 100, Ladder: w.Project.Ladder}
	request.Service, request.SLO, _ = strings.Cut(id, "/")
	if len(request.Ladder) == 0 {
		request.Ladder = usualLadder
	}
	answer, err := negotiate.Ask(contracts, request)
	if err != nil {
		return unknownSLO(id, sloNames(contracts.Services))
	}
	n := negotiation{request, answer, w, contracts.Services}
	switch flags.format {
	case report.JSON:
		err = report.WriteJSON(s.out, n.facts())
	case diffFormat:
		err = n.diff(ctx, s, flags.way)
	default:
		err = printed(s.out, n.text)
	}
	if err == nil && !answer.Fits {
		return errFindings
	}
	return err
}

// negotiation is a question and its answer.
type negotiation struct {
	negotiate.Request
	negotiate.Answer
	w   *workspace.Workspace
	all []model.Service // of the project
}

func (n negotiation) id() string { return n.Request.Service + "/" + n.Request.SLO }

func sloNames(services []model.Service) (out []string) {
	for _, s := range services {
		for _, slo := range s.SLOs {
			out = append(out, s.Name+"/"+slo.Name)
		}
	}
	return out
}
