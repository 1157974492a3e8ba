package project

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/read"
)

// MaxBytes is how many bytes of a file or of standard input are read. Package schema, whose
// limit is lower, reports larger specs.
const MaxBytes = 4 << 20

// Read reads a regular file below a directory. It follows links within it. It does not open
// pipes, which may block forever.
func Read(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil {
		if link, lerr := root.Lstat(name); lerr == nil && link.Mode()&fs.ModeSymlink != 0 {
			return nil, &LinkError{WithoutPath(err)}
		}
		return nil, WithoutPath(err)
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotRegular
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, WithoutPath(err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxBytes))
}

// Spec is a file with the name of a spec.
type Spec struct {
	Path   string // relative to root, with the system's separators
	Format read.Format
	Data   []byte
	Err    error // reading failed
}

// Walk calls each for the specs below a directory of root, sorted by path, until ctx is
// done. It skips nested projects and returns their directories.
func Walk(ctx context.Context, root *os.Root, dir string, each func(Spec)) (nested []string, err error) {
	w := walker{ctx: ctx, root: root, each: each}
	err = w.walk(dir, true)
	return w.nested, err
}

type walker struct {
	ctx    context.Context
	root   *os.Root
	each   func(Spec)
	nested []string
}

func (w *walker) walk(dir string, start bool) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, err := w.entries(dir)
	if err != nil {
		return &fs.PathError{Op: "read", Path: dir, Err: WithoutPath(err)}
	}
	another := func(e fs.DirEntry) bool {
		return slices.Contains(FileNames, e.Name()) && isProjectFile(filepath.Join(w.root.Name(), dir, e.Name()))
	}
	if !start && slices.ContainsFunc(entries, another) {
		w.nested = append(w.nested, dir)
		return nil
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if !IsSkippedDir(e.Name()) {
				if err := w.walk(name, false); err != nil {
					return err
				}
			}
			continue
		}
		format, ok := IsSpec(e.Name())
		if !ok {
			continue
		}
		if info, err := w.root.Stat(name); err == nil && info.IsDir() {
			continue // a link to a directory, which is walked by its own path
		}
		data, err := Read(w.root, name)
		if errors.Is(err, fs.ErrPermission) {
			return &fs.PathError{Op: "read", Path: name, Err: err}
		}
		w.each(Spec{name, format, data, err})
	}
	return nil
}

// entries lists a directory, sorted by name.
func (w *walker) entries(dir string) ([]fs.DirEntry, error) {
	f, err := w.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// IsSpec reports whether a file has the name of a spec, or of agreements, and returns its format.
func IsSpec(file string) (read.Format, bool) {
	format, known := read.FormatOf(filepath.ToSlash(file))
	return format, known && (strings.HasSuffix(strings.TrimSuffix(file, filepath.Ext(file)), ".slo") || read.IsAgreements(file))
}

// IsSkippedDir reports whether Walk skips a directory, as it has no specs of the project.
func IsSkippedDir(dir string) bool {
	return strings.HasPrefix(dir, ".") || dir == "node_modules" || dir == "vendor" || dir == "testdata"
}
