//go:build unix

package main_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/promslo/promslo/testdata"
)

var (
	benchFiles   = flag.String("files", "10,100,1000,10000", "numbers of spec files for BenchmarkGenerate")
	benchProgram = flag.String("promslo", "", "program to measure, to compare versions (default: built from this tree)")
)

// benchSpec is a service with three SLOs; NAME stands for its name.
const benchSpec = `service: NAME
tier: P1
owner: team-NAME
description: What the service NAME does for its users.
contacts: {slack: "#NAME", runbook: https://runbooks.example.com/NAME}
slos:
  availability:
    description: Requests to NAME are answered.
    objective: 99.9
    window: 30d
    sli:
      http:
        metric: http_requests_total
        match: {job: NAME}
  latency:
    description: Requests to NAME are answered within half a second.
    objective: 99
    window: 30d
    sli:
      latency:
        histogram: http_request_duration_seconds
        match: {job: NAME}
        threshold: 500ms
  jobs:
    objective: 99.5
    window: 7d
    sli:
      events:
        bad: 'jobs_failed_total{job="NAME"}'
        total: 'jobs_total{job="NAME"}'
`

// cost is what a process took.
type cost struct {
	wall time.Duration
	peak int64 // bytes of resident memory
}

// series is one command run again and again.
type series struct {
	name  string
	runs  []cost
	bytes int64 // that it leaves on disk
}

func (s *series) wall() time.Duration {
	return median(s.runs, func(c cost) time.Duration { return c.wall })
}
func (s *series) peak() int64 { return median(s.runs, func(c cost) int64 { return c.peak }) }

// BenchmarkGenerate runs the whole command over trees of spec files, beside
// `promtool check rules` on the rule files that it writes. The commands take
// turns, so that whatever else the machine does meets all of them alike; the
// table on stderr has medians. "again" is a run that finds nothing to change.
func BenchmarkGenerate(b *testing.B) {
	promslo, promtool := build(b), testdata.Tool(b, "promtool")
	w := tabwriter.NewWriter(os.Stderr, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintln(w, "files\tSLOs\tcommand\twall\tof promtool's\tgrowth a file\tpeak memory\twritten\t")
	before := map[string]float64{} // wall time a file
	// Nothing is removed before the end: ext4 searches long for an inode that was
	// not deleted within the last seconds, and would make every first run slow.
	tmp := b.TempDir()
	for _, text := range strings.Split(*benchFiles, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			dir := filepath.Join(tmp, text)
			writeSpecs(b, dir, n)
			rules := &series{name: "generate --only rules"}
			rulesAgain := &series{name: "… again"}
			all := &series{name: "generate"}
			allAgain := &series{name: "… again"}
			check := &series{name: "promtool check rules"}
			for i := range min(11, max(3, 5000/n)) {
				part, whole := fmt.Sprintf("rules-%d", i), fmt.Sprintf("all-%d", i)
				run(b, dir, rules, promslo, "generate", "--only", "rules", "--out", part)
				run(b, dir, check, promtool, append([]string{"check", "rules"}, ruleFiles(b, dir, part)...)...)
				run(b, dir, all, promslo, "generate", "--out", whole)
				run(b, dir, rulesAgain, promslo, "generate", "--only", "rules", "--out", part)
				run(b, dir, allAgain, promslo, "generate", "--out", whole)
			}
			rules.bytes, all.bytes = size(b, dir, "rules-0"), size(b, dir, "all-0")
			for _, s := range []*series{rules, rulesAgain, all, allAgain, check} {
				each := s.wall().Seconds() / float64(n)
				of := s.wall().Seconds() / check.wall().Seconds()
				key := s.name
				if s == allAgain {
					key = "generate again"
				}
				growth := "-"
				if before[key] > 0 {
					growth = fmt.Sprintf("%.2f×", each/before[key])
				}
				before[key] = each
				fmt.Fprintf(w, "%d\t%d\t%s\t%.0f ms\t%.2f×\t%s\t%s\t%s\t\n", n, 3*n, s.name, s.wall().Seconds()*1000, of, growth, mega(s.peak()), mega(s.bytes))
			}
			b.ReportMetric(0, "ns/op") // one run of all, and no figure of anything
			b.ReportMetric(rules.wall().Seconds()/check.wall().Seconds(), "rules/promtool")
			b.ReportMetric(all.wall().Seconds()/check.wall().Seconds(), "all/promtool")
			b.ReportMetric(float64(all.peak())/1e6, "peak-MB")
		})
	}
}

