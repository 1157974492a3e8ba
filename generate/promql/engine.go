package promql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	prometheus "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
)

// Sample is one series at one time, in Unix milliseconds. H, if set, replaces F.
type Sample = prometheus.Sample

// Vector is samples of one time.
type Vector = prometheus.Vector

// Result is series over time. Floats and histograms of a series are separate, each
// in the order of their times.
type Result = prometheus.Matrix

// Row is one series of a Result.
type Row = prometheus.Series

const (
	// MaxSamples limits the memory of one query by default. A query over 30 days in
	// steps of one minute holds 43,200 samples for each series that it returns.
	MaxSamples = 50_000_000
	// maxCountedSamples is that of a query that counts values: each may be a series,
	// which takes much more than a sample.
	maxCountedSamples = 100_000
	// queryTimeout is far above what a query over a year takes: it only ends runaways.
	queryTimeout = time.Minute
	// LookBack is the age from which on queries do not find a sample any more, by
	// default.
	LookBack = 5 * time.Minute
)

// Engine evaluates PromQL as a Prometheus server with default settings does
// (look-back: LookBack). It is safe for concurrent use.
type Engine struct {
	Evaluation time.Duration // the step of subqueries that have none

	engine   *prometheus.Engine
	counting func() *prometheus.Engine // of expressions that count values
}

// NewEngine returns an engine whose queries fail if they hold more than maxSamples
// samples. A subquery without a step takes the evaluation interval.
func NewEngine(evaluation time.Duration, maxSamples int) *Engine {
	opts := prometheus.EngineOpts{
		MaxSamples:               maxSamples,
		Timeout:                  queryTimeout,
		LookbackDelta:            LookBack,
		NoStepSubqueryIntervalFn: func(int64) int64 { return evaluation.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		Parser:                   prom,
	}
	counting := opts
	counting.MaxSamples = min(maxSamples, maxCountedSamples)
	return &Engine{
		Evaluation: evaluation,
		engine:     prometheus.NewEngine(opts),
		counting:   sync.OnceValue(func() *prometheus.Engine { return prometheus.NewEngine(counting) }),
	}
}

// engineFor returns what evaluates an expression.
func (e *Engine) engineFor(expr string) *prometheus.Engine {
	if strings.Contains(strings.ToLower(expr), "count_values") {
		return e.counting()
	}
	return e.engine
}

// Instant evaluates an expression at one time. A scalar counts as one sample
// without labels; any other type but an instant vector is an error.
func (e *Engine) Instant(ctx context.Context, q storage.Queryable, expr string, at time.Time) (Vector, error) {
	query, err := e.engineFor(expr).NewInstantQuery(ctx, q, nil, expr, at)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	result := query.Exec(ctx)
	if result.Err != nil {
		return nil, result.Err
	}
	switch v := result.Value.(type) {
	case prometheus.Vector:
		return slices.Clone(v), nil // Close takes the query's own memory back
	case prometheus.Scalar:
		return Vector{{T: v.T, F: v.V}}, nil
	default:
		return nil, fmt.Errorf("the expression is a %s: want an instant vector or a scalar", result.Value.Type())
	}
}

// Range evaluates an expression at every step from start to end, both included.
func (e *Engine) Range(ctx context.Context, q storage.Queryable, expr string, start, end time.Time, step time.Duration) (Result, error) {
	if e.engineFor(expr) == e.engine {
		return e.rangeQuery(ctx, q, expr, start, end, step)
	}
	// In parts, as the bound on counted values is low.
	var joined joinedRows
	for ; !start.After(end); start = start.Add(stepsOfPart * step) {
		part, err := e.rangeQuery(ctx, q, expr, start, earlier(end, start.Add((stepsOfPart-1)*step)), step)
		if err != nil {
			return nil, err
		}
		for _, row := range part {
			to := joined.row(row.Metric)
			to.Floats, to.Histograms = append(to.Floats, row.Floats...), append(to.Histograms, row.Histograms...)
		}
	}
	return joined.rows, nil
}

// stepsOfPart is how many steps are evaluated together where values are counted.
const stepsOfPart = 1000

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (e *Engine) rangeQuery(ctx context.Context, q storage.Queryable, expr string, start, end time.Time, step time.Duration) (Result, error) {
	query, err := e.engineFor(expr).NewRangeQuery(ctx, q, nil, expr, start, end, step)
	if err != nil {
		return nil, err
	}
	// Close would take the result back into a pool while the caller still reads it.
	return query.Exec(ctx).Matrix()
}

// joinedRows are rows of one series each, in the order of their first samples.
type joinedRows struct {
	rows  Result
	known map[uint64]int
}

// row returns the row of a series.
func (j *joinedRows) row(metric labels.Labels) *Row {
	hash := metric.Hash()
	i, ok := j.known[hash]
	if !ok {
		if j.known == nil {
			j.known = map[uint64]int{}
		}
		i = len(j.rows)
		j.known[hash] = i
		j.rows = append(j.rows, Row{Metric: metric})
	}
	return &j.rows[i]
}

// Steps evaluates an expression as Range does, but by a query for each step, of
// the storage as it is then.
func (e *Engine) Steps(ctx context.Context, q func(time.Time) storage.Queryable, expr string, start, end time.Time, step time.Duration) (Result, error) {
	var joined joinedRows
	for t := start; !t.After(end); t = t.Add(step) {
		vector, err := e.Instant(ctx, q(t), expr, t)
		if err != nil {
			return nil, err
		}
		for _, s := range vector {
			Append(joined.row(s.Metric), s)
		}
	}
	return joined.rows, nil
}

// Append adds a sample to the end of a row.
func Append(row *Row, s Sample) {
	if s.H != nil {
		row.Histograms = append(row.Histograms, prometheus.HPoint{T: s.T, H: s.H})
	} else {
		row.Floats = append(row.Floats, prometheus.FPoint{T: s.T, F: s.F})
	}
}

// Reads is what an expression reads from storage.
type Reads struct {
	Expr      Expr // the expression itself
	Selectors []Read
	// ReadsOtherTimes: the expression looks at a time of its own, `@` with a time. A range
	// query then sees what a query at each step, with the data of that time, would not.
	ReadsOtherTimes bool
	// Ahead has the selectors that look past the time at which they are evaluated, by
	// a negative offset.
	Ahead []Ahead
	// ReadsQueryEnds: it looks at the ends of the query, `@ start()` or `@ end()`:
	// only a query for each step finds the step there.
	ReadsQueryEnds bool
	// Subquery is the length of the longest subquery. A range query evaluates it
	// over all of its time, also between the steps.
	Subquery time.Duration

	nodes      int        // evaluated at each step
	subqueries []subquery // the outer ones first
}

// Read is one selector of an expression.
type Read struct {
	Matchers []*labels.Matcher
	// Instant: it selects the samples of the evaluation time: it has
	// no offset and no range, and stands in no subquery.
	Instant bool
}

// Ahead is a selector that looks past the time at which it is evaluated.
type Ahead struct {
	Matchers []*labels.Matcher
	By       time.Duration // how far
	Step     time.Duration // of the subquery around it: it is evaluated at multiples of that; 0: there is none
	// LastInSlot: it takes the last sample of the time from one multiple of Step to the next.
	LastInSlot bool
}

// aheadOf returns how a selector looks ahead, if it does.
func aheadOf(s *parser.VectorSelector, path []parser.Node) (Ahead, bool) {
	out := Ahead{Matchers: s.LabelMatchers, By: -s.OriginalOffset}
	var length time.Duration
	last, inner := false, s.OriginalOffset
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *parser.MatrixSelector:
			length = n.Range
			if i > 0 {
				call, ok := path[i-1].(*parser.Call)
				if !ok && i > 1 { // its arguments come between
					call, ok = path[i-2].(*parser.Call)
				}
				last = ok && call.Func.Name == "last_over_time"
			}
		case *parser.SubqueryExpr:
			if out.Step == 0 {
				out.Step = n.Step
			}
			out.By -= n.OriginalOffset
		}
	}
	out.LastInSlot = last && out.Step > 0 && out.Step == length && inner == time.Millisecond-length && out.By == -inner
	return out, out.By > 0 || inner < 0
}

