package run

import (
	"context"
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/engine/incremental"
	"github.com/promslo/promslo/generate/promql"
)

// Case is one of the tests in a file, to be run on changed rules.
type Case struct {
	file  *loadedFile
	index int
}

// Load reads test files and the rule files that they name. A file that cannot be
// run has no cases; its result tells why.
func Load(ctx context.Context, paths []string, opts Options) ([]Case, []FileResult) {
	results := load(ctx, paths, opts)
	var cases []Case
	for _, r := range results {
		for j := range r.Cases {
			cases = append(cases, Case{r.file, j})
		}
	}
	return cases, results
}

// RuleFiles returns the paths of the rule files.
func (c Case) RuleFiles() []string {
	var paths []string
	for _, loaded := range c.file.rules {
		paths = append(paths, loaded.path)
	}
	return paths
}

// Evaluations returns how often the rules are evaluated, which is what a test costs.
func (c Case) Evaluations() int {
	return int(end(c.file.Tests[c.index]) / c.file.EvaluationInterval)
}

// Passed is a case that passes.
type Passed struct {
	file  *loadedFile
	trial *incremental.Trial
}

// Run runs the case. The error is its first failure, or tells that ctx was cancelled.
func (c Case) Run(ctx context.Context) (*Passed, error) {
	run := newCaseRun(ctx, c.file, c.index)
	failures := run.all()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case len(failures) > 0:
		return nil, fmt.Errorf("%s: %s", failures[0].Pos, failures[0].Message)
	}
	run.meter.Unbounded() // each of its changes takes about as much
	var checks []incremental.Check
	add := func(check incremental.Check, failure func(r *caseRun) *Failure) {
		check.Passes = func(result *engine.Result) bool {
			changed := *run
			changed.result = result
			return failure(&changed) == nil
		}
		checks = append(checks, check)
	}
	for i, a := range run.spec.Alerts {
		at := run.start.Add(time.Duration(a.EvalTime))
		add(incremental.Check{Alert: a.Name, At: at}, func(r *caseRun) *Failure { return r.checkAlert(a, i) })
	}
	for i, e := range run.spec.Exprs {
		reads, _ := promql.ReadsOf(e.Expr) // it passes, so it can be read
		add(incremental.Check{Selects: reads.Selectors}, func(r *caseRun) *Failure { return r.checkExpr(e, i) })
	}
	return &Passed{c.file, incremental.NewTrial(run.result, checks)}, nil
}

// Detects tells whether the case fails once a rule is changed. The group of the
// change is an index in the rule file. The error tells that ctx was cancelled.
func (p *Passed) Detects(ctx context.Context, ruleFile string, change incremental.Change) (detected bool, err error) {
	defer func() {
		if recover() != nil { // runCase takes it for a failure
			detected, err = true, nil
		}
	}()
	for _, loaded := range p.file.rules {
		if loaded.path == ruleFile {
			break
		}
		change.Group += len(loaded.groups)
	}
	return p.trial.Fails(ctx, change)
}
