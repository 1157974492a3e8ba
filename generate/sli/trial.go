package sli

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// trial evaluates what users wrote over values of the series that they read.
type trial struct {
	moment    *Moment
	selectors [][]*promql.Matcher
	series    []Series
	since     []bool // by series: whether its values are times
	second    bool   // there is a second instance of all series
}

// combination is a value for each series, and what comes of it.
type combination struct {
	values   []float64
	read     []float64
	all, bad float64
	steady   bool // it is the same at all times
}

func (c combination) counts(all, bad float64) bool { return c.steady && c.all == all && c.bad == bad }

const (
	maxSeriesInTrial = 4
	maxCombinations  = 1500
	maxEvaluations   = 1_000_000 // of parts of an expression, about a second

	trialStep = 10 * time.Minute // beyond the look-back
)

// newTrial returns a series for each selector, or false if what is read is more than the
// values of a few series at the moment.
func newTrial(m *Moment) (*trial, bool) {
	t := &trial{moment: m}
	for _, e := range m.read {
		reads, err := promql.ReadsOf(promql.String(e))
		if err != nil || promql.CallsAny(e, dateFunctions...) || isDear(reads, maxCombinations*trialStep) {
			return nil, false
		}
		for _, r := range reads.Selectors {
			s, ok := search{}.witness(r.Matchers)
			if !r.Instant || !ok {
				return nil, false
			}
			t.selectors = append(t.selectors, r.Matchers)
			if !slices.ContainsFunc(t.series, func(other Series) bool { return other.String() == s.String() }) {
				t.series = append(t.series, s)
				t.since = append(t.since, promql.CallsAny(e, "time"))
			}
		}
	}
	t.shareLabels()
	return t, len(t.series) > 0 && len(t.series) <= maxSeriesInTrial
}

// isDear reports whether parts of an expression would be evaluated too often over a time.
func isDear(reads promql.Reads, span time.Duration) bool {
	return reads.Evaluations(span, trialStep, time.Minute) > maxEvaluations
}

// dateFunctions know what time it is.
var dateFunctions = []string{"hour", "minute", "month", "year", "day_of_month", "day_of_week", "day_of_year", "days_in_month"}

// shareLabels gives all series the labels that any has, where they would still be selected:
// operators match series by labels.
func (t *trial) shareLabels() {
	all := Series{}
	for _, s := range t.series {
		for label, value := range s {
			if label != labels.MetricName && all[label] == "" {
				all[label] = value
			}
		}
	}
	for i, s := range t.series {
		with := all.With(s)
		same := !slices.ContainsFunc(t.selectors, func(by []*promql.Matcher) bool { return s.matches(by) != with.matches(by) })
		if same {
			t.series[i] = with
		}
	}
}

// combinations returns all combinations of values at which the truth may change: about the
// numbers that expressions compare with.
func (t *trial) combinations() [][]float64 {
	numbers := []float64{0, 1}
	for _, e := range t.moment.read {
		numbers = append(numbers, promql.Numbers(e)...)
	}
	var values []float64
	add := func(v float64) {
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	for i, number := range numbers {
		add(number + 1)
		add(number)
		add(number - 1)
		add((number + numbers[max(i-1, 0)]) / 2)
	}
	n := int(math.Pow(maxCombinations, 1/float64(len(t.series)))) - 1
	values = append(values[:min(len(values), n)], math.NaN())
	all := [][]float64{nil}
	for range t.series {
		var longer [][]float64
		for _, c := range all {
			for _, v := range values {
				longer = append(longer, append(slices.Clone(c), v))
			}
		}
		all = longer
	}
	return all
}

// evaluator evaluates what users wrote.
var evaluator = sync.OnceValue(func() *promql.Engine { return promql.NewEngine(time.Minute, 1_000_000) })

// try evaluates combinations, at two times: each is one step of a query.
func (t *trial) try(values [][]float64) []combination {
	out := make([]combination, len(values))
	for i, v := range values {
		out[i] = combination{values: v, read: make([]float64, len(t.moment.read)), steady: true}
	}
	for n, start := range []time.Time{time.Unix(3600, 0), time.Unix(1_700_000_123, 0)} {
		storage := engine.NewStorage()
		for i, s := range t.series {
			series := engine.Series{Labels: s.Labels()}
			for j, v := range values {
				at := start.Add(time.Duration(j) * trialStep)
				switch {
				case v[i] == Missing:
				case t.since[i]:
					series.Push(at.UnixMilli(), float64(at.Unix())-v[i], nil)
				default:
					series.Push(at.UnixMilli(), v[i], nil)
				}
			}
			_ = storage.Add(series) // each has other labels
			if t.second {
				series.Labels = s.With(another).Labels()
				_ = storage.Add(series)
			}
		}
		for e, expr := range t.moment.read {
			results := t.results(storage, expr, start, len(values))
			for i := range out {
				if n > 0 && !same(results[i], out[i].read[e]) {
					out[i].steady = false
				}
				out[i].read[e] = results[i]
			}
		}
	}
	for i := range out {
		out[i].all, out[i].bad = t.moment.counts(out[i].read)
	}
	return out
}

// results returns the value of an expression at each step, NaN where it has none.
func (t *trial) results(storage *engine.Storage, e promql.Expr, start time.Time, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	matrix, err := evaluator().Range(context.Background(), storage, promql.String(e), start, start.Add(time.Duration(n-1)*trialStep), trialStep)
	if err != nil || len(matrix) != 1 {
		return out
	}
	for _, p := range matrix[0].Floats {
		out[(p.T-start.UnixMilli())/trialStep.Milliseconds()] = p.F
	}
	return out
}

// same reports whether two values are the same but for rounding, or both are NaN.
func same(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b), 1)
}
