package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// workspace is what a command works on: the project, and the specs that its
// arguments name.
type workspace struct {
	command  string        // as reports call it
	format   report.Format // of reports
	cwd      string        // absolute working directory
	label    string        // before paths as findings show them, of files that are not there
	root     string        // absolute directory of the project file, or else of the repository
	rooted   bool          // there is one of the two
	whole    bool          // the arguments name all specs below the root
	project  model.Project
	source   []byte // of the project file
	inputs   []schema.Input
	others   []schema.Input // among which parts of journeys are looked for; nil: all below root
	findings []diag.Finding // of the project file and of file names
	sources  sources
}

// projectFiles are the names under which a project file is found.
var projectFiles = []string{"promslo.yaml", "promslo.yml", "promslo.json", "promslo.cue"}

// openWorkspace finds the project and reads the specs that the paths name.
// Without paths these are those below the working directory; "-" is standard input.
func openWorkspace(ctx context.Context, s streams, paths []string) (*workspace, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	w, err := openProject(paths)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, p := range paths {
		if err := w.add(ctx, s.in, p, seen); err != nil {
			return nil, err
		}
		w.whole = w.whole || absolute(w.cwd, p) == w.root
	}
	if len(w.inputs) == 0 && len(w.findings) == 0 {
		fmt.Fprintln(s.err, report.Lines(fmt.Sprintf("promslo: no specs in %s (files that end in .slo.yaml, .slo.json or .slo.cue)", strings.Join(paths, ", "))))
	}
	return w, nil
}

func newWorkspace(cwd, root string) *workspace {
	return &workspace{cwd: cwd, root: root, project: schema.DefaultProject()}
}

// openProject finds the project file, walking up from the working directory
// and else from the first path, and reads it.
func openProject(paths []string) (*workspace, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	w := newWorkspace(cwd, cwd)
	starts := []string{cwd}
	if paths[0] != "-" {
		starts = append(starts, absolute(cwd, paths[0]))
	}
	for _, start := range starts {
		if found, err := w.findProject(start); found || err != nil {
			return w, err
		}
	}
	// Paths in generated files must not depend on the working directory.
	for _, start := range starts {
		for dir := range upwards(start) {
			if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
				w.root, w.rooted = dir, true
				return w, nil
			}
		}
	}
	return w, nil
}

// findProject looks for a project file in a directory and those above, and
// reads it.
func (w *workspace) findProject(start string) (bool, error) {
	for dir := range upwards(start) {
		for _, name := range projectFiles {
			path := filepath.Join(dir, name)
			data, err := readFile(os.DirFS(dir), name)
			if errors.Is(err, fs.ErrNotExist) || err != nil && !isDir(dir) {
				continue
			}
			if err != nil {
				return false, fmt.Errorf("%s: %w", w.shown(path), err)
			}
			w.loadProject(path, data)
			return true, nil
		}
	}
	return false, nil
}

// loadProject reads a project file.
func (w *workspace) loadProject(path string, data []byte) {
	w.root, w.rooted, w.source = filepath.Dir(path), true, data
	w.sources.projectFile = w.shown(path)
	format, _ := schema.FormatOf(path)
	in := schema.Input{File: w.shown(path), Source: filepath.Base(path), Data: data, Dir: w.root, Format: format}
	w.project, w.findings = schema.LoadProject(in, schema.Options{})
}

// upwards yields a path and the directories above it.
func upwards(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for yield(path) && path != filepath.Dir(path) {
			path = filepath.Dir(path)
		}
	}
}

