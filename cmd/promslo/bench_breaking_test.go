//go:build unix

package main_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkBreaking compares a project of a thousand services that need five others
// each with the commit before, where nothing, one promise and every promise is weaker,
// beside what generating the rules and lint take. The commands take turns. In the last case
// each finding has its consumers, and those that are reached through them.
func BenchmarkBreaking(b *testing.B) {
	const services = 1000
	promslo := build(b)
	dir := b.TempDir()
	writeSpecs(b, dir, services)
	specs := specsBelow(b, dir)
	for i, spec := range specs {
		var needs strings.Builder
		needs.WriteString("dependsOn:\n")
		for j := range 5 {
			name := strings.TrimSuffix(filepath.Base(specs[(i+1+j*97)%services]), ".slo.yaml")
			fmt.Fprintf(&needs, "  - {service: %s, slo: availability, needs: 99.9}\n", name)
		}
		edit(b, spec, func(data []byte) []byte { return append(data, needs.String()...) })
	}
	const project = "lint: {objective-lowered: warning, beyond-dependencies: warning, dependency-cycle: warning, promise-below-need: warning}\n"
	settle := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "promslo.yaml"), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	settle(project)
	b.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=b", "-c", "user.email=b@example.com", "commit", "-qm", "before"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	settle(project + "# changed\n") // and the specs of both versions are read: another project file may mean other promises
	weaker := func(data []byte) []byte { return bytes.Replace(data, []byte("99.9"), []byte("99.8"), 1) }
	rules, lint := &series{name: "rules"}, &series{name: "lint"}
	none, one, every := &series{name: "none"}, &series{name: "one"}, &series{name: "every"}
	measure := func(s *series) {
		run(b, dir, rules, promslo, "generate", "--only", "rules", "--out", fmt.Sprintf("gen-%d", len(rules.runs)))
		run(b, dir, lint, promslo, "lint", "--min-severity", "error")
		run(b, dir, s, promslo, "breaking", "--against", "HEAD")
	}
	for _, s := range []*series{none, one, every} {
		switch s {
		case one:
			edit(b, specs[0], weaker)
		case every:
			for _, spec := range specs[1:] {
				edit(b, spec, weaker)
			}
		}
		for range 5 {
			measure(s)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rules.wall().Seconds()*1000, "ms/rules")
	for _, s := range []*series{lint, none, one, every} {
		b.ReportMetric(s.wall().Seconds()*1000, "ms/"+s.name)
	}
	b.ReportMetric(float64(every.peak())/1e6, "peak-MB")
}

func specsBelow(b *testing.B, dir string) (specs []string) {
	b.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".slo.yaml") {
			specs = append(specs, path)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return specs
}

func edit(b *testing.B, file string, change func([]byte) []byte) {
	b.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(file, change(data), 0o644); err != nil {
		b.Fatal(err)
	}
}