// ReadsOf finds every selector of an expression.
func ReadsOf(expr string) (Reads, error) {
	if err := CheckText(expr, RuleLimits); err != nil {
		return Reads{}, err
	}
	tree, err := prom.ParseExpr(expr)
	if err != nil {
		return Reads{}, err
	}
	reads := Reads{Expr: tree}
	parser.Inspect(tree, func(node parser.Node, path []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			reads.Selectors = append(reads.Selectors, Read{
				Matchers: n.LabelMatchers,
				Instant:  n.OriginalOffset == 0 && n.OriginalOffsetExpr == nil && !slices.ContainsFunc(path, isRange),
			})
			reads.ReadsOtherTimes = reads.ReadsOtherTimes || n.Timestamp != nil
			reads.ReadsQueryEnds = reads.ReadsQueryEnds || n.StartOrEnd != 0
			if ahead, ok := aheadOf(n, path); ok {
				reads.Ahead = append(reads.Ahead, ahead)
			}
		case *parser.SubqueryExpr:
			reads.ReadsOtherTimes = reads.ReadsOtherTimes || n.Timestamp != nil
			reads.ReadsQueryEnds = reads.ReadsQueryEnds || n.StartOrEnd != 0
			reads.Subquery = max(reads.Subquery, n.Range)
		}
		return nil
	})
	reads.countNodes(tree, -1)
	return reads, nil
}

// ReadsRange reports whether an expression reads samples of a range of time.
func ReadsRange(e Expr) bool {
	found := false
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		found = found || isRange(node)
		return nil
	})
	return found
}

// isRange reports whether a node evaluates what is below it at other times than its own.
func isRange(node parser.Node) bool {
	switch node.(type) {
	case *parser.MatrixSelector, *parser.SubqueryExpr:
		return true
	}
	return false
}

// ParseRules parses and validates a rule file. An error begins with line:column
// where Prometheus knows them.
func ParseRules(content []byte) (*rulefmt.RuleGroups, []error) {
	return rulefmt.Parse(content, false, model.UTF8Validation, boundedParser{prom, NewParseBudget()}, slog.New(slog.DiscardHandler))
}

// ParseMetric parses a metric as exp_samples of a promtool test have it: name{label="value"}.
func ParseMetric(text string) (labels.Labels, error) { return prom.ParseMetric(text) }

// ParseSeries parses a line of promtool's notation for series: a metric and its
// values, one for each interval, some of which may be omitted.
func ParseSeries(text string) (labels.Labels, []parser.SequenceValue, error) {
	return prom.ParseSeriesDesc(text)
}

// ParseHistogram parses one native histogram: {{schema:0 count:1 buckets:[1]}}.
func ParseHistogram(text string) (*histogram.FloatHistogram, error) {
	_, sequence, err := prom.ParseSeriesDesc("{} " + text)
	switch {
	case err != nil:
		return nil, err
	case len(sequence) != 1:
		return nil, fmt.Errorf("want one histogram, got %d values", len(sequence))
	case sequence[0].Histogram == nil:
		return nil, errors.New("want a histogram such as {{schema:0 count:1 buckets:[1]}}")
	}
	return sequence[0].Histogram, nil
}
