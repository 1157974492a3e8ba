package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/cmd/promslo/internal/recorded"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/gate"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// gateFlags are the flags of `promslo gate`.
type gateFlags struct {
	server      serverFlags
	format      gateFormat
	onUnknown   onUnknown
	minCoverage float64 // percent
}

func newGate(s streams) *cobra.Command {
	flags := gateFlags{format: "text", minCoverage: 100 * plan.GateMinCoverage}
	cmd := &cobra.Command{
		Use:   "gate SERVICE|SLO|PATH…",
		Short: "Say whether a service may be deployed",
		Long: `Gate asks what is left of the error budgets of services, or of single SLOs
(service/slo), and what their policies say to that:

  allow           no step of the policy that is due closes the gate
  needs approval  a step with gate: block is due, and somebody is named who may
                  approve; or an alert pages now, and the owner is to decide
  block           a step with gate: block is due, and nobody may approve
  cannot tell     the server does not answer, the budget is not recorded, its metrics
                  are gone, or too little of the period was measured

It says why, since when, and when that is likely to end: if there is as much traffic
as a week before, and as many events are bad as on a usual day.

The exit code is 0 for allow, 1 for needs approval and block, 2 for cannot tell, unless
--on-unknown says otherwise. A step is due as its ticket is: below its threshold now
or shortly before.

` + serverHelp,
		Example: `  promslo gate checkout
  promslo gate checkout users/availability --on-unknown allow
  promslo gate checkout --format markdown >> "$GITHUB_STEP_SUMMARY"`,
		Args: needs("a service or an SLO"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runGate(cmd.Context(), s, flags, args)
		},
	}
	flags.server.bind(cmd.Flags())
	cmd.Flags().Var(&flags.format, "format", "`FORMAT` of the answer: text, json or markdown")
	cmd.Flags().Var(&flags.onUnknown, "on-unknown", "what to do where nobody can tell: `allow|block` (default: exit code 2)")
	cmd.Flags().Float64Var(&flags.minCoverage, "min-coverage", flags.minCoverage, "least `PERCENT` of the period that must have been measured")
	return cmd
}

func runGate(ctx context.Context, s streams, flags gateFlags, args []string) error {
	if flags.minCoverage < 0 || flags.minCoverage > 100 {
		return errors.New("--min-coverage: want a number from 0 to 100")
	}
	named, err := openSubjects(ctx, s, s.err, args)
	if errors.Is(err, errFindings) {
		return errSpecs
	}
	if err != nil {
		return err
	}
	g := gateRun{at: flags.server.now(), minCoverage: flags.minCoverage / 100}
	for _, one := range named.all {
		g.services = append(g.services, one.plan)
	}
	switch err := g.ask(ctx, s, flags.server, named.w); {
	case err == nil:
	case ctx.Err() != nil:
		return err
	default:
		refused, isAnswer := errors.AsType[*promapi.Error](err)
		if !isAnswer {
			return err
		}
		g.unknown(refused.Error())
	}
	if err := printed(s.out, flags.format.printer(g)); err != nil {
		return err
	}
	return flags.onUnknown.exit(g.state())
}

// waiver returns what opens the gate of an SLO at a time; nil: nothing does.
func waiver(s plan.Service, slo plan.SLO, at time.Time) *model.Waiver {
	for _, w := range s.Waivers {
		if w.Rule == "" && w.IsOn(s.Name, slo.Name) && !model.Over(w.Until, at) {
			return &w
		}
	}
	return nil
}

// errSpecs says that findings in specs were printed, which are no answer.
var errSpecs = errors.New("the specs have errors")

// gateRun is a question and its answers.
type gateRun struct {
	at          time.Time
	minCoverage float64        // ratio
	services    []plan.Service // of one SLO each
	answers     []gateAnswer
}

// gateAnswer is the answer for a budget.
type gateAnswer struct {
	slo   plan.SLO
	group string
	facts gate.Facts
	gate.Decision
	since, until time.Time // zero: not known
}

// name is the SLO, and the group.
func (a gateAnswer) name() string {
	if a.group == "" {
		return a.slo.FullName()
	}
	return a.slo.FullName() + " (" + a.group + ")"
}

// state is the worst of all answers.
func (g gateRun) state() gate.State {
	worst := gate.Allow
	for _, a := range g.answers {
		worst = gate.Worst(worst, a.State)
	}
	return worst
}

// unknown answers that nobody can tell.
func (g *gateRun) unknown(why string) {
	g.answers = nil
	for _, service := range g.services {
		for _, slo := range service.SLOs {
			facts := gate.Facts{Unknown: why}
			g.answers = append(g.answers, gateAnswer{slo: slo, facts: facts, Decision: gate.Decide(service, facts, g.minCoverage)})
		}
	}
}

// ask asks the server and decides.
func (g *gateRun) ask(ctx context.Context, s streams, flags serverFlags, w *workspace.Workspace) error {
	client, end, err := flags.open(ctx, s, w.Project)
	if err != nil {
		return err
	}
	defer end()
	var slos []plan.SLO
	for _, service := range g.services {
		slos = append(slos, service.SLOs...)
	}
	r := recorded.New(client, g.at, slos)
	facts, err := gateFacts(ctx, r, slos)
	if err != nil {
		return err
	}
	corrected, err := correctedFacts(ctx, r, g.services, facts)
	if err != nil {
		return err
	}
	for _, service := range g.services {
		for _, slo := range service.SLOs {
			for _, key := range facts.keys(slo.ID) {
				a := gateAnswer{slo: slo, group: key.Group, facts: facts[key]}
				a.facts.Waiver = waiver(service, slo, g.at)
				a.Decision = gate.Decide(service, a.facts, g.minCoverage)
				if a.Step != nil && (a.State == gate.Block || a.State == gate.Approval) {
					if a.since, a.until, err = forecast(ctx, r, key, slo, a.Step.Below/100, corrected[key]); err != nil {
						return err
					}
				}
				g.answers = append(g.answers, a)
			}
		}
	}
	return nil
}

// gateFormat is a format of the answer.
type gateFormat string

func (f *gateFormat) Set(text string) error {
	if _, known := gatePrinters[text]; !known {
		return errors.New("want text, json or markdown")
	}
	*f = gateFormat(text)
	return nil
}

func (f *gateFormat) String() string { return string(*f) }
func (f *gateFormat) Type() string   { return "FORMAT" }

// onUnknown says what a gate does where nobody can tell; empty: it says so.
type onUnknown string

func (o *onUnknown) Set(text string) error {
	if text != "allow" && text != "block" {
		return errors.New("want allow or block")
	}
	*o = onUnknown(text)
	return nil
}

func (o *onUnknown) String() string { return string(*o) }
func (o *onUnknown) Type() string   { return "allow|block" }

func (o onUnknown) exit(state gate.State) error {
	switch {
	case state == gate.Allow, state == gate.Unknown && o == "allow":
		return nil
	case state == gate.Unknown && o == "":
		return errCannotTell
	}
	return errFindings
}
