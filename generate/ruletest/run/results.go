// Package run runs promtool's unit-test files for rules, in-process and with
// promtool's verdicts.
//
// In: test files (rule files, input series, expected alerts and samples), from disk
// or from memory. Out: for each file what failed, where in the file it was
// expected, and how what came differs. It evaluates with package engine, so
// long tests take seconds where promtool takes minutes.
package run

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/schema/diag"
)

// Options says where files come from. The zero value reads from disk.
type Options struct {
	ReadFile func(path string) ([]byte, error)      // regular files up to MostBytes if nil
	Glob     func(pattern string) ([]string, error) // files on disk if nil, without searching all of it
	Done     func(done, all int)                    // called after each of all tests, by several goroutines; may be nil
	Limits   *Limits                                // DefaultLimits if nil
}

// Read reads a file from where the options say.
func (o Options) Read(path string) ([]byte, error) {
	if o.ReadFile == nil {
		return ReadFile(path, MostBytes)
	}
	return o.ReadFile(path)
}

// FileResult is the outcome of one test file.
type FileResult struct {
	File     string // with slashes
	Cases    []CaseResult
	Problems []diag.Finding // of the file itself and of the rule files that it names

	file *loadedFile // nil if it could not be read
}

// CaseResult is the outcome of one of the tests in a file.
type CaseResult struct {
	Name       string // "unnamed#2" for the third test if it has none
	Pos        diag.Pos
	Assertions int // alert_rule_test and promql_expr_test together
	Failures   []Failure

	work float64 // that it took
}

// Failure is one assertion that does not hold, or one reason why a test could not run.
type Failure struct {
	ID      diag.ID
	Pos     diag.Pos
	Message string           // one line: what was expected, when
	Diff    string           // lines that begin with "- " (expected), "+ " (got) or "  " (both); may be empty
	Checked testfile.Checked // the assertion; the zero value: the test as a whole
}

// Passed tells whether the file could be run and every assertion in it holds.
func (r FileResult) Passed() bool { return !diag.HasErrors(r.Findings()) }

// Assertions counts the assertions in the file, failed ones included.
func (r FileResult) Assertions() int {
	n := 0
	for _, c := range r.Cases {
		n += c.Assertions
	}
	return n
}

// Findings returns everything that is wrong.
func (r FileResult) Findings() []diag.Finding {
	findings := slices.Clone(r.Problems)
	for _, c := range r.Cases {
		findings = append(findings, c.Findings()...)
	}
	return diag.Sort(findings)
}

// Findings returns the failures of a test. The message of a failed assertion
// ends in its diff, one line each.
func (c CaseResult) Findings() []diag.Finding {
	var findings []diag.Finding
	for _, f := range c.Failures {
		message := fmt.Sprintf("%s: %s", c.Name, f.Message)
		if f.Diff != "" {
			message += "\n" + f.Diff
		}
		findings = append(findings, diag.Finding{ID: f.ID, Severity: diag.Error, Pos: f.Pos, Message: message})
	}
	return findings
}

// Files runs test files, as many tests at a time as there are processors. The
// results come in the order of the paths. A test that ctx cut short has a failure that says so.
func Files(ctx context.Context, paths []string, opts Options) []FileResult {
	results := load(ctx, paths, opts)
	type test struct{ file, index int }
	var tests []test
	for i, r := range results {
		for j := range r.Cases {
			tests = append(tests, test{i, j})
		}
	}
	var done atomic.Int64
	inParallel(len(tests), func(i int) {
		t := tests[i]
		result := &results[t.file].Cases[t.index]
		result.Failures, result.work = runCase(ctx, results[t.file].file, t.index)
		if n := int(done.Add(1)); opts.Done != nil {
			opts.Done(n, len(tests))
		}
	})
	for i := range results {
		results[i].bound()
	}
	return results
}

// bound puts one finding in the place of all tests if they take too much
// together: which of them came too late is chance.
func (r *FileResult) bound() {
	if r.file == nil {
		return
	}
	err := r.file.meter.Err()
	if err == nil {
		return
	}
	most := slices.MaxFunc(r.Cases, func(a, b CaseResult) int { return cmp.Compare(a.work, b.work) })
	pos, message := most.Pos, err.Error()
	if n := len(most.Failures); n > 0 {
		pos, message = most.Failures[n-1].Pos, most.Failures[n-1].Message
	}
	r.Problems = append(r.Problems, finding(diag.TestInvalid, pos, fmt.Sprintf("%s: %s", most.Name, message)))
	r.Cases = nil
}

// load reads test files and the rule files that they name. A file that ctx left out has a problem.
func load(ctx context.Context, paths []string, opts Options) []FileResult {
	if opts.Limits == nil {
		opts.Limits = &DefaultLimits
	}
	rules := &ruleFiles{read: opts.Read, parsed: map[string]func() ruleFile{}}
	results := make([]FileResult, len(paths))
	inParallel(len(paths), func(i int) {
		if ctx.Err() != nil {
			results[i] = FileResult{File: slashed(paths[i]), Problems: []diag.Finding{finding(diag.TestInvalid, diag.Pos{File: slashed(paths[i])}, context.Cause(ctx).Error())}}
			return
		}
		file, result := loadFile(paths[i], opts, rules)
		results[i], results[i].file = result, file
	})
	return results
}

// inParallel calls f with 0 to n−1.
func inParallel(n int, f func(int)) {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error {
			f(i)
			return nil
		})
	}
	_ = g.Wait()
}

// ruleFiles parses each rule file once, however many tests name it.
type ruleFiles struct {
	read   func(string) ([]byte, error)
	mutex  sync.Mutex
	parsed map[string]func() ruleFile
}

func (f *ruleFiles) get(path string) ruleFile {
	f.mutex.Lock()
	parse, ok := f.parsed[path]
	if !ok {
		parse = sync.OnceValue(func() ruleFile { return parseRuleFile(path, f.read) })
		f.parsed[path] = parse
	}
	f.mutex.Unlock()
	return parse()
}
