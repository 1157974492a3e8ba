package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/breaking"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// inScope reports whether changes of a file are reported.
func (c *versions) inScope(file string) bool {
	return slices.ContainsFunc(c.scope, func(in string) bool { return workspace.Within(file, in) })
}

// checkSpecs returns an error if there are no specs to compare, and warns if there were
// none before.
func (c *versions) checkSpecs(s streams) error {
	now, before := 0, 0
	var names []string
	for _, scope := range c.scope {
		path := filepath.Join(c.base, filepath.FromSlash(scope))
		names = append(names, c.now.Shown(path))
		of := func(w *workspace.Workspace) (n int) {
			for _, in := range w.Inputs {
				if workspace.Within(in.Source, scope) && !read.IsAgreements(in.Source) {
					n++
				}
			}
			return n
		}
		now, before = now+of(c.now), before+of(c.before)
		if _, err := os.Lstat(path); err != nil && of(c.before) == 0 {
			return fmt.Errorf("there is no %s, neither now nor in %s", c.now.Shown(path), c.against.name())
		}
	}
	switch {
	case now == 0 && before == 0:
		return fmt.Errorf("nothing was compared: there are no specs in %s, neither now nor in %s (files that end in .slo.yaml, .slo.json or .slo.cue)",
			strings.Join(names, ", "), c.against.name())
	case before == 0:
		fmt.Fprintln(s.err, report.SanitizeLines("promslo: nothing could break: there are no specs in "+c.against.name()))
	}
	return nil
}

// compare finds what the services of the new version break. Services in files that do not
// load now are left out: they would look as if they were gone.
func (c *versions) compare(ctx context.Context, now model.Contracts, brokenNow []diag.Finding) ([]diag.Finding, error) {
	old := c.takeUnchanged(now.Services)
	changed, broken, err := c.before.Services(ctx)
	old = append(old, changed...)
	slices.SortFunc(old, func(a, b model.Service) int { return cmp.Compare(a.Name, b.Name) })
	if err != nil {
		return nil, err
	}
	files := map[string]bool{} // that have errors now, by their paths from base
	for _, in := range c.now.Inputs {
		files[in.Source] = slices.ContainsFunc(brokenNow, func(f diag.Finding) bool { return f.Severity == diag.Error && f.Pos.File == in.File })
	}
	old = slices.DeleteFunc(old, func(s model.Service) bool {
		loads := slices.ContainsFunc(now.Services, func(n model.Service) bool { return n.Name == s.Name })
		return !loads && (now.Broken[s.Name] || files[s.Source.File])
	})
	before := breaking.Version{Services: old, Project: c.before.Project, Broken: now.Broken, Nameless: now.Nameless}
	after := breaking.Version{Services: now.Services, Project: c.now.Project, Broken: now.Broken, Nameless: now.Nameless}
	findings := append(breaking.Compare(before, after, c.inScope, promql.Text{}), c.notCompared(broken)...)
	findings = append(findings, c.notComparedNow(brokenNow)...)
	newIgnores, stale := breaking.NewIgnores(before, after, c.inScope, findings)
	findings = slices.Concat(findings, lint.IgnoreUnused(findings, newIgnores, true), stale)
	findings = lint.Waive(findings, now, time.Now())
	project := after.Project
	project.Lint = before.Project.Lint // what was set before the change decides
	return diag.Sort(slices.Concat(brokenNow, lint.Filter(findings, project, newIgnores))), nil
}

// notComparedNow has a finding for each file that does not load now.
func (c *versions) notComparedNow(broken []diag.Finding) (findings []diag.Finding) {
	report := lint.Reporter(diag.NotCompared, &findings)
	files := map[string]bool{}
	for _, f := range broken {
		if f.Severity == diag.Error && !files[f.Pos.File] {
			files[f.Pos.File] = true
			report(diag.Pos{File: f.Pos.File}, "what this file promises cannot be compared, as it does not load", "correct it; all other files are compared")
		}
	}
	return findings
}

// takeUnchanged returns the services of files that did not change, and leaves these files
// out of what is loaded of the version before. Most files did not change. What is in a
// CUE file may depend on others.
func (c *versions) takeUnchanged(services []model.Service) []model.Service {
	if !bytes.Equal(c.now.ProjectFile, c.before.ProjectFile) {
		return nil
	}
	now := map[string][]byte{}
	for _, in := range c.now.Inputs {
		now[in.Source] = in.Data
	}
	same := map[string]bool{}
	for _, in := range c.before.Inputs {
		data, there := now[in.Source]
		same[in.Source] = there && in.Format != read.CUE && bytes.Equal(in.Data, data)
	}
	c.before.Inputs = slices.DeleteFunc(c.before.Inputs, func(in read.Input) bool { return same[in.Source] })
	return slices.DeleteFunc(slices.Clone(services), func(s model.Service) bool { return !same[s.Source.File] })
}

// notCompared has a finding for each file that does not load in the version before.
func (c *versions) notCompared(broken []diag.Finding) []diag.Finding {
	now := map[string]string{} // names of files by their paths from base
	for _, in := range c.now.Inputs {
		now[in.Source] = in.File
	}
	source := map[string]string{}
	for _, in := range c.before.Inputs {
		source[in.File] = in.Source
	}
	var findings []diag.Finding
	report := lint.Reporter(diag.NotCompared, &findings)
	last := ""
	for _, f := range broken {
		path, spec := source[f.Pos.File]
		if f.Severity != diag.Error || f.Pos.File == last || spec && !c.inScope(path) {
			continue
		}
		last = f.Pos.File
		at := f.Pos
		if file, there := now[path]; there {
			at = diag.Pos{File: file}
		}
		report(at, fmt.Sprintf("what this file promised cannot be compared, as %s does not load: %s", f.Pos, cmp.Or(strings.Split(f.Message, "\n")[0], string(f.ID))),
			"compare with a version that loads, or see `promslo explain not-compared`")
	}
	return findings
}
