package engine

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"

	"github.com/promslo/promslo/generate/promql"
)

// Result has the recorded series and the alerts. It is safe for concurrent use.
type Result struct {
	Storage *Storage    // input and recorded series up to the last evaluation
	Errors  []RuleError // of the first step at which rules failed, which is the last one evaluated

	Input         Input
	engine        *promql.Engine
	AlertingRules []*AlertingRule // in the order of evaluation
	last          time.Time       // of the evaluations without errors; zero if there is none

	// What package incremental needs of a replay; nil after an evaluation step by step.
	Rules       []*Rule            // in the order of evaluation
	Levels      [][]*Rule          // in the order of the replay, see replayOrder
	Writers     Writers            // finds the rule that records a series
	Recorded    func() [][]*Series // recorded series by the rank of the rule
	InputSeries map[uint64]*Series // by the hash of the labels
}

func newResult(in Input, rules []*Rule) *Result {
	r := &Result{Storage: NewStorage(), Input: in, engine: promql.NewEngine(in.Step, in.Meter.samples())}
	r.Storage.Meter = in.Meter
	for _, rule := range rules {
		if rule.Alert != nil {
			r.AlertingRules = append(r.AlertingRules, rule.Alert)
		}
	}
	return r
}

// Query evaluates an expression at one time. It sees the samples up to the last
// evaluation, even if the time is later.
func (r *Result) Query(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
	return instant(ctx, r.engine, r.Input.Meter, r.Storage, expr, at)
}

// instant evaluates an expression that is no rule's at one time.
func instant(ctx context.Context, engine *promql.Engine, meter *Meter, from storage.Queryable, expr string, at time.Time) (promql.Vector, error) {
	if err := promql.CheckText(expr, promql.RuleLimits); err != nil {
		return nil, err
	}
	evaluations := float64(promql.ParsingCost(len(expr) / 4))
	if strings.Contains(expr, "[") { // perhaps a subquery
		reads, err := promql.ReadsOf(expr)
		if err != nil {
			return nil, err
		}
		evaluations = reads.Evaluations(0, 0, engine.Evaluation)
	}
	if err := meter.Take(costOfNode * evaluations); err != nil {
		return nil, err
	}
	return engine.Instant(ctx, from, expr, at)
}

// Last returns the time of the last evaluation at which no rule failed, and
// whether there is one.
func (r *Result) Last() (time.Time, bool) { return r.last, !r.last.IsZero() }

// Alert is an active alert at one time.
type Alert struct {
	Name        string
	State       State
	Labels      labels.Labels // alertname among them
	Annotations labels.Labels
	Value       float64   // of the expression when it last held
	Since       time.Time // when the alert became pending
}

// Alerts returns the pending and firing alerts with a name, or all if it is
// empty, as the last evaluation at or before a time left them. They come in the
// order of the rules, then of their labels.
func (r *Result) Alerts(at time.Time, name string) []Alert {
	return r.alertsAt(at, name, func(query template.QueryFunc) template.QueryFunc { return query })
}

// TextReads returns what the annotations of those alerts select when they query.
func (r *Result) TextReads(at time.Time, name string) []promql.Read {
	var all []promql.Read
	r.alertsAt(at, name, func(query template.QueryFunc) template.QueryFunc {
		return func(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
			reads, err := promql.ReadsOf(expr)
			if err != nil {
				return nil, err
			}
			all = append(all, reads.Selectors...)
			return query(ctx, expr, at)
		}
	})
	return all
}

func (r *Result) alertsAt(at time.Time, name string, through func(template.QueryFunc) template.QueryFunc) []Alert {
	if at.Before(r.Input.Start) || r.last.IsZero() {
		return nil
	}
	at = r.Input.Start.Add(at.Sub(r.Input.Start).Truncate(r.Input.Step))
	if at.After(r.last) {
		at = r.last
	}
	var alerts []Alert
	for _, rule := range r.AlertingRules {
		if name != "" && rule.Name != name {
			continue
		}
		first := len(alerts)
		_ = r.Input.Meter.Take(costOfSeries * float64(len(rule.all))) // the next query returns the error
		for _, i := range rule.all {
			if state := i.stateAt(at); state != "" {
				alerts = append(alerts, rule.describe(i, state, at.UnixMilli(), through))
			}
		}
		slices.SortFunc(alerts[first:], func(a, b Alert) int { return labels.Compare(a.Labels, b.Labels) })
	}
	return alerts
}

func (a *AlertingRule) describe(i *instance, state State, at int64, through func(template.QueryFunc) template.QueryFunc) Alert {
	s := i.seen[sort.Search(len(i.seen), func(n int) bool { return i.seen[n].at > at })-1]
	annotations := s.annotations
	switch {
	case a.past != nil:
		annotations = a.expandAnnotations(context.Background(), through(a.past(s.at)), s.at, s.sample)
	case !a.textsQuery:
		annotations = a.expandAnnotations(context.Background(), noQuery, s.at, s.sample)
	}
	return Alert{
		Name:        a.Name,
		State:       state,
		Labels:      i.labels,
		Annotations: annotations,
		Value:       s.sample.F,
		Since:       time.UnixMilli(i.activeAt).UTC(),
	}
}

// Timeline is the history of one alert.
type Timeline struct {
	Name   string
	Labels labels.Labels // alertname among them
	Spans  []Span        // by time; between them the alert was not active
}

// Timelines returns the history of every alert that was ever active, in the
// order of the rules, then of the first time.
func (r *Result) Timelines() []Timeline {
	var all []Timeline
	for _, rule := range r.AlertingRules {
		first := len(all)
		for _, i := range rule.all {
			n := slices.IndexFunc(all[first:], func(t Timeline) bool { return labels.Equal(t.Labels, i.labels) })
			if n < 0 {
				n = len(all) - first
				all = append(all, Timeline{Name: rule.Name, Labels: i.labels})
			}
			all[first+n].Spans = append(all[first+n].Spans, i.spans...)
		}
	}
	return all
}
