package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/promslo/promslo/cmd/promslo/internal/cache"
	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// generateFlags are the flags of `promslo generate`.
type generateFlags struct {
	out      string
	check    bool
	exitCode bool
	only     []string
	wait     time.Duration
	format   report.Format
}

func (f *generateFlags) bind(flags *pflag.FlagSet) {
	flags.StringVarP(&f.out, "out", "o", "", "output directory; - writes the only artefact to stdout (default: out of the project file, else gen)")
	flags.BoolVar(&f.check, "check", false, "write nothing, and report missing, changed and orphaned files with a diff")
	flags.BoolVar(&f.exitCode, "exit-code", false, "list what was written and removed, or is not yet known to git, and exit 1 if anything is: for hooks")
	flags.StringSliceVar(&f.only, "only", nil, "kinds to generate: "+listed(", ")+" (default: all)")
	flags.DurationVar(&f.wait, "lock-timeout", time.Minute, "how long to wait for another run that writes to the output directory")
	bindFormat(flags, &f.format)
}

func newGenerate(s streams) *cobra.Command {
	var flags generateFlags
	cmd := &cobra.Command{
		Use:   "generate [PATH…]",
		Short: "Generate rules, tests, dashboards and documents from specs",
		Long: `Generate writes rules/SERVICE.rules.yaml, tests/SERVICE.test.yaml and
dashboards/SERVICE.json below the output directory, for the specs in the files
and directories given (default: the working directory; - reads stdin), and
alertmanager/promslo.yaml if the project file names receivers. If it says rules:
{format: operator}, also operator/SERVICE.yaml, a PrometheusRule for the
Prometheus operator.

If the project file says contracts: true, it also writes documents:
contracts/SERVICE.contract.md for engineers, contracts/AUDIENCE.external.md for
whom something is promised, and contracts/README.md, the index. They tell of all
services: a run on some of the specs leaves them as they are.

If any spec has a finding nothing is written. Files that promslo did not generate
are never replaced or removed. A run on the whole project removes what was
generated from specs of the project that are gone; a run on some specs what these
made before, also if they are gone. Each file names its spec as seen from the
output directory.

A run on the whole project remembers in the user's cache directory what it made
of each service, and generates only what is new (PROMSLO_CACHE names another
directory; off: none).`,
		Example: `  promslo generate
  promslo generate services/users --out deploy/slo
  promslo generate --check
  promslo generate --exit-code
  promslo generate --only rules -o - - < users.slo.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runGenerate(cmd.Context(), s, flags, args)
		},
	}
	flags.bind(cmd.Flags())
	return cmd
}

func runGenerate(ctx context.Context, s streams, flags generateFlags, paths []string) error {
	kinds, err := parseKinds(flags.only)
	if err != nil {
		return err
	}
	if flags.check && flags.out == "-" {
		return errors.New("--check compares with a directory, and -o - writes none: leave one of them out")
	}
	w, err := openProject(s, paths)
	if err != nil {
		return err
	}
	w.command, w.format = "generate", flags.format
	g := &generation{workspace: w, flags: flags, streams: s, paths: paths, kinds: kinds}
	defer g.close()
	if flags.out != "-" && !diag.HasErrors(w.findings) { // which may be about the directory
		// Before the specs are read: what is written last is what was read last.
		if err := g.open(ctx, false); err != nil {
			return err
		}
	}
	if err := w.readSpecs(ctx, s, paths); err != nil {
		return err
	}
	if !w.whole {
		if g.kinds = w.ofSome(kinds); len(g.kinds) == 0 {
			return fmt.Errorf("--only %s: what it writes tells of all services, so name no path but the directory of the project file", strings.Join(flags.only, ","))
		}
	}
	if flags.out == "-" {
		return g.print(ctx)
	}
	return g.run(ctx)
}

// generation is one run of generate.
type generation struct {
	*workspace
	flags   generateFlags
	streams streams
	paths   []string
	kinds   []generate.Kind

	dir     *os.Root // the output directory; nil: there is none
	locked  bool
	release func() // the lock
	owner   owner
	update  *output.Update
}

// print writes the only artefact to stdout, as it would be in the output directory.
func (g *generation) print(ctx context.Context) error {
	if err := g.empty(g.paths); err != nil {
		return err
	}
	services, findings, err := g.specs(ctx)
	if err != nil {
		return err
	}
	options := generate.Options{Only: g.kinds, Name: newOwner(g.workspace, g.outputPath()).name}
	files, more, err := generate.Generate(ctx, services, g.project, options)
	if err != nil {
		return err
	}
	findings = lint.Settle(append(findings, more...), g.project, services)
	if diag.HasErrors(findings) {
		return g.report(g.streams.err, findings)
	}
	return writeOne(g.streams.out, files)
}

// run brings the output directory up to date, or compares it.
func (g *generation) run(ctx context.Context) error {
	if g.dir == nil {
		if err := g.missing(nil); err != nil {
			return err
		}
	}
	services, findings, err := g.specs(ctx)
	if err != nil {
		return err
	}
	options := generate.Options{Only: g.kinds}
	more, err := generate.Check(ctx, services, g.project, options)
	if err != nil {
		return err
	}
	findings = lint.Settle(append(findings, more...), g.project, services)
	if diag.HasErrors(findings) { // warnings alone are for lint
		return g.report(g.streams.out, findings)
	}
	if g.dir == nil && !g.flags.check {
		if err := g.open(ctx, true); err != nil {
			return err
		}
	}
	g.owner = newOwner(g.workspace, g.outputPath())
	if g.flags.check || g.dir == nil {
		g.update = output.Compare(g.dir, g.outputName())
	} else {
		g.update = output.Write(g.dir, g.outputName(), g.locked)
	}
	options.Name = g.owner.name
	if err := g.generate(ctx, services, options); err != nil {
		return err
	}
	if err := g.update.Orphans(output.Scope{Kinds: g.kinds, Orphan: g.owner.leftOver, Whole: g.whole}); err != nil {
		return fmt.Errorf("output directory %s: %w", g.outputName(), err)
	}
	changes, unchanged := g.update.Changes()
	if err := g.missing(changes); err != nil {
		return err
	}
	if found := g.inTheWay(ctx, changes, services); len(found) > 0 {
		return g.report(g.streams.out, found)
	}
	if g.flags.check {
		return g.drift(changes)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := g.update.Apply(); err != nil {
		return err
	}
	return g.written(ctx, changes, unchanged)
}

// generate hands all files over. Of a whole project only those are generated that
// a run before did not make of the same.
func (g *generation) generate(ctx context.Context, services []model.Service, options generate.Options) error {
	shared, err := generate.Shared(ctx, services, g.project, options)
	if err != nil {
		return err
	}
	for name, data := range shared {
		if err := g.update.Put(name, data); err != nil {
			return err
		}
	}
	made := &cache.Cache{}
	if g.whole {
		made = cache.Open(g.outputPath(), g.kinds, g.project)
	}
	var rest []model.Service
	for _, s := range services {
		if !made.Unchanged(s, options.Name(s.Source.File), g.update.Keep) {
			rest = append(rest, s)
		}
	}
	err = generate.Each(ctx, rest, g.project, options, func(s model.Service, files map[string][]byte) error {
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

// missing returns an error if a path that is not there made nothing that is left, or if
// there is nothing to do at all.
func (g *generation) missing(changes []output.Change) error {
	for _, path := range g.gone {
		made := func(c output.Change) bool { return g.owner.from(c.Source, path) }
		if !slices.ContainsFunc(changes, made) {
			return fmt.Errorf("%s: %w", g.shown(path), syscall.ENOENT)
		}
	}
	if len(changes) > 0 {
		return nil
	}
	return g.empty(g.paths)
}

// inTheWay reports files that are not to be replaced.
func (g *generation) inTheWay(ctx context.Context, changes []output.Change, services []model.Service) (found []diag.Finding) {
	for _, c := range changes {
		if c.Action == output.Foreign {
			found = append(found, diag.Finding{
				ID: "foreign-file", Pos: diag.Pos{File: path.Join(g.outputName(), c.Path)},
				Message:    "this file was not generated by promslo and stands in the way",
				Suggestion: "move it away, or choose another output directory with --out",
			})
		}
	}
	return append(found, g.owner.taken(ctx, changes, services)...)
}

// drift reports changes. The text is a diff that patch can read.
func (g *generation) drift(changes []output.Change) error {
	out := g.streams.out
	var findings []diag.Finding
	for _, c := range changes {
		file := path.Join(g.outputName(), c.Path)
		if g.format == report.Text {
			if _, err := io.WriteString(out, report.Lines(fmt.Sprintf("%s: %s\n%s", file, c.Action, c.Diff))); err != nil {
				return err
			}
			continue
		}
		findings = append(findings, diag.Finding{
			ID: "file-" + string(c.Action), Pos: diag.Pos{File: file},
			Message:    fmt.Sprintf("the file is %s\n%s", c.Action, c.Diff),
			Suggestion: regenerate,
		})
	}
	if len(changes) > 0 {
		defer fmt.Fprintln(g.streams.err, "promslo: "+regenerate)
	}
	if g.format == report.Text && len(changes) > 0 {
		return errFindings
	}
	return g.report(out, findings)
}

// regenerate is the way out of drift.
const regenerate = "run `promslo generate` and commit the result"

// open opens and locks the output directory, below which alone anything is
// written; it leaves dir nil if there is none and create is false. The project's
// own directory is below its root even where a link says otherwise.
func (g *generation) open(ctx context.Context, create bool) (err error) {
	defer func() {
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("output directory %s: %w", g.outputName(), project.Cause(err))
		}
	}()
	if g.dir, err = g.openRoot(create); err != nil || g.dir == nil {
		return err
	}
	lock := output.Lock{Shared: g.flags.check, Wait: g.flags.wait, Waiting: func() {
		fmt.Fprintf(g.streams.err, "promslo: another run writes to %s, waiting for it\n", g.outputName())
	}}
	g.release, g.locked, err = lock.Take(ctx, g.dir.Name())
	return err
}

func (g *generation) openRoot(create bool) (*os.Root, error) {
	if g.flags.out != "" {
		// What is no directory, such as a pipe, is not even opened.
		if info, err := os.Stat(g.flags.out); err == nil && !info.IsDir() {
			return nil, syscall.ENOTDIR
		}
		if create {
			if err := os.MkdirAll(g.flags.out, 0o755); err != nil {
				return nil, err
			}
		}
		return ignoreMissing(os.OpenRoot(g.flags.out))
	}
	root, err := os.OpenRoot(g.home())
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if create {
		if err := root.MkdirAll(g.project.Out, 0o755); err != nil {
			return nil, err
		}
	}
	return ignoreMissing(root.OpenRoot(g.project.Out))
}

func ignoreMissing(dir *os.Root, err error) (*os.Root, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return dir, err
}

func (g *generation) close() {
	if g.update != nil {
		g.update.Close()
	}
	if g.release != nil {
		g.release()
	}
	if g.dir != nil {
		g.dir.Close()
	}
}

// outputPath is the absolute output directory.
func (g *generation) outputPath() string {
	if g.flags.out != "" && g.flags.out != "-" {
		return absolute(g.cwd, g.flags.out)
	}
	return filepath.Join(g.home(), filepath.FromSlash(g.project.Out))
}

// home is where the output directory lies: in the project, or where promslo runs.
func (g *generation) home() string {
	if g.rooted {
		return g.root
	}
	return g.cwd
}

// outputName is the output directory as messages name it.
func (g *generation) outputName() string {
	if g.flags.out != "" {
		return filepath.ToSlash(filepath.Clean(g.flags.out))
	}
	return shown(g.cwd, g.outputPath())
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

// ofSome returns the kinds that a run on some of the specs can write.
func (w *workspace) ofSome(kinds []generate.Kind) []generate.Kind {
	whole := generate.Whole(w.project)
	return slices.DeleteFunc(kinds, func(k generate.Kind) bool { return slices.Contains(whole, k) })
}

func parseKinds(only []string) ([]generate.Kind, error) {
	if len(only) == 0 {
		return generate.Kinds(), nil
	}
	var kinds []generate.Kind
	for _, name := range only {
		kind := generate.Kind(strings.TrimSpace(name))
		if !slices.Contains(generate.Kinds(), kind) {
			return nil, fmt.Errorf("--only %s: the kinds are %s", name, listed(" and "))
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds, nil
}

// listed is all kinds, and last stands before the last of them.
func listed(last string) string {
	var names []string
	for _, kind := range generate.Kinds() {
		names = append(names, string(kind))
	}
	end := len(names) - 1
	return strings.Join(names[:end], ", ") + last + names[end]
}
