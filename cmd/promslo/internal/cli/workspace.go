package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/sandbox"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// workspace is what a command works on: the project, and the specs that its
// arguments name.
type workspace struct {
	command    string        // as reports call it
	format     report.Format // of reports
	cwd        string        // absolute working directory
	label      string        // before paths as findings show them, of files that are not there
	root       string        // absolute directory of the project file, or else of the repository
	rooted     bool          // there is one of the two
	repository string        // absolute top of the git repository; empty: there is none
	modules    string        // absolute directory above which there are no CUE modules; empty: that of a file's repository or the root
	cue        *sandbox.Sandbox
	named      []string // absolute paths that the arguments name
	gone       []string // those of named that are not there
	inner      []string // directories below that are projects of their own, as findings show them
	whole      bool     // the arguments name all specs below the root
	project    model.Project
	source     []byte // of the project file
	inputs     []read.Input
	others     []read.Input   // among which parts of journeys are looked for; nil: all below root
	findings   []diag.Finding // of the project file and of file names
	sources    sources
}

// openWorkspace finds the project and reads the specs that the paths name.
// Without paths these are those below the working directory; "-" is standard input.
func openWorkspace(ctx context.Context, s streams, paths []string) (*workspace, error) {
	w, err := openProject(s, paths)
	if err != nil {
		return nil, err
	}
	if err := w.readSpecs(ctx, s, paths); err != nil {
		return nil, err
	}
	if len(w.gone) > 0 {
		return nil, fmt.Errorf("%s: %w", w.shown(w.gone[0]), syscall.ENOENT)
	}
	return w, w.empty(paths)
}

// empty returns an error if there are no specs: to find nothing wrong with nothing
// would look like success.
func (w *workspace) empty(paths []string) error {
	if len(w.inputs) > 0 || len(w.findings) > 0 {
		return nil
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return fmt.Errorf("no specs in %s (files that end in .slo.yaml, .slo.json or .slo.cue)", strings.Join(paths, ", "))
}

// readSpecs reads the specs that the paths name.
func (w *workspace) readSpecs(ctx context.Context, s streams, paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	seen := map[string]bool{}
	for _, p := range paths {
		if err := w.add(ctx, s.in, p, seen); err != nil {
			return err
		}
		w.whole = w.whole || absolute(w.cwd, p) == w.root
	}
	return nil
}

func newWorkspace(s streams, cwd, root string) *workspace {
	return &workspace{cwd: cwd, root: root, cue: s.cue, project: schema.DefaultProject()}
}

// openProject finds the project that the paths belong to, or else the working
// directory, and reads its file.
func openProject(s streams, paths []string) (*workspace, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	w := newWorkspace(s, cwd, cwd)
	here, err := w.find(cwd)
	if err != nil {
		return nil, err
	}
	place, of, outside := here, "", ""
	for _, p := range paths {
		if p == "-" {
			continue
		}
		path := absolute(cwd, p)
		dir := path
		if !isDir(path) {
			dir = filepath.Dir(path)
		}
		at := here
		if dir != cwd {
			if at, err = w.find(dir); err != nil {
				return nil, err
			}
			if at.Root == "" {
				at = here
			}
		}
		if outside == "" && !within(filepath.ToSlash(dir), filepath.ToSlash(cwd)) {
			outside = dir
		}
		if of != "" && at.Root != place.Root {
			return nil, fmt.Errorf("%s and %s belong to different projects: run promslo for each of them", of, p)
		}
		place, of = at, p
	}
	switch {
	case place.Root != "":
		w.root, w.rooted, w.repository = place.Root, true, place.Repository
	case outside != "":
		w.root = outside // what is generated must not depend on the working directory
	}
	if place.File != "" {
		w.loadProject(place.File, place.Data)
	}
	return w, w.cue.Err()
}

func (w *workspace) find(dir string) (project.Place, error) {
	place, err := project.Find(dir)
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return place, fmt.Errorf("%s: %w", w.shown(e.Path), e.Err)
	}
	return place, err
}

