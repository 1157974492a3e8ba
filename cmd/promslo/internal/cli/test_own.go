package cli

import (
	"cmp"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/ruletest"
	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/generate/ruletest/testfile"
	"github.com/promslo/promslo/schema/diag"
)

// ownEnding is that of the generated files of tests that stand in specs.
const ownEnding = ".own.test.yaml"

// pointIntoSpecs moves the positions of failed tests that stand in a spec to what they
// expect there. Where the spec cannot be read, or says something else by now, they stay.
func pointIntoSpecs(ctx context.Context, s streams, results []run.FileResult) {
	for _, r := range results {
		if !r.Passed() && strings.HasSuffix(r.File, ownEnding) {
			pointIntoSpec(ctx, s, r)
		}
	}
}

func pointIntoSpec(ctx context.Context, s streams, r run.FileResult) {
	spec := specOf(r.File)
	if spec == "" {
		return
	}
	w, err := workspace.Open(ctx, s.env(), []string{spec})
	if err != nil {
		return
	}
	services, _, err := w.Services(ctx)
	if err != nil {
		return
	}
	places := map[string]map[testfile.Checked]diag.Pos{}
	for _, service := range services {
		p, _ := plan.New(service, w.Project)
		maps.Copy(places, ruletest.OwnPlaces(p))
	}
	for _, c := range r.Cases {
		for i, f := range c.Failures {
			if pos, found := places[c.Name][f.Checked]; found {
				c.Failures[i].Pos = pos
			} else {
				c.Failures[i].Message += "\n" + spec + " says something else by now: run `promslo generate`"
			}
		}
	}
}

// specOf returns the path of the spec that the header of a generated test file names; ""
// if it names none in the repository, or else in the project, of the file. Without either
// it is in the directory of the output directory, or below.
func specOf(file string) string {
	data, err := run.ReadFile(filepath.FromSlash(file), run.MostBytes)
	if err != nil {
		return ""
	}
	source, generated := generate.Source(data)
	cwd, err := os.Getwd()
	if !generated || err != nil {
		return ""
	}
	// Headers name specs as seen from the output directory, which holds the directory of tests.
	tests := filepath.Dir(workspace.Absolute(cwd, filepath.FromSlash(file)))
	out := filepath.Dir(tests)
	spec := filepath.Join(out, filepath.FromSlash(source))
	at, err := project.Find(tests)
	top := cmp.Or(at.Repository, at.Root, filepath.Dir(out))
	if err != nil || !workspace.Within(filepath.ToSlash(spec), filepath.ToSlash(top)) {
		return ""
	}
	return workspace.Shown(cwd, spec)
}