// BenchmarkOneFile is what a pre-commit hook waits for: the whole process, for one spec.
func BenchmarkOneFile(b *testing.B) {
	promslo := build(b)
	dir := b.TempDir()
	writeSpecs(b, dir, 1)
	first, again := &series{}, &series{}
	for i := range 25 {
		out := fmt.Sprintf("gen-%d", i)
		run(b, dir, first, promslo, "generate", "--out", out)
		run(b, dir, again, promslo, "generate", "--out", out)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(first.wall().Seconds()*1000, "ms/first")
	b.ReportMetric(again.wall().Seconds()*1000, "ms/again")
	b.ReportMetric(float64(first.peak())/1e6, "peak-MB")
}

// BenchmarkHook is what a hook waits for in a project of a thousand specs of which one
// changed, beside the generation of all of them; and a run on that one spec, beside the
// same where it is alone. "clone" is the hook's first run, when nothing is known of runs before.
func BenchmarkHook(b *testing.B) {
	promslo := build(b)
	const services = 1000
	dir, alone := b.TempDir(), b.TempDir()
	writeSpecs(b, dir, services)
	writeSpecs(b, alone, 1)
	spec := filepath.Join("services", "team-000", "service-00000", "service-00000.slo.yaml")
	full, hook, clone := &series{name: "full"}, &series{name: "hook"}, &series{name: "clone"}
	named, single := &series{name: "named"}, &series{name: "alone"}
	for i := range 7 {
		out := fmt.Sprintf("gen-%d", i)
		run(b, dir, full, promslo, "generate", "--out", out)
		change := func(data []byte) []byte { return append(data, "# another line\n"...) }
		objective := func(data []byte) []byte {
			return regexp.MustCompile(`objective: 99\.9\d?`).ReplaceAll(data, fmt.Appendf(nil, "objective: 99.9%d", i+1))
		}
		for _, at := range []string{dir, alone} {
			edit(b, filepath.Join(at, spec), change)
			edit(b, filepath.Join(at, spec), objective)
		}
		run(b, dir, hook, promslo, "generate", "--out", out)
		run(b, alone, single, promslo, "generate", "--out", out, spec)
		for range 3 {
			run(b, alone, single, promslo, "generate", "--out", out, spec)
			run(b, dir, named, promslo, "generate", "--out", out, spec)
		}
		b.Setenv("PROMSLO_CACHE", "off")
		run(b, dir, clone, promslo, "generate", "--out", out)
		b.Setenv("PROMSLO_CACHE", b.TempDir())
		if err := os.RemoveAll(filepath.Join(dir, out)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, s := range []*series{full, hook, clone, named, single} {
		b.ReportMetric(s.wall().Seconds()*1000, "ms/"+s.name)
	}
	b.ReportMetric(hook.wall().Seconds()/full.wall().Seconds(), "hook/full")
	b.ReportMetric(named.wall().Seconds()/single.wall().Seconds(), "named/alone")
	b.ReportMetric(float64(full.peak())/(1<<20), "peak-MiB")
}

// BenchmarkLint lints a thousand services that depend on five others each, through
// ever more down to the first, beside `generate --only rules` on the same: the check of
// contracts must not cost more. "one" is what a hook on one of the last waits for, which
// reads all others; "near" one that depends on a few.
func BenchmarkLint(b *testing.B) {
	promslo := build(b)
	dir := b.TempDir()
	const services = 1000
	writeSpecs(b, dir, services)
	files, err := filepath.Glob(filepath.Join(dir, "services", "*", "*", "*.slo.yaml"))
	if err != nil || len(files) != services {
		b.Fatal(len(files), err)
	}
	slices.SortFunc(files, func(x, y string) int { return cmp.Compare(filepath.Base(x), filepath.Base(y)) })
	for i, file := range files {
		spec, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		spec = append(spec, "dependsOn:\n"...)
		for j := max(0, i-5); j < i; j++ {
			spec = fmt.Appendf(spec, "  - {service: service-%05d, slo: availability, needs: 99.9, window: 30d, for: [jobs]}\n", j)
		}
		if i == 0 {
			spec = append(spec, "  - {provider: {name: Example, sla: 100}}\n"...)
		}
		if err := os.WriteFile(file, spec, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "promslo.yaml"), []byte("out: gen\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	rules, all, one, near := &series{name: "rules"}, &series{name: "all"}, &series{name: "one"}, &series{name: "near"}
	for i := range 7 {
		run(b, dir, rules, promslo, "generate", "--only", "rules", "--out", fmt.Sprintf("rules-%d", i))
		run(b, dir, all, promslo, "lint")
		run(b, dir, one, promslo, "lint", files[services-1])
		run(b, dir, near, promslo, "lint", files[10])
	}
	b.ReportMetric(0, "ns/op")
	for _, s := range []*series{rules, all, one, near} {
		b.ReportMetric(s.wall().Seconds()*1000, "ms/"+s.name)
	}
	b.ReportMetric(all.wall().Seconds()/rules.wall().Seconds(), "all/rules")
	b.ReportMetric(float64(all.peak())/1e6, "peak-MB")
}

// build returns the program to measure: that of this tree, or what -promslo names.
func build(b *testing.B) string {
	b.Helper()
	b.Setenv("PROMSLO_CACHE", b.TempDir())
	if *benchProgram != "" {
		return *benchProgram
	}
	path := filepath.Join(b.TempDir(), "promslo")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return path
}

// writeSpecs writes n specs into a tree of directories, a service in each.
func writeSpecs(b *testing.B, dir string, n int) {
	b.Helper()
	for i := range n {
		name := fmt.Sprintf("service-%05d", i)
		at := filepath.Join(dir, "services", fmt.Sprintf("team-%03d", i%(n/20+1)), name)
		if err := os.MkdirAll(at, 0o755); err != nil {
			b.Fatal(err)
		}
		spec := strings.ReplaceAll(benchSpec, "NAME", name)
		if err := os.WriteFile(filepath.Join(at, name+".slo.yaml"), []byte(spec), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// run runs a command and notes what it took. Before exec a child shares the
// memory of this process, which is small, so that the child's own peak counts.
func run(b *testing.B, dir string, s *series, name string, args ...string) {
	b.Helper()
	var out bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = dir, &out
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		b.Fatalf("%s: %v\n%s", s.name, err, out.Bytes())
	}
	s.runs = append(s.runs, cost{wall, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss * maxrssUnit})
}

// maxrssUnit is the unit in which Linux counts memory.
const maxrssUnit = 1024

// ruleFiles returns the rule files that were written, relative to dir: thousands
// of absolute paths might not fit into a command line.
func ruleFiles(b *testing.B, dir, out string) []string {
	b.Helper()
	names, err := fs.Glob(os.DirFS(dir), out+"/rules/*.yaml")
	if err != nil || len(names) == 0 {
		b.Fatalf("no rule files: %v", err)
	}
	return names
}

func size(b *testing.B, dir, name string) int64 {
	b.Helper()
	var total int64
	err := fs.WalkDir(os.DirFS(dir), name, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return total
}

func median[T cmp.Ordered](runs []cost, of func(cost) T) T {
	values := make([]T, len(runs))
	for i, r := range runs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func mega(n int64) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprintf("%.*f MB", max(0, 1-int(math.Log10(float64(n)/1e6))), float64(n)/1e6)
}