// add reads the specs that one argument names.
func (w *workspace) add(ctx context.Context, in io.Reader, arg string, seen map[string]bool) error {
	if arg == "-" {
		data, err := readStdin(ctx, in)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		w.inputs = append(w.inputs, schema.Input{File: stdin, Source: stdin, Data: data})
		return nil
	}
	path := absolute(w.cwd, arg)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		format, ok := schema.FormatOf(path)
		if !ok {
			return fmt.Errorf("%s: a spec ends in .yaml, .json or .cue", arg)
		}
		data, err := readFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
		if err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		w.input(path, format, data, seen)
		return nil
	}
	return walk(ctx, path, arg, func(file string, format schema.Format, data []byte) {
		w.input(file, format, data, seen)
	})
}

// stdin is what messages and generated files call standard input.
const stdin = "<stdin>"

// mostBytes is how much of a file is read. The limit of a spec is lower, and
// what is wrong with a longer file is for the schema to say.
const mostBytes = 4 << 20

var errNoFile = errors.New("this is not a regular file")

// readFile reads a file. A pipe is not opened, as nobody may ever write to it.
func readFile(dir fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(dir, name)
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	f, err := dir.Open(name)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, mostBytes))
}

// cause is an error without the name of the file, which the caller knows better.
func cause(err error) error {
	for {
		e, ok := errors.AsType[*fs.PathError](err)
		if !ok {
			return err
		}
		err = e.Err
	}
}

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
func (w *workspace) input(path string, format schema.Format, data []byte, seen map[string]bool) {
	if seen[path] {
		return
	}
	seen[path] = true
	file := w.shown(path)
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		// The path goes into comments of generated files, where a line break would end the comment.
		w.findings = append(w.findings, diag.Finding{
			ID: "file-name", Pos: diag.Pos{File: strings.ToValidUTF8(strings.Map(printable, file), "?")},
			Message: "the path has characters that cannot be printed", Suggestion: "rename the file",
		})
		return
	}
	w.inputs = append(w.inputs, w.read(path, format, data))
}

func (w *workspace) read(path string, format schema.Format, data []byte) schema.Input {
	return schema.Input{File: w.shown(path), Source: source(w.root, path), Data: data, Dir: filepath.Dir(path), Format: format}
}

// specs reads all specs, and those of others whose SLOs are parts of a journey.
func (w *workspace) specs(ctx context.Context) (services []model.Service, findings []diag.Finding, err error) {
	services, findings = schema.LoadSpecs(ctx, w.project, w.inputs, schema.Options{Find: w.finder(ctx, &err)})
	return services, append(w.findings, findings...), errors.Join(err, ctx.Err())
}

// contracts reads all specs, and those of what they depend on.
func (w *workspace) contracts(ctx context.Context) (contracts model.Contracts, findings []diag.Finding, err error) {
	contracts, findings = schema.LoadContracts(ctx, w.project, w.inputs, schema.Options{Find: w.finder(ctx, &err)})
	return contracts, append(w.findings, findings...), errors.Join(err, ctx.Err())
}

// load reads all specs. It prints what is wrong and returns errFindings if anything is.
func (w *workspace) load(ctx context.Context, out io.Writer) ([]model.Service, error) {
	services, findings, err := w.specs(ctx)
	if err != nil {
		return nil, err
	}
	return services, w.report(out, findings)
}

// generate loads the specs and generates in memory. It returns the findings of
// all specs: services without any are generated even if others have some.
func (w *workspace) generate(ctx context.Context, o generate.Options) (map[string][]byte, []diag.Finding, error) {
	services, findings, err := w.specs(ctx)
	if err != nil || ranAway(findings) {
		return nil, findings, err
	}
	files, more, err := generate.Generate(ctx, services, w.project, o)
	return files, lint.Settle(append(findings, more...), w.project, services), err
}

// lint loads the specs and returns everything that is wrong or doubtful.
func (w *workspace) lint(ctx context.Context) ([]diag.Finding, error) {
	contracts, findings, err := w.contracts(ctx)
	if err != nil || ranAway(findings) {
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

// ranAway tells whether the evaluation of a spec goes on, taking memory until the
// process ends.
func ranAway(findings []diag.Finding) bool {
	return slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == "runaway" })
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
