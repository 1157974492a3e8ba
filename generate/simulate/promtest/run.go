package promtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/schema/diag"
)

// runCase runs one test of a file. Whatever goes wrong is a failure with a position.
func runCase(ctx context.Context, file *testFile, index int) (failures []Failure, work float64) {
	ctx, cancel := context.WithTimeoutCause(ctx, file.limits.Time, fmt.Errorf("the test takes longer than %s: shorten times, or take longer intervals", file.limits.Time))
	defer cancel()
	r := newCaseRun(ctx, file, index)
	if ctx.Err() != nil {
		return []Failure{r.failure(diag.TestInvalid, context.Cause(ctx).Error())}, 0
	}
	failures = r.all()
	return failures, r.meter.Work()
}

// all runs the test, and every check of it.
func (r *caseRun) all() (failures []Failure) {
	defer func() {
		if cause := recover(); cause != nil {
			failures = append(failures, r.failure(diag.TestInvalid, fmt.Sprintf("the test cannot be run: %v", cause)))
		}
	}()
	if err := r.simulate(); err != nil {
		return []Failure{*err}
	}
	r.checkAlerts()
	for _, e := range r.result.Errors {
		r.failures = append(r.failures, r.failure(diag.TestFailed, fmt.Sprintf("%v (at %s; later times were not checked)", e, r.offset(e.At))))
	}
	if len(r.result.Errors) == 0 {
		r.checkExprs()
	}
	return r.failures
}

// caseRun is a test while it is run.
type caseRun struct {
	ctx      context.Context
	file     *testFile
	index    int
	spec     caseSpec
	meter    *simulate.Meter
	start    time.Time
	result   *simulate.Result
	failures []Failure
}

func newCaseRun(ctx context.Context, file *testFile, index int) *caseRun {
	return &caseRun{ctx: ctx, file: file, index: index, spec: file.Tests[index], meter: file.meter.Part()}
}

// failure has the position of a part of the test.
func (r *caseRun) failure(id diag.ID, message string, path ...any) Failure {
	pos := r.file.pos(append([]any{"tests", r.index}, path...)...)
	return Failure{ID: id, Pos: pos, Message: message}
}

func (r *caseRun) offset(t time.Time) duration { return duration(t.Sub(r.start)) }

func (r *caseRun) simulate() *Failure {
	r.start = r.spec.StartTimestamp.start()
	series, failed := r.series()
	if failed != nil {
		return failed
	}
	for i, a := range r.spec.Alerts {
		if a.Name == "" {
			f := r.failure(diag.TestInvalid, "alertname is missing", "alert_rule_test", i)
			return &f
		}
	}
	result, err := simulate.Run(r.ctx, simulate.Input{
		Groups:         r.file.groups,
		Reads:          r.file.reads,
		Order:          r.file.GroupEvalOrder,
		Series:         series,
		Start:          r.start,
		End:            r.start.Add(time.Duration(r.spec.end())),
		Step:           time.Duration(r.file.EvaluationInterval),
		ExternalLabels: r.spec.ExternalLabels,
		ExternalURL:    r.spec.ExternalURL,
		Meter:          r.meter,
	})
	if err != nil {
		f := r.failure(diag.TestInvalid, err.Error())
		return &f
	}
	r.result = result
	return nil
}

// end is the time of the last check.
func (s caseSpec) end() duration {
	end := duration(0)
	for _, a := range s.Alerts {
		end = max(end, a.EvalTime)
	}
	for _, e := range s.Exprs {
		end = max(end, e.EvalTime)
	}
	return end
}

// costOfSample is what it takes to parse one of the input, in nanoseconds.
const costOfSample = 50

// series parses the input. As in promtool, the last one of a labelset counts.
func (r *caseRun) series() ([]simulate.Series, *Failure) {
	interval := time.Duration(r.spec.Interval)
	if interval == 0 {
		interval = time.Duration(r.file.EvaluationInterval)
	}
	if samples, _ := samplesOf(r.spec); r.meter.Take(costOfSample*float64(samples)) != nil {
		f := r.failure(diag.TestInvalid, r.meter.Err().Error(), "input_series")
		return nil, &f
	}
	known := map[uint64]int{} // of labels: the index of the series
	var all []simulate.Series
	for i, spec := range r.spec.InputSeries {
		fail := func(message string) ([]simulate.Series, *Failure) {
			f := r.failure(diag.TestInvalid, message, "input_series", i)
			return nil, &f
		}
		if series, _, _ := strings.Cut(strings.TrimSpace(spec.Series), " "); strings.HasSuffix(series, "@st") {
			continue // when the counters of the next series began: no query asks for it
		}
		last := i == len(r.spec.InputSeries)-1
		if text := spec.Series + " " + spec.Values; strings.Contains(strings.TrimSpace(text), "\n") || !last && strings.Contains(text, "\n") {
			return fail("write the series and its values on one line: promtool reads nothing that follows a line break")
		}
		l, values, err := promql.ParseSeries(spec.Series + " " + spec.Values)
		if err != nil {
			return fail(err.Error())
		}
		series := simulate.Series{Labels: l.WithoutEmpty()}
		if series.Labels.IsEmpty() {
			return fail("a series needs a name or a label")
		}
		for n, v := range values {
			if !v.Omitted {
				series.Push(r.start.Add(time.Duration(n)*interval).UnixMilli(), v.Value, v.Histogram)
			}
		}
		hash := series.Labels.Hash()
		if earlier, found := known[hash]; found {
			all[earlier] = simulate.Series{}
		}
		known[hash] = len(all)
		all = append(all, series)
	}
	all = slices.DeleteFunc(all, func(s simulate.Series) bool { return s.Labels.IsEmpty() })
	return all, nil
}
