// Package engine runs recording and alerting rules over series in memory, as
// Prometheus would run them on a server.
//
// In: rule groups, input series, start, end and step. Out: a Result that answers
// queries on the input and the recorded series, and knows every alert: when it
// was pending or firing, with which labels and annotations.
// Of the packages below, promtest checks promtool's unit tests with it, and drill
// plays errors, which trace makes up, to the alerts of an SLO.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/promql"
)

// Input is what to simulate. Nothing in it is changed.
type Input struct {
	Groups []rulefmt.RuleGroup // valid, as promql.ParseRules leaves them; their intervals are not heeded
	// Reads tells what expressions of rules read, of those that have been looked
	// through before; it may be nil.
	Reads map[string]promql.Reads
	// Order names groups in the order of evaluation. As in promtool, a group
	// that is not named ranks with the first. Groups of the same rank, which
	// means all if Order is empty, are ordered so that what a rule reads is
	// recorded before; if that leaves a choice, they stay as they are.
	Order  []string
	Series []Series

	Start, End time.Time     // of the evaluation, End included if a step falls on it
	Step       time.Duration // between evaluations of every group, whole milliseconds, above 0

	// Watch, if it is after Start, is from when on the results are wanted. A rule
	// may be left out before, if no rule reads the past of what it records: over
	// a range, at an offset or in a subquery. At Watch such a rule begins anew.
	Watch time.Time

	ExternalLabels map[string]string // for the templates of alerts only, as in promtool
	ExternalURL    string            // $externalURL in templates

	Meter *Meter // bounds what the simulation takes; nil: nothing does
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

// Run evaluates the rules at every step. The error tells of an Input that makes
// no sense, or that ctx was cancelled; rules that fail are in Result.Errors.
//
// One range query per rule is fifty times faster than a query at every step, so
// Run does that if the outcome is the same: see replayOrder. If any doubt is
// left, it evaluates step by step.
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
		if !errors.Is(err, errInDoubt) {
			return result, err
		}
		if err := in.Meter.Err(); err != nil {
			return nil, err
		}
	}
	if rules, err = compile(in); err != nil { // ranks and alerts are of a replay: begin anew
		return nil, err
	}
	return stepByStep(ctx, in, rules)
}

// compile turns groups into rules in the order of evaluation.
func compile(in Input) ([]*rule, error) {
	groups := make([][]*rule, len(in.Groups))
	for i, g := range in.Groups {
		for j, r := range g.Rules {
			compiled, err := newRule(in, g, r)
			if err != nil {
				return nil, err
			}
			compiled.place = place{i, j}
			groups[i] = append(groups[i], compiled)
		}
	}
	var rules []*rule
	for _, i := range evaluationOrder(in.Groups, groups, in.Order, in.Meter) {
		rules = append(rules, groups[i]...)
	}
	return rules, in.Meter.Err()
}

// place is where a rule stands: the indexes of its group and of itself in it.
type place struct{ group, rule int }

// rule is a rule with its group's settings, and its state if it alerts.
type rule struct {
	place  place
	group  string
	name   string // what it records, or the alert
	expr   string
	labels labels.Labels // the group's and the rule's own
	limit  int           // most series or active alerts at a time; 0 is no limit
	offset time.Duration // by which the query is moved into the past
	reads  promql.Reads
	alert  *alerting // nil for a recording rule
	meter  *Meter

	records []string          // names of the series that it writes
	fixed   map[string]string // labels that all of them have
	written map[uint64]labels.Labels

	// Only in a replay:
	rank  int            // in the order of evaluation, from 1
	needs map[*rule]bool // the rules that it may read from
	lags  bool           // it reads what a later rule records …
	past  bool           // … also the past of it
	start time.Time      // of its evaluations, see watchFrom
}

func newRule(in Input, g rulefmt.RuleGroup, r rulefmt.Rule) (*rule, error) {
	reads, known := in.Reads[r.Expr]
	var err error
	if !known {
		reads, err = promql.ReadsOf(r.Expr)
	}
	if err != nil {
		return nil, fmt.Errorf("rule %s in group %s: %w", cmp.Or(r.Record, r.Alert), g.Name, err)
	}
	return newRuleThat(reads, in, g, r), nil
}

// newRuleThat makes a rule of which it is known what it reads.
func newRuleThat(reads promql.Reads, in Input, g rulefmt.RuleGroup, r rulefmt.Rule) *rule {
	merged := map[string]string{}
	maps.Copy(merged, g.Labels)
	maps.Copy(merged, r.Labels)
	compiled := &rule{
		group:  g.Name,
		name:   r.Record,
		expr:   r.Expr,
		labels: labels.FromMap(merged),
		reads:  reads,
		limit:  g.Limit,
		fixed:  map[string]string{},
		meter:  in.Meter,
	}
	if g.QueryOffset != nil {
		compiled.offset = time.Duration(*g.QueryOffset)
	}
	compiled.records = []string{r.Record}
	if r.Alert != "" {
		compiled.name = r.Alert
		compiled.records = []string{alertsName, forStateName}
		compiled.alert = newAlerting(in, r, compiled.labels, compiled.limit)
	}
	for name, value := range merged {
		if compiled.alert == nil || !isTemplate(value) {
			compiled.fixed[name] = value
		}
	}
	if compiled.alert != nil {
		compiled.fixed[labels.AlertName] = r.Alert
	}
	return compiled
}

// last returns the time of the last evaluation.
func (in Input) last() time.Time {
	return in.Start.Add(in.End.Sub(in.Start).Truncate(in.Step))
}
