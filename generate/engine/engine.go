// Package engine evaluates recording and alerting rules over series in memory, as
// a Prometheus server would.
//
// In: rule groups, input series, start, end and step. Out: a Result that answers
// queries on the input and the recorded series, and knows every alert: when it
// was pending or firing, with which labels and annotations.
//
// Where it can, it replays: one range query per rule instead of a query at every
// step (replay.go). Where it cannot, it evaluates step by step (evaluate.go).
// Package incremental uses what a replay leaves behind to evaluate a changed rule.
package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/promql"
)

// Input is what to evaluate. Run changes nothing in it.
type Input struct {
	Groups []rulefmt.RuleGroup // valid, as promql.ParseRules leaves them; their intervals are ignored
	// Reads has the selectors of expressions that were analysed before; it may be nil.
	Reads map[string]promql.Reads
	// Order names groups in the order of evaluation. As in promtool, a group
	// that is not named ranks with the first. Groups of the same rank, which
	// means all if Order is empty, are ordered so that what a rule reads is
	// recorded before; if that leaves a choice, they stay as they are.
	Order  []string
	Series []Series

	Start, End time.Time     // of the evaluation, End included if a step falls on it
	Step       time.Duration // between evaluations of every group, whole milliseconds, above 0

	// Watch, if it is after Start, is the first time whose results matter. A rule
	// whose recorded past no other rule reads (over a range, at an offset or in a
	// subquery) is first evaluated then.
	Watch time.Time

	ExternalLabels map[string]string // for the templates of alerts only, as in promtool
	ExternalURL    string            // $externalURL in templates

	Meter *Meter // bounds memory and work; nil: no bounds
}

// RuleError is a rule that failed. Prometheus would carry on without its result.
type RuleError struct {
	Group string
	Rule  string // the recorded series or the alert
	At    time.Time
	Err   error
}

func (e RuleError) Error() string {
	return fmt.Sprintf("rule %s in group %s fails: %v", e.Rule, e.Group, e.Err)
}

func (e RuleError) Unwrap() error { return e.Err }

// Run evaluates the rules at every step. It fails if the Input makes no sense, a
// bound is exceeded or ctx is cancelled; rules that fail are in Result.Errors.
//
// One range query per rule is fifty times faster than a query at every step, so
// Run does that if the result is the same: see replayOrder.
func Run(ctx context.Context, in Input) (*Result, error) {
	switch {
	case in.Step < time.Millisecond || in.Step%time.Millisecond != 0:
		return nil, fmt.Errorf("the step is %s: want whole milliseconds above 0", in.Step)
	case in.End.Before(in.Start):
		return nil, fmt.Errorf("the end, %s, is before the start, %s", in.End, in.Start)
	case in.End.Before(in.Watch):
		return nil, fmt.Errorf("the end, %s, is before somebody watches, at %s", in.End, in.Watch)
	}
	if err := in.Meter.steps(in); err != nil {
		return nil, err
	}
	rules, err := compile(in)
	if err != nil {
		return nil, err
	}
	if levels, ok := replayOrder(rules, in.Meter); ok {
		result, err := replay(ctx, in, rules, levels)
		if !errors.Is(err, ErrStepByStep) {
			return result, err
		}
		if err := in.Meter.Err(); err != nil {
			return nil, err
		}
	}
	if rules, err = compile(in); err != nil { // the replay has changed ranks and alerts
		return nil, err
	}
	return stepByStep(ctx, in, rules)
}

// compile turns groups into rules in the order of evaluation.
func compile(in Input) ([]*Rule, error) {
	groups := make([][]*Rule, len(in.Groups))
	for i, g := range in.Groups {
		for j, r := range g.Rules {
			compiled, err := compileRule(in, g, r)
			if err != nil {
				return nil, err
			}
			compiled.Place = Place{i, j}
			groups[i] = append(groups[i], compiled)
		}
	}
	var rules []*Rule
	for _, i := range EvaluationOrder(in.Groups, groups, in.Order, in.Meter) {
		rules = append(rules, groups[i]...)
	}
	return rules, in.Meter.Err()
}

// last returns the time of the last evaluation.
func (in Input) last() time.Time {
	return in.Start.Add(in.End.Sub(in.Start).Truncate(in.Step))
}
