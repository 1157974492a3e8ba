// Package recorded asks a server for what the generated rules recorded.
//
// In: a client and planned SLOs. Out: samples of recorded series, and the events of each
// slot of the past, by SLO and by group. One query is for many SLOs.
package recorded

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	prom "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/generate/budget"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// Reader asks a server about SLOs.
type Reader struct {
	model.LabelNames

	client *promapi.Client
	At     time.Time // as of which it reads
	slos   map[string]plan.SLO
	ids    []string
}

// Key names a budget: an SLO by its identity, and the values of the labels by which it is
// split.
type Key struct{ ID, Group string }

// New reads what was recorded about SLOs up to a time.
func New(client *promapi.Client, at time.Time, slos []plan.SLO) *Reader {
	r := &Reader{client: client, At: at, slos: map[string]plan.SLO{}}
	for _, slo := range slos {
		r.slos[slo.ID] = slo
		r.LabelNames = slo.LabelNames // the same of all, as they are of one project
		r.ids = append(r.ids, slo.ID)
	}
	slices.Sort(r.ids)
	return r
}

// SLO returns the SLO of a budget.
func (r *Reader) SLO(key Key) plan.SLO { return r.slos[key.ID] }

// Series says which recorded series are read.
type Series struct {
	Name string
	Only []string // identities of SLOs; none: all
	// Wrap puts the selector of the series into an expression; nil: it is one.
	Wrap func(s *parser.VectorSelector) promql.Expr
	// Has reports whether a sample is one of those; nil: all are.
	Has func(slo plan.SLO, m prom.Metric) bool
}

// batch is how many SLOs one query is about.
const batch = 50

// queries returns the expressions that read the series.
func (r *Reader) queries(s Series) []string {
	ids := r.ids
	if s.Only != nil {
		ids = s.Only
	}
	var out []string
	for some := range slices.Chunk(ids, batch) {
		quoted := make([]string, len(some))
		for i, id := range some {
			quoted[i] = regexp.QuoteMeta(id)
		}
		selector := promql.Selector(s.Name, labels.MustNewMatcher(labels.MatchRegexp, r.Label(plan.LabelID), strings.Join(quoted, "|")))
		var e promql.Expr = selector
		if s.Wrap != nil {
			e = s.Wrap(selector)
		}
		out = append(out, e.String())
	}
	return out
}

// key returns the budget that a sample is about, or false if it is about none.
func (r *Reader) key(s Series, m prom.Metric) (Key, bool) {
	slo, known := r.slos[string(m[prom.LabelName(r.Label(plan.LabelID))])]
	if !known || s.Has != nil && !s.Has(slo, m) {
		return Key{}, false
	}
	var group []string
	for _, label := range slo.GroupBy {
		group = append(group, fmt.Sprintf("%s=%s", label, m[prom.LabelName(label)]))
	}
	return Key{slo.ID, strings.Join(group, ", ")}, true
}

// isNumber reports whether a sample tells anything: no rule records NaN or infinity.
func isNumber(v prom.SampleValue) bool {
	return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
}

// Samples calls each with the samples of series.
func (r *Reader) Samples(ctx context.Context, s Series, each func(Key, *prom.Sample)) error {
	for _, query := range r.queries(s) {
		vector, err := r.client.Instant(ctx, query, r.At)
		if err != nil {
			return err
		}
		for _, sample := range vector {
			if key, ok := r.key(s, sample.Metric); ok && isNumber(sample.Value) {
				each(key, sample)
			}
		}
	}
	return nil
}

// Ranges calls each with the samples of each series from a time on.
func (r *Reader) Ranges(ctx context.Context, s Series, from time.Time, step time.Duration, each func(Key, []prom.SamplePair)) error {
	for _, query := range r.queries(s) {
		matrix, err := r.client.Range(ctx, query, from, r.At, step)
		if err != nil {
			return err
		}
		for _, series := range matrix {
			if key, ok := r.key(s, series.Metric); ok {
				each(key, series.Values)
			}
		}
	}
	return nil
}

