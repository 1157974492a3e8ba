package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/template"

	"github.com/promslo/promslo/generate/promql"
)

// The series that Prometheus records for alerts.
const (
	alertsName   = "ALERTS"
	forStateName = "ALERTS_FOR_STATE"
	stateLabel   = "alertstate"
)

// State is how far an active alert is.
type State string

// The states. An alert that is in neither is not active.
const (
	Pending State = "pending"
	Firing  State = "firing"
)

// Span is a time in one state. To, not included, is the zero time if the state
// lasts to the end of the simulation.
type Span struct {
	State    State
	From, To time.Time
}

var errSameAlert = errors.New("vector contains metrics with the same labelset after applying alert labels")

// AlertingRule is the state machine of one alerting rule, as Prometheus's rules package has it.
type AlertingRule struct {
	Name          string
	labels        labels.Labels // templates
	annotations   labels.Labels // templates
	hold          time.Duration
	keepFiringFor time.Duration
	limit         int
	labelsQuery   bool                             // a label is the result of a query
	textsQuery    bool                             // an annotation is the result of a query
	past          func(t int64) template.QueryFunc // see replay; nil if annotations were expanded at once
	templates     templates
	meter         *Meter
	Rule          *Rule         // whose alerts these are …
	Matrix        promql.Result // … and the result of its expression; only in a replay

	active []*instance          // in the order in which they began
	byHash map[uint64]*instance // the active ones, by the hash of their labels
	all    []*instance          // every instance there ever was
}

// instance is one alert, from its first evaluation to its end.
type instance struct {
	labels    labels.Labels
	hash      uint64 // of the labels
	activeAt  int64  // Unix milliseconds
	state     State
	keeps     bool  // it fires only by keep_firing_for …
	keepSince int64 // … since then
	spans     []Span
	seen      []seen
}

// seen is the sample of an instance at one step, from which annotations are
// expanded when they are read.
type seen struct {
	at          int64
	sample      promql.Sample
	annotations labels.Labels // only if they were expanded at once
}

func newAlerting(in Input, r rulefmt.Rule, merged labels.Labels, limit int) *AlertingRule {
	a := &AlertingRule{
		Name:          r.Alert,
		labels:        merged,
		annotations:   labels.FromMap(r.Annotations),
		hold:          time.Duration(r.For),
		keepFiringFor: time.Duration(r.KeepFiringFor),
		limit:         limit,
		meter:         in.Meter,
		byHash:        map[uint64]*instance{},
		templates:     templates{alert: r.Alert, externalLabels: in.ExternalLabels, externalURL: in.ExternalURL, meter: in.Meter, rewritten: new(sync.Map)},
	}
	a.labels.Range(func(l labels.Label) { a.labelsQuery = a.labelsQuery || mayQuery(l.Value) })
	a.annotations.Range(func(l labels.Label) { a.textsQuery = a.textsQuery || mayQuery(l.Value) })
	return a
}

// evaluate updates the alerts with the result of the expression at one step, and
// returns the samples of ALERTS and ALERTS_FOR_STATE.
func (a *AlertingRule) evaluate(ctx context.Context, query template.QueryFunc, t int64, vector promql.Vector) (promql.Vector, error) {
	if err := a.meter.Take(costOfAlert * float64(len(vector)+len(a.active))); err != nil {
		return nil, err
	}
	found := make(map[uint64]bool, len(vector))
	for _, s := range vector {
		l := a.alertLabels(ctx, query, t, s)
		hash := l.Hash()
		if found[hash] {
			return nil, errSameAlert
		}
		found[hash] = true
		now := seen{at: t, sample: s}
		if a.textsQuery && a.past == nil {
			now.annotations = a.expandAnnotations(ctx, query, t, s)
		}
		alert, active := a.byHash[hash]
		if !active {
			alert = &instance{labels: l, hash: hash, activeAt: t, state: Pending}
			a.byHash[hash] = alert
			a.active = append(a.active, alert)
			a.all = append(a.all, alert)
		}
		alert.seen = append(alert.seen, now)
	}

	var out promql.Vector
	still := a.active[:0]
	for _, alert := range a.active {
		if !a.advance(alert, t, found[alert.hash]) {
			delete(a.byHash, alert.hash)
			continue
		}
		still = append(still, alert)
		out = append(out, a.samples(alert, t)...)
	}
	clear(a.active[len(still):])
	a.active = still
	if a.limit > 0 && len(a.active) > a.limit {
		return nil, fmt.Errorf("exceeded limit of %d with %d alerts", a.limit, len(a.active))
	}
	return out, nil
}

