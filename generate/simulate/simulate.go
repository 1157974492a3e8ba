// Package simulate plays incidents to alerting rules and reports what people
// would notice of them.
//
// In: the plan of an SLO, rule groups, and a trace: events over time, computed from
// traffic and error ratios or read from a CSV file. Out: when which alert fires
// and resets, and what is left of the error budget. Nothing is random.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/diag"
)

// Input is what to play.
type Input struct {
	Scrape     time.Duration // interval between samples of counters
	Evaluation time.Duration // interval of all rule groups
	SLO        plan.SLO
	Groups     []rulefmt.RuleGroup // all rules that there are
	RuleFile   string              // from which they come, for findings
	Trace      Trace
	Errors     []Span // in the trace, one after the other; at least one
}

// Report is what came of it. All times are offsets in the trace.
type Report struct {
	Counts    Counts // the events, as the rules were shown them
	Watched   Span   // the time in which alerts were evaluated
	Incidents []Incident
	Alerts    []Alert // in the order of the rules
}

// mostSamples bounds time and memory: about a year for one SLO.
const mostSamples = 5_000_000

// bounds are above what rules take that sum the raw series of a month at every
// step, as those of others do.
func bounds(length time.Duration) engine.Bounds {
	days := length.Hours() / 24
	return engine.Bounds{Steps: mostSamples + 1, Samples: 4_000_000 + int(100_000*days), Series: 20_000, Work: 10e9 + 1e9*days}
}

// errorsBegin is when the first errors begin: on a Wednesday, well inside a month
// and a quarter. Schedules and calendar periods depend on it.
var errorsBegin = time.Date(2026, 5, 13, 12, 0, 0, 0, time.UTC)

// Run plays the trace. Findings tell of an SLI that cannot be simulated, or of a
// rule that failed; an error, that it would take too long.
func Run(ctx context.Context, in Input) (Report, []diag.Finding, error) {
	first := in.Errors[0].From
	start := errorsBegin.Add(-first)
	counts, series, err := in.series(start)
	switch {
	case errors.Is(err, errNotSimulated):
		return Report{}, []diag.Finding{notSimulated(in.SLO)}, nil
	case err != nil:
		return Report{}, nil, err
	}
	length := counts.Length()
	// Enough to see that all was quiet before.
	watched := Span{From: max(0, first-max((length-first)/10, 10*in.Evaluation)), To: length}
	result, err := engine.Run(ctx, engine.Input{
		Meter:  engine.NewMeter(bounds(length)),
		Groups: in.Groups,
		Series: series,
		Start:  start,
		End:    start.Add(length),
		Step:   in.Evaluation,
		Watch:  start.Add(watched.From),
	})
	if _, tooMuch := errors.AsType[*engine.BoundError](err); tooMuch {
		return Report{}, []diag.Finding{{ID: diag.RuleFailed, Pos: diag.Pos{File: in.RuleFile}, Message: err.Error()}}, nil
	}
	if err != nil {
		return Report{}, nil, err
	}
	if len(result.Errors) > 0 {
		return Report{}, in.failed(result.Errors, start), nil
	}
	report := Report{Counts: counts, Watched: watched, Alerts: alerts(in.SLO.LabelNames, in.Groups, result, start)}
	report.Incidents, err = in.incidents(ctx, counts, result, start)
	return report, nil, err
}

var errNotSimulated = errors.New("no series are known for the SLI")

// series returns the raw series of the trace, and the events that they count.
func (in Input) series(start time.Time) (Counts, []engine.Series, error) {
	if in.SLO.TimeBased {
		states, ok := in.SLO.SLI.States()
		if !ok {
			return Counts{}, nil, errNotSimulated
		}
		if err := in.fits(len(states.All), in.SLO.SLI.Step); err != nil {
			return Counts{}, nil, err
		}
		counts := in.Trace.States(in.SLO.SLI.Step)
		return counts, counts.Series(states, start), nil
	}
	counters, ok := in.SLO.SLI.Counters()
	if !ok {
		return Counts{}, nil, errNotSimulated
	}
	if err := in.fits(len(counters.Increments()), in.Scrape); err != nil {
		return Counts{}, nil, err
	}
	counts := in.Trace.Counts(in.Scrape)
	return counts, counts.Counters(counters, start), nil
}

// fits refuses what would take too long.
func (in Input) fits(series int, interval time.Duration) error {
	length := in.Trace.Length()
	if n := int64(series)*int64(length/interval) + int64(length/in.Evaluation); n > mostSamples {
		return fmt.Errorf("%s, sampled every %s, are %d samples, and %d are the most: play a shorter time", plan.Duration(length), plan.Duration(interval), n, mostSamples)
	}
	return nil
}

func notSimulated(slo plan.SLO) diag.Finding {
	unknown := slo.SLI.Unknown()
	reason, suggestion := unknown.Reason, unknown.Suggestion
	if unknown.Simulation != "" {
		reason, suggestion = unknown.Simulation, ""
	}
	return diag.Finding{
		ID: diag.NotSimulated, Pos: slo.Pos,
		Message:    fmt.Sprintf("%s cannot be simulated: %s", slo.FullName(), reason),
		Suggestion: suggestion,
	}
}

// failed reports rules that failed. A server would carry on without them.
func (in Input) failed(errs []engine.RuleError, start time.Time) []diag.Finding {
	var findings []diag.Finding
	for _, e := range errs {
		findings = append(findings, diag.Finding{
			ID: diag.RuleFailed, Pos: diag.Pos{File: in.RuleFile},
			Message: fmt.Sprintf("%v (%s into the simulation)", e, plan.Duration(e.At.Sub(start))),
		})
	}
	return findings
}
