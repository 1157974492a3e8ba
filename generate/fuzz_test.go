//go:build unix

package generate_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/simulate/promtest"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// What one input may take. Its tests may take as long again: they play weeks.
const (
	fuzzTime   = 2 * time.Second
	fuzzMemory = 512 << 20
	fuzzSLOs   = 3 // of which the tests are run
)

// separator stands between a project file and a spec in the bytes of the fuzzer.
const separator = "\n\x1e\n"

// The first byte of an input says what the others are.
const (
	yamlSpec = iota
	jsonSpec
	yamlBoth // a project file, the separator and a spec
	jsonBoth
	layouts
)

// FuzzPipeline goes from bytes to rules and tests: there is no panic, nothing
// takes long or much, and there are findings with a place, or rules that
// Prometheus accepts and tests that pass.
func FuzzPipeline(f *testing.F) {
	if testing.Short() {
		f.Skip("bounds time, which the race detector multiplies")
	}
	for _, dir := range []string{"bad/*", "promises"} {
		seedFiles(f, "../testdata/"+dir)
	}
	for _, spec := range faults() {
		f.Add(append([]byte{yamlSpec}, spec...))
	}
	f.Add(append([]byte{yamlBoth}, "ladder: [90, 99, 99.9]\ntiers: {P1: {objective: 99, window: 30d}}\nintervals: {scrape: 7s, evaluation: 5s}\n"+separator+fuzzSpec("99.9", "{uptime: {expr: up}}", "")...))
	f.Add(append([]byte{jsonBoth}, `{"labels": {"a": "b"}, "tiers": {"P0": {}}}`+separator+fuzzSpec("99.9", "{http: {metric: m}}", "")...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 0 {
			pipeline(t, data[0]%layouts, data[1:])
		}
	})
}

// seedFiles adds the specs and project files of directories.
func seedFiles(f *testing.F, dirs string) {
	files, err := filepath.Glob(dirs + "/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		format, known := read.FormatOf(file)
		data, err := os.ReadFile(file)
		if err != nil || !known || format == read.CUE {
			continue
		}
		layout := byte(yamlSpec)
		if format == read.JSON {
			layout = jsonSpec
		}
		if strings.HasPrefix(filepath.Base(file), "promslo.") {
			layout += yamlBoth
			data = append(data, separator+fuzzSpec("99.9", "{uptime: {expr: up}}", "")...)
		}
		f.Add(append([]byte{layout}, data...))
	}
}

func fuzzSpec(objective, sli, lines string) string {
	return "service: users\nslos:\n  a:\n    objective: " + objective + "\n    window: 30d\n    sli: " + sli + "\n" + lines
}

// faults are specs that once hung, crashed or took gigabytes.
func faults() []string {
	nested := func(n int) string { return strings.Repeat("(", n) + "up" + strings.Repeat(")", n) }
	uptime := func(expr string) string { return fuzzSpec("99.9", fmt.Sprintf("{uptime: {expr: %q}}", expr), "") }
	texts := "service: users\ndescription: &x " + strings.Repeat("a", 100_000) + "\nslos:\n"
	for i := range 100 {
		texts += fmt.Sprintf("  a%d: {objective: 99, window: 30d, description: *x, sli: {uptime: {expr: up}}}\n", i)
	}
	line := "{service: users, slos: {"
	for i := range 90 {
		line += fmt.Sprintf("a%d: {%s}, ", i, strings.Repeat("x: 1, ", 40))
	}
	return []string{
		texts, line + "}}",
		fuzzSpec("99.99999999995", "{uptime: {expr: up}}", ""),
		fuzzSpec("10.0000000001", "{uptime: {expr: up}}", ""),
		fuzzSpec("10.0000000001", "{http: {metric: m}}", ""),
		uptime(nested(60)), uptime(nested(800)), uptime(nested(20_000)),
		uptime(strings.Repeat("abs(", 300) + "up" + strings.Repeat(")", 300)),
		uptime(strings.Repeat("up or ", 3000) + "up"), uptime(strings.Repeat("-", 3000) + "up"),
		uptime("up{a=~'((a{100}){100}){100}'}"), uptime("up{" + strings.Repeat("a=~'(a|b){500}',", 100) + "}"),
		uptime("max_over_time(up[10y:1ms]) > bool 0"),
		fuzzSpec("99.9", "{http: {metric: m}}", "    annotations: {a: '{{ range 1000000000 }}{{ end }}'}\n"),
		fuzzSpec("99.9", "{http: {metric: m}}", "    tests: [{name: t, series: {x: 0+1x100000000}, expect: [{at: 1h, fires: none}]}]\n"),
		fuzzSpec("99.9", "{http: {metric: m}}", "    timezone: Europe/Berlin\n    schedule: [{name: n, at: {days: [sat]}, objective: 98.99999999995}]\n"),
	}
}