// advance updates the state of an alert, and tells whether it is still active.
func (a *AlertingRule) advance(alert *instance, t int64, found bool) bool {
	if found {
		alert.keeps = false
	} else {
		if alert.state == Firing && a.keepFiringFor > 0 && !alert.keeps {
			alert.keeps, alert.keepSince = true, t
		}
		if !alert.keeps || t-alert.keepSince >= a.keepFiringFor.Milliseconds() {
			alert.endSpan(t)
			return false
		}
	}
	if alert.state == Pending && t-alert.activeAt >= a.hold.Milliseconds() {
		alert.state = Firing
	}
	if n := len(alert.spans); n == 0 || alert.spans[n-1].State != alert.state {
		alert.endSpan(t)
		alert.spans = append(alert.spans, Span{State: alert.state, From: time.UnixMilli(t).UTC()})
	}
	return true
}

func (i *instance) endSpan(t int64) {
	if n := len(i.spans); n > 0 {
		i.spans[n-1].To = time.UnixMilli(t).UTC()
	}
}

// stateAt returns the state at the time of an evaluation, or "" if the alert was not active.
func (i *instance) stateAt(t time.Time) State {
	for _, s := range i.spans {
		if !t.Before(s.From) && (s.To.IsZero() || t.Before(s.To)) {
			return s.State
		}
	}
	return ""
}

// samples returns what Prometheus records for an active alert.
func (a *AlertingRule) samples(alert *instance, t int64) promql.Vector {
	b := labels.NewBuilder(a.labels)
	alert.labels.Range(func(l labels.Label) { b.Set(l.Name, l.Value) })
	b.Set(labels.MetricName, forStateName)
	forState := b.Labels()
	b.Set(labels.MetricName, alertsName)
	b.Set(stateLabel, string(alert.state))
	return promql.Vector{
		{Metric: b.Labels(), T: t, F: 1},
		{Metric: forState, T: t, F: float64(time.UnixMilli(alert.activeAt).Unix())},
	}
}

// alertLabels returns what identifies the alert of a sample.
func (a *AlertingRule) alertLabels(ctx context.Context, query template.QueryFunc, t int64, s promql.Sample) labels.Labels {
	b := labels.NewBuilder(s.Metric)
	b.Del(labels.MetricName)
	a.labels.Range(func(l labels.Label) { b.Set(l.Name, a.templates.expand(ctx, query, t, s, l.Value)) })
	b.Set(labels.AlertName, a.Name)
	return b.Labels()
}

// fixedLabels returns the labels of the alert of a metric if no template is among them.
func (a *AlertingRule) fixedLabels(metric labels.Labels) (labels.Labels, bool) {
	fixed := true
	a.labels.Range(func(l labels.Label) { fixed = fixed && !isTemplate(l.Value) })
	if !fixed {
		return metric, false
	}
	return a.alertLabels(context.Background(), noQuery, 0, promql.Sample{Metric: metric}), true
}

func (a *AlertingRule) expandAnnotations(ctx context.Context, query template.QueryFunc, t int64, s promql.Sample) labels.Labels {
	b := labels.NewScratchBuilder(a.annotations.Len())
	a.annotations.Range(func(l labels.Label) { b.Add(l.Name, a.templates.expand(ctx, query, t, s, l.Value)) })
	return b.Labels()
}

// Same tells whether an alert is defined as another is, but for its expression.
func (a *AlertingRule) Same(other *AlertingRule) bool {
	return a.Name == other.Name && a.hold == other.hold && a.keepFiringFor == other.keepFiringFor && a.limit == other.limit &&
		labels.Equal(a.labels, other.labels) && labels.Equal(a.annotations, other.annotations)
}