// loadProject reads a project file.
func (w *workspace) loadProject(path string, data []byte) {
	w.root, w.rooted, w.source = filepath.Dir(path), true, data
	w.sources.projectFile = w.shown(path)
	format, _ := read.FormatOf(path)
	w.project, w.findings = schema.LoadProject(w.read(path, format, data), schema.Options{Evaluate: w.cue.Evaluate})
}

// add reads the specs that one argument names.
func (w *workspace) add(ctx context.Context, in io.Reader, arg string, seen map[string]bool) error {
	if arg == "-" {
		data, err := readStdin(ctx, in)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		w.inputs = append(w.inputs, read.Input{File: stdin, Source: stdin, Data: data})
		return nil
	}
	path := absolute(w.cwd, arg)
	w.named = append(w.named, path)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s: the link leads to nothing", arg)
		}
		w.gone = append(w.gone, path)
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return w.walk(ctx, path, func(file string, spec project.Spec) { w.found(file, spec, seen) })
	}
	format, ok := read.FormatOf(path)
	if !ok {
		return fmt.Errorf("%s: a spec ends in .yaml, .json or .cue", arg)
	}
	data, err := w.readFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", arg, err)
	}
	w.input(path, format, data, seen)
	return nil
}

// tree is the directory that no link of a path may leave: the project, or else what
// was named.
func (w *workspace) tree(path string) string {
	if within(filepath.ToSlash(path), filepath.ToSlash(w.root)) {
		return w.root
	}
	if isDir(path) {
		return path
	}
	return filepath.Dir(path)
}

func (w *workspace) readFile(path string) ([]byte, error) {
	top := w.tree(path)
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, project.Cause(err)
	}
	defer root.Close()
	name, err := filepath.Rel(top, path)
	if err != nil {
		return nil, err
	}
	return project.Read(root, name)
}

// walk hands over the specs below a directory.
func (w *workspace) walk(ctx context.Context, dir string, each func(path string, spec project.Spec)) error {
	top := w.tree(dir)
	root, err := os.OpenRoot(top)
	if err != nil {
		return err
	}
	defer root.Close()
	name, err := filepath.Rel(top, dir)
	if err != nil {
		return err
	}
	inner, err := project.Walk(ctx, root, name, func(s project.Spec) { each(filepath.Join(top, s.Path), s) })
	for _, dir := range inner {
		w.inner = append(w.inner, w.shown(filepath.Join(top, dir)))
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", w.shown(filepath.Join(top, e.Path)), e.Err)
	}
	return err
}

// found adds a spec that was found below a directory. One that cannot be read keeps no
// other from being read.
func (w *workspace) found(path string, spec project.Spec, seen map[string]bool) {
	if spec.Err == nil {
		w.input(path, spec.Format, spec.Data, seen)
		return
	}
	if !seen[path] {
		seen[path] = true
		w.findings = append(w.findings, diag.Finding{
			ID: "unreadable-spec", Pos: diag.Pos{File: nameOf(w.shown(path))},
			Message: spec.Err.Error(), Suggestion: "put the spec itself here, or remove this",
		})
	}
}

// stdin is what messages and generated files call standard input.
const stdin = "<stdin>"

// mostBytes is how much of a file or of standard input is read. The limit of a spec is
// lower, and what is wrong with a longer one is for the schema to say.
const mostBytes = 4 << 20

// readStdin reads standard input until it ends or ctx does.
func readStdin(ctx context.Context, in io.Reader) (data []byte, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		data, err = io.ReadAll(io.LimitReader(in, mostBytes))
	}()
	select {
	case <-done:
		return data, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// input adds one file, once.
func (w *workspace) input(path string, format read.Format, data []byte, seen map[string]bool) {
	if seen[path] {
		return
	}
	seen[path] = true
	file := w.shown(path)
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		// The path goes into comments of generated files, where a line break would end the comment.
		w.findings = append(w.findings, diag.Finding{
			ID: "file-name", Pos: diag.Pos{File: nameOf(file)},
			Message: "the path has characters that cannot be printed, or are not UTF-8", Suggestion: "rename the file",
		})
		return
	}
	w.inputs = append(w.inputs, w.read(path, format, data))
}

