package workspace

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
	"unicode"
	"unicode/utf8"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// ReadSpecs reads the specs that the paths name.
func (w *Workspace) ReadSpecs(ctx context.Context, paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		if err := w.add(ctx, p); err != nil {
			return err
		}
		w.Whole = w.Whole || Absolute(w.Cwd, p) == w.Root
	}
	return nil
}

// ReadBelow reads the specs below a directory, and those at some paths below it, with
// slashes, that are not found without being named. Generated files would name specs as
// seen from the directory.
func (w *Workspace) ReadBelow(ctx context.Context, base string, paths []string) error {
	w.Root = base
	for _, in := range append([]string{"."}, paths...) {
		dir := filepath.Join(base, filepath.FromSlash(in))
		info, err := os.Stat(dir)
		if err != nil || info.IsDir() && in != "." && !skipped(path.Join(in, "any")) {
			continue // it may have been there before, or it has been read
		}
		if err := w.add(ctx, dir); err != nil {
			return err
		}
	}
	w.others = append([]read.Input{}, w.Inputs...)
	return nil
}

// add reads the specs that one argument names.
func (w *Workspace) add(ctx context.Context, arg string) error {
	if arg == "-" {
		data, err := w.ReadStdin(ctx)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		w.Inputs = append(w.Inputs, read.Input{File: Stdin, Source: Stdin, Data: data})
		return nil
	}
	path := Absolute(w.Cwd, arg)
	w.Paths = append(w.Paths, path)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s: the link leads to nothing", arg)
		}
		w.Missing = append(w.Missing, path)
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return w.walk(ctx, path, w.addFound)
	}
	format, ok := read.FormatOf(path)
	if !ok {
		return fmt.Errorf("%s: a spec ends in .yaml, .json or .cue", arg)
	}
	data, err := w.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", arg, err)
	}
	w.addInput(path, format, data)
	return nil
}

// walk hands over the specs below a directory.
func (w *Workspace) walk(ctx context.Context, dir string, each func(path string, spec project.Spec)) error {
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
	nested, err := project.Walk(ctx, root, name, func(s project.Spec) { each(filepath.Join(top, s.Path), s) })
	for _, dir := range nested {
		w.Nested = append(w.Nested, w.Shown(filepath.Join(top, dir)))
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", w.Shown(filepath.Join(top, e.Path)), e.Err)
	}
	return err
}

// addFound adds a spec that was found below a directory. One that cannot be read keeps
// no other from being read.
func (w *Workspace) addFound(path string, spec project.Spec) {
	if spec.Err == nil {
		w.addInput(path, spec.Format, spec.Data)
		return
	}
	if !w.seen[path] {
		w.seen[path] = true
		w.Findings = append(w.Findings, diag.Finding{
			ID: diag.UnreadableSpec, Pos: diag.Pos{File: Printable(w.Shown(path))},
			Message: spec.Err.Error(), Suggestion: "put the spec itself here, or remove this",
		})
	}
}

// addInput adds one file, once.
func (w *Workspace) addInput(path string, format read.Format, data []byte) {
	if w.seen[path] {
		return
	}
	w.seen[path] = true
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		// The path goes into comments of generated files, where a line break would end the comment.
		w.Findings = append(w.Findings, diag.Finding{
			ID: diag.FileName, Pos: diag.Pos{File: Printable(w.Shown(path))},
			Message: "the path has characters that cannot be printed, or are not UTF-8", Suggestion: "rename the file",
		})
		return
	}
	w.Inputs = append(w.Inputs, w.Input(path, format, data))
}

// Input is a file as schema reads it.
func (w *Workspace) Input(path string, format read.Format, data []byte) read.Input {
	in := read.Input{File: w.Shown(path), Source: source(w.Root, path), Data: data, Dir: filepath.Dir(path), Format: format}
	if format == read.CUE {
		in.Within = w.modulesWithin(in.Dir)
	}
	return in
}

// modulesWithin returns the directory above which a CUE module of files in a directory
// is not looked for: the top of their repository, or else of the project.
func (w *Workspace) modulesWithin(dir string) string {
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

// ReadFile reads a file of the project, or else of the directory that was asked for.
func (w *Workspace) ReadFile(path string) ([]byte, error) {
	top := w.tree(path)
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, project.WithoutPath(err)
	}
	defer root.Close()
	name, err := filepath.Rel(top, path)
	if err != nil {
		return nil, err
	}
	return project.Read(root, name)
}

// tree is the directory that no link of a path may leave: the project, or else what
// was asked for.
func (w *Workspace) tree(path string) string {
	if Within(filepath.ToSlash(path), filepath.ToSlash(w.Root)) {
		return w.Root
	}
	if IsDir(path) {
		return path
	}
	return filepath.Dir(path)
}

// Stdin is what messages and generated files call standard input.
const Stdin = "<stdin>"

// ReadStdin reads standard input until it ends or ctx does.
func (w *Workspace) ReadStdin(ctx context.Context) (data []byte, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		data, err = io.ReadAll(io.LimitReader(w.env.Stdin, project.MaxBytes))
	}()
	select {
	case <-done:
		return data, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// skipped reports whether a directory on the way to a file, with slashes, holds no specs
// of the project's own.
func skipped(file string) bool {
	return slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(dir string) bool { return dir != "." && dir != "" && project.IsSkippedDir(dir) })
}