// pipeline holds one input to what FuzzPipeline promises.
func pipeline(t *testing.T, layout byte, data []byte) {
	spec := read.Input{File: "a.slo", Data: data}
	project := schema.DefaultProject()
	format := read.YAML
	if layout == jsonSpec || layout == jsonBoth {
		format = read.JSON
	}
	if layout < yamlBoth {
		spec.Format = format
	}
	bounded(t, "loading and generating", func(ctx context.Context) {
		if before, after, both := bytes.Cut(data, []byte(separator)); both && layout >= yamlBoth {
			var findings []diag.Finding
			project, findings = schema.LoadProject(read.Input{File: "promslo", Data: before, Format: format}, schema.Options{})
			placed(t, findings, "promslo")
			spec.Data = after
			if diag.HasErrors(findings) {
				return
			}
		}
		services, findings := schema.LoadSpecs(ctx, project, []read.Input{spec}, schema.Options{Workers: 1})
		placed(t, findings, "a.slo", "promslo")
		if diag.HasErrors(findings) || ctx.Err() != nil {
			return
		}
		files, findings, err := generate.Generate(ctx, services, project, generate.Options{Workers: 1})
		if err != nil && ctx.Err() == nil {
			t.Errorf("generating: %v", err)
		}
		placed(t, findings, "a.slo", "promslo")
		if err != nil || diag.HasErrors(findings) {
			return
		}
		slos := 0
		for _, s := range services {
			slos += len(s.SLOs)
		}
		accepted(t, files, slos)
	})
}

// placed checks that findings say where and what is wrong.
func placed(t *testing.T, findings []diag.Finding, files ...string) {
	for _, f := range findings {
		known := false
		for _, file := range files {
			known = known || f.Pos.File == file
		}
		if !known || f.Message == "" || f.ID == "" || len(f.Message) > 10_000 {
			t.Errorf("%+v", f)
		}
	}
}

// accepted checks that Prometheus accepts the rules and that the tests pass.
func accepted(t *testing.T, files map[string][]byte, slos int) {
	var tests []string
	for name, data := range files {
		switch path.Dir(name) {
		case "rules":
			if _, errs := promql.ParseRules(data); len(errs) > 0 {
				t.Errorf("%v\n%s", errs, data)
			}
		case "tests":
			tests = append(tests, name)
		}
	}
	if slos > fuzzSLOs {
		return
	}
	bounded(t, "running the tests", func(ctx context.Context) {
		for _, r := range promtest.RunFiles(ctx, tests, promtest.Options{
			ReadFile: func(name string) ([]byte, error) {
				if data, ok := files[path.Clean(name)]; ok {
					return data, nil
				}
				return nil, fs.ErrNotExist
			},
			Glob: func(pattern string) ([]string, error) { return []string{path.Clean(pattern)}, nil },
		}) {
			for _, f := range r.Findings() {
				if ctx.Err() == nil {
					t.Errorf("%s: %s\n%s", f.Pos, f.Message, files[f.Pos.File])
				}
			}
		}
	})
}

// bounded runs a step in bounds. What does not heed the deadline fails as well; on
// a busy machine the processor's time counts.
func bounded(t *testing.T, step string, run func(context.Context)) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*fuzzTime)
	defer cancel()
	start, before, base := time.Now(), processorTime(), heap()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		run(ctx)
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case cause := <-done:
			if cause != nil {
				t.Fatalf("%s: %v", step, cause)
			}
			if wall, cpu := time.Since(start), processorTime()-before; min(wall, cpu) > fuzzTime {
				t.Errorf("%s took %s, %s of them processor time", step, wall, cpu)
			}
			return
		case <-tick.C:
			if now := heap(); now > base+fuzzMemory {
				t.Fatalf("%s takes %d MiB", step, (now-base)>>20)
			}
			if time.Since(start) > 6*fuzzTime {
				t.Fatalf("%s goes on", step)
			}
		}
	}
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