// Values returns the one sample that each budget has in series.
func (r *Reader) Values(ctx context.Context, s Series) (map[Key]float64, error) {
	out := map[Key]float64{}
	var twice error
	err := r.Samples(ctx, s, func(key Key, sample *prom.Sample) {
		if _, known := out[key]; known {
			twice = r.several(s.Name, key)
		}
		out[key] = float64(sample.Value)
	})
	if err == nil {
		err = twice
	}
	return out, err
}

func (r *Reader) several(name string, key Key) error {
	return r.client.Errorf("it has several series %s of %s: ask a server that holds one of each, or that removes duplicates", name, key.ID)
}

// Steps of the history: those of a short period are finer.
const (
	Hour  = time.Hour
	Short = plan.BaseWindow
)

// Corrected returns the events of 5-minute slots that do not count, of each budget that
// has any. Times says which of a time they are.
func (r *Reader) Corrected(ctx context.Context, from, to time.Time, times func(slo plan.SLO) []model.Interval) (map[Key][]budget.History, error) {
	by := map[model.Interval][]string{}
	for _, id := range r.ids {
		for _, i := range times(r.slos[id]) {
			if i.From.Before(from) {
				i.From = from.Truncate(Short)
			}
			if i.To.After(to) {
				i.To = to.Truncate(Short)
			}
			if i.From.Before(i.To) {
				by[i] = append(by[i], id)
			}
		}
	}
	out := map[Key][]budget.History{}
	for i, ids := range by {
		histories, err := r.History(ctx, ids, i.From, i.To, Short)
		if err != nil {
			return nil, err
		}
		for key, h := range histories {
			out[key] = append(out[key], h)
		}
	}
	return out, nil
}

// History returns the events of each slot of a time, which is a multiple of the step.
func (r *Reader) History(ctx context.Context, only []string, from, to time.Time, step time.Duration) (map[Key]budget.History, error) {
	out := map[Key]budget.History{}
	read := func(events plan.Events, only []string, set func(slo plan.SLO, slot *budget.Slot, value float64)) error {
		s := Series{Name: events.Rate(step), Only: only}
		if step == Hour {
			s.Name = events.Tile(step)
			s.Wrap = func(s *parser.VectorSelector) promql.Expr { return promql.LastInSlot(s, step) }
		}
		for _, query := range r.queries(s) {
			matrix, err := r.client.Range(ctx, query, from.Add(step), to, step)
			if err != nil {
				return err
			}
			seen := map[Key]bool{}
			for _, series := range matrix {
				key, ok := r.key(s, series.Metric)
				if !ok {
					continue
				}
				if seen[key] {
					return r.several(s.Name, key)
				}
				seen[key] = true
				if _, known := out[key]; !known {
					out[key] = budget.History{Start: from, Step: step, Slots: make([]budget.Slot, to.Sub(from)/step)}
				}
				for _, v := range series.Values {
					if !isNumber(v.Value) {
						continue
					}
					set(r.slos[key.ID], &out[key].Slots[v.Timestamp.Time().Sub(from)/step-1], float64(v.Value)*step.Seconds())
				}
			}
		}
		return nil
	}
	if only == nil {
		only = r.ids
	}
	varying := slices.DeleteFunc(slices.Clone(only), func(id string) bool { return !r.slos[id].ObjectiveVaries() })
	err := read(plan.TotalEvents, only, func(slo plan.SLO, slot *budget.Slot, value float64) {
		slot.Total, slot.Allowed, slot.Measured = value, value*slo.UsualBudget, true
	})
	if err == nil {
		err = read(plan.BadEvents, only, func(_ plan.SLO, slot *budget.Slot, value float64) { slot.Bad = value })
	}
	if err == nil && len(varying) > 0 {
		err = read(plan.AllowedEvents, varying, func(_ plan.SLO, slot *budget.Slot, value float64) { slot.Allowed = value })
	}
	return out, err
}
