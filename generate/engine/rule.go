package engine

import (
	"cmp"
	"fmt"
	"maps"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/promql"
)

// Place is the position of a rule in Input.Groups.
type Place struct{ Group, Rule int }

// Rule is a compiled rule with the settings of its group.
type Rule struct {
	Place  Place
	group  string
	Name   string // of the recorded series, or of the alert
	Expr   string
	labels labels.Labels // the group's and the rule's own
	Limit  int           // of series or active alerts; 0: none
	offset time.Duration // query_offset
	Reads  promql.Reads
	Alert  *AlertingRule // nil for a recording rule
	meter  *Meter

	Records []string                 // names of the series that it writes
	fixed   map[string]string        // labels that all of them have
	written map[uint64]labels.Labels // series of the previous evaluation, by hash

	// Only in a replay:
	Rank           int            // position in the order of evaluation, from 1
	ReadsFrom      map[*Rule]bool // rules that may record what it reads
	ReadsLater     bool           // it reads a rule that is evaluated later, so the value of the step before
	ReadsLaterPast bool           // … over a range or at an offset too: each step needs a query of its own
	Start          time.Time      // first evaluation, see startLate
}

// compileRule compiles a rule; it fails if the expression is no PromQL.
func compileRule(in Input, g rulefmt.RuleGroup, r rulefmt.Rule) (*Rule, error) {
	reads, known := in.Reads[r.Expr]
	var err error
	if !known {
		reads, err = promql.ReadsOf(r.Expr)
	}
	if err != nil {
		return nil, fmt.Errorf("rule %s in group %s: %w", cmp.Or(r.Record, r.Alert), g.Name, err)
	}
	return NewRule(reads, in, g, r), nil
}

// NewRule compiles a rule whose selectors are known.
func NewRule(reads promql.Reads, in Input, g rulefmt.RuleGroup, r rulefmt.Rule) *Rule {
	merged := map[string]string{}
	maps.Copy(merged, g.Labels)
	maps.Copy(merged, r.Labels)
	compiled := &Rule{
		group:  g.Name,
		Name:   r.Record,
		Expr:   r.Expr,
		labels: labels.FromMap(merged),
		Reads:  reads,
		Limit:  g.Limit,
		fixed:  map[string]string{},
		meter:  in.Meter,
	}
	if g.QueryOffset != nil {
		compiled.offset = time.Duration(*g.QueryOffset)
	}
	compiled.Records = []string{r.Record}
	if r.Alert != "" {
		compiled.Name = r.Alert
		compiled.Records = []string{alertsName, forStateName}
		compiled.Alert = newAlerting(in, r, compiled.labels, compiled.Limit)
	}
	for name, value := range merged {
		if compiled.Alert == nil || !isTemplate(value) {
			compiled.fixed[name] = value
		}
	}
	if compiled.Alert != nil {
		compiled.fixed[labels.AlertName] = r.Alert
	}
	return compiled
}

// BindAlert lets the annotations of an alert query what a result records.
func (r *Rule) BindAlert(to *Result) { r.Alert.Rule, r.Alert.past = r, to.past(r) }

// Rebound returns a copy whose annotations query another result; the alert itself
// if its annotations query nothing.
func (a *AlertingRule) Rebound(to *Result) *AlertingRule {
	if !a.textsQuery {
		return a
	}
	bound := *a
	bound.past = to.past(a.Rule)
	return &bound
}

// WithoutHistory returns a copy of the rule as it was before its first evaluation.
func (r *Rule) WithoutHistory() *Rule {
	fresh := *r
	if r.Alert != nil {
		a := *r.Alert
		a.active, a.all, a.byHash = nil, nil, map[uint64]*instance{}
		fresh.Alert, fresh.written = &a, nil
	}
	return &fresh
}

// LabelsOf returns the labels of all series that the rule may write for one series
// of the result of its expression, and false if they depend on its value.
func (r *Rule) LabelsOf(metric labels.Labels) ([]labels.Labels, bool) {
	if r.Alert == nil {
		return []labels.Labels{r.recorded(metric)}, true
	}
	l, fixed := r.Alert.fixedLabels(metric)
	pending := r.Alert.samples(&instance{labels: l, state: Pending}, 0)
	firing := r.Alert.samples(&instance{labels: l, state: Firing}, 0)
	return []labels.Labels{pending[0].Metric, pending[1].Metric, firing[0].Metric}, fixed
}