func (w *workspace) read(path string, format read.Format, data []byte) read.Input {
	in := read.Input{File: w.shown(path), Source: source(w.root, path), Data: data, Dir: filepath.Dir(path), Format: format}
	if format == read.CUE {
		in.Within = w.modulesWithin(in.Dir)
	}
	return in
}

// modulesWithin returns the directory above which a CUE module of files in a directory
// is not looked for: the top of their repository, or else of the project.
func (w *workspace) modulesWithin(dir string) string {
	if w.modules != "" {
		return w.modules
	}
	for up := dir; ; up = filepath.Dir(up) {
		if _, err := os.Lstat(filepath.Join(up, ".git")); err == nil {
			return up
		}
		if up == filepath.Dir(up) {
			return w.tree(dir)
		}
	}
}

// specs reads all specs, and those of others whose SLOs are parts of a journey.
func (w *workspace) specs(ctx context.Context) (services []model.Service, findings []diag.Finding, err error) {
	services, findings = schema.LoadSpecs(ctx, w.project, w.inputs, schema.Options{Find: w.finder(ctx, &err), Evaluate: w.cue.Evaluate})
	return services, append(w.findings, findings...), errors.Join(err, cmp.Or(ctx.Err(), w.cue.Err()))
}

// contracts reads all specs, and those of what they depend on.
func (w *workspace) contracts(ctx context.Context) (contracts model.Contracts, findings []diag.Finding, err error) {
	contracts, findings = schema.LoadContracts(ctx, w.project, w.inputs, schema.Options{Find: w.finder(ctx, &err), Evaluate: w.cue.Evaluate})
	return contracts, append(w.findings, findings...), errors.Join(err, cmp.Or(ctx.Err(), w.cue.Err()))
}

// load reads all specs. It prints what is wrong and returns errFindings if anything is.
func (w *workspace) load(ctx context.Context, out io.Writer) ([]model.Service, error) {
	services, findings, err := w.specs(ctx)
	if err != nil {
		return nil, err
	}
	return services, w.report(out, findings)
}

// lint loads the specs and returns everything that is wrong or doubtful.
func (w *workspace) lint(ctx context.Context) ([]diag.Finding, error) {
	contracts, findings, err := w.contracts(ctx)
	if err != nil {
		return findings, err
	}
	services := contracts.Services
	more, err := generate.Lint(ctx, services, w.project)
	if err != nil {
		return nil, err
	}
	checked := lint.Run(lint.Subject{Services: services, Depend: depend.New(contracts), Project: w.project, Now: time.Now()})
	findings = slices.Concat(findings, more, checked)
	findings = append(findings, lint.Unused(findings, services, false)...)
	return lint.Settle(findings, w.project, services), nil
}

// report prints findings and returns errFindings if any is an error.
func (w *workspace) report(out io.Writer, findings []diag.Finding) error {
	r := report.Report{Command: w.command, Findings: discreet(findings), Content: w.content}
	for _, in := range w.inputs {
		r.Files = append(r.Files, in.File)
	}
	if err := w.format.Print(out, r); err != nil {
		return err
	}
	if diag.HasErrors(findings) {
		return errFindings
	}
	return nil
}

func absolute(cwd, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(cwd, path)
}

// shown is a path as findings show it.
func (w *workspace) shown(path string) string { return w.label + shown(w.cwd, path) }

// shown is a path as a user in the working directory would write it.
func shown(cwd, path string) string {
	if rel, err := filepath.Rel(cwd, path); err == nil && (filepath.IsLocal(rel) || len(rel) < len(path)) {
		path = rel
	}
	return filepath.ToSlash(path)
}

// source is a path as generated files name it: relative to the root, or the
// bare name of a file outside.
func source(root, path string) string {
	if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.Base(path)
}

// nameOf is a path as a finding may print it.
func nameOf(path string) string { return strings.ToValidUTF8(strings.Map(printable, path), "?") }

func printable(r rune) rune {
	if !unicode.IsPrint(r) {
		return '?'
	}
	return r
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
