package mutate

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/generate/ruletest/run"
)

// Run makes every mutant of the rules that test files name, and runs the tests on
// it until one fails, unless it is equivalent. The mutants come
// in the order of the rule files and rules.
// It fails if a test fails without a mistake, or ctx is cancelled.
func Run(ctx context.Context, paths []string, opts run.Options) ([]*Mutant, error) {
	cases, all, err := load(ctx, paths, opts)
	if err != nil {
		return nil, err
	}
	open := slices.DeleteFunc(slices.Clone(all), func(m *Mutant) bool { return m.Equivalent != nil })
	return all, kill(ctx, cases, open, opts.Done)
}

// load returns the tests of files, in the order in which they are tried, and
// every mutant of their rules.
func load(ctx context.Context, paths []string, opts run.Options) ([]run.Case, []*Mutant, error) {
	cases, results := run.Load(ctx, paths, opts)
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	for _, r := range results {
		if !r.Passed() {
			return nil, nil, fmt.Errorf("%s: a test that cannot be run notices no mistake", r.File)
		}
	}
	// A test that evaluates seldom is cheap, and finds most of what any finds.
	slices.SortStableFunc(cases, func(a, b run.Case) int {
		return cmp.Or(slices.Compare(a.RuleFiles(), b.RuleFiles()), a.Evaluations()-b.Evaluations())
	})
	var all []*Mutant
	known := map[string]bool{}
	for _, c := range cases {
		for _, path := range c.RuleFiles() {
			if known[path] {
				continue
			}
			known[path] = true
			if ctx.Err() != nil {
				return nil, nil, context.Cause(ctx)
			}
			found, err := mutantsOf(ctx, path, opts)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, found...)
		}
	}
	return cases, all, nil
}

// kill runs tests on mutants, each until one fails. One test at a time is held in
// memory, with all that its rules have recorded.
func kill(ctx context.Context, cases []run.Case, mutants []*Mutant, done func(done, all int)) error {
	for i, c := range cases {
		files := c.RuleFiles()
		var alive []*Mutant
		for _, m := range mutants {
			if !m.Killed && slices.Contains(files, m.file.path) {
				alive = append(alive, m)
			}
		}
		if len(alive) > 0 {
			passed, err := c.Run(ctx)
			if err != nil {
				return err
			}
			if err := try(ctx, passed, alive); err != nil {
				return err
			}
		}
		if done != nil {
			done(i+1, len(cases))
		}
	}
	return nil
}

// try runs a test on mutants, as many at a time as there are processors.
func try(ctx context.Context, passed *run.Passed, alive []*Mutant) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, m := range alive {
		g.Go(func() (err error) {
			m.Killed, err = passed.Detects(ctx, m.file.path, m.change)
			return err
		})
	}
	return g.Wait()
}

func mutantsOf(ctx context.Context, path string, opts run.Options) ([]*Mutant, error) {
	content, err := opts.Read(path)
	if err != nil {
		return nil, err
	}
	groups, _ := run.ParseRules(path, content) // a test that names the file could be loaded
	file, err := newRuleFile(path, groups)
	if err != nil {
		return nil, err
	}
	return file.mutants(ctx, run.Places(path, groups, opts.Read))
}
