package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"syscall"

	"github.com/promslo/promslo/cmd/promslo/internal/cache"
	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// generation is one run of generate.
type generation struct {
	reporting
	w       *workspace.Workspace
	flags   generateFlags
	streams streams
	paths   []string
	kinds   []generate.Kind

	out    *outputDir
	owner  owner
	update *output.Update
}

func (g *generation) close() {
	if g.update != nil {
		g.update.Close()
	}
	g.out.close()
}

// open opens the output directory, which is created if need be.
func (g *generation) open(ctx context.Context, create bool) error {
	return g.out.open(ctx, g.streams.err, g.flags.check, g.flags.wait, create)
}

// writeOnly writes the only artefact to stdout, as it would be in the output directory.
func (g *generation) writeOnly(ctx context.Context) error {
	if err := g.w.CheckSpecs(g.paths); err != nil {
		return err
	}
	services, findings, err := g.w.Services(ctx)
	if err != nil {
		return err
	}
	options := generate.Options{Only: g.kinds, Name: newOwner(g.w, g.out.path).header}
	files, more, err := generate.Generate(ctx, services, g.w.Project, options)
	if err != nil {
		return err
	}
	findings = lint.Filter(append(findings, more...), g.w.Project, services)
	if diag.HasErrors(findings) {
		return g.print(g.streams.err, g.w, findings)
	}
	return writeOne(g.streams.out, files)
}

func writeOne(out io.Writer, files map[string][]byte) error {
	if len(files) != 1 {
		return fmt.Errorf("-o - writes one artefact, but there are %d: name one service, and one kind with --only", len(files))
	}
	for _, data := range files {
		if _, err := out.Write(data); err != nil {
			return err
		}
	}
	return nil
}

// run brings the output directory up to date, or compares it.
func (g *generation) run(ctx context.Context) error {
	if g.out.dir == nil {
		if err := g.checkMissing(nil); err != nil {
			return err
		}
	}
	services, findings, err := g.w.Services(ctx)
	if err != nil {
		return err
	}
	options := generate.Options{Only: g.kinds}
	more, err := generate.Check(ctx, services, g.w.Project, options)
	if err != nil {
		return err
	}
	findings = lint.Filter(append(findings, more...), g.w.Project, services)
	if diag.HasErrors(findings) { // warnings alone are for lint
		return g.print(g.streams.out, g.w, findings)
	}
	if g.out.dir == nil && !g.flags.check {
		if err := g.open(ctx, true); err != nil {
			return err
		}
	}
	g.owner = newOwner(g.w, g.out.path)
	if g.flags.check || g.out.dir == nil {
		g.update = output.Compare(g.out.dir, g.out.name)
	} else {
		g.update = output.Write(g.out.dir, g.out.name, g.out.locked)
	}
	options.Name = g.owner.header
	if err := g.generate(ctx, services, options); err != nil {
		return err
	}
	if err := g.update.Orphans(output.Scope{Kinds: g.kinds, IsOrphan: g.owner.leftOver, AllServices: g.w.Whole}); err != nil {
		return fmt.Errorf("output directory %s: %w", g.out.name, err)
	}
	changes, unchanged := g.update.Changes()
	if err := g.checkMissing(changes); err != nil {
		return err
	}
	if found := g.conflicts(ctx, changes, services); len(found) > 0 {
		return g.print(g.streams.out, g.w, found)
	}
	if g.flags.check {
		return g.reportDrift(changes)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := g.update.Apply(); err != nil {
		return err
	}
	return g.reportWritten(ctx, changes, unchanged)
}

// generate hands all files over. Of a whole project only those are generated that
// a run before did not make of the same.
func (g *generation) generate(ctx context.Context, services []model.Service, options generate.Options) error {
	shared, err := generate.Shared(ctx, services, g.w.Project, options)
	if err != nil {
		return err
	}
	for name, data := range shared {
		if err := g.update.Put(name, data); err != nil {
			return err
		}
	}
	made := &cache.Cache{}
	if g.w.Whole {
		made = cache.Open(g.out.path, g.kinds, g.w.Project)
	}
	var rest []model.Service
	for _, s := range services {
		if !made.Unchanged(s, options.Name(s.Source.File), g.update.Keep) {
			rest = append(rest, s)
		}
	}
	err = generate.Each(ctx, rest, g.w.Project, options, func(s model.Service, files map[string][]byte) error {
		for name, data := range files {
			if err := g.update.Put(name, data); err != nil {
				return err
			}
		}
		made.Add(s, options.Name(s.Source.File), files)
		return nil
	})
	if err == nil {
		made.Save()
	}
	return err
}

// checkMissing returns an error if a path that is not there made nothing that is left, or if
// there is nothing to do at all.
func (g *generation) checkMissing(changes []output.Change) error {
	for _, path := range g.w.Missing {
		made := func(c output.Change) bool { return g.owner.from(c.Source, resolved(path)) }
		if !slices.ContainsFunc(changes, made) {
			return fmt.Errorf("%s: %w", g.w.Shown(path), syscall.ENOENT)
		}
	}
	if len(changes) > 0 {
		return nil
	}
	return g.w.CheckSpecs(g.paths)
}
