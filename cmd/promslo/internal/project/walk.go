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

// MaxBytes is how much of a file or of standard input is read. The limit of a spec is
// lower, and what is wrong with a longer one is for the schema to say.
const MaxBytes = 4 << 20

// Read reads a file below a directory. A link may lead to another file there. A pipe
// is not opened, as nobody may ever write to it.
func Read(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil {
		if link, lerr := root.Lstat(name); lerr == nil && link.Mode()&fs.ModeSymlink != 0 {
			return nil, &LinkError{Cause(err)}
		}
		return nil, Cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNoFile
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, Cause(err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxBytes))
}

// Spec is a file that is called like a spec.
type Spec struct {
	Path   string // below the directory that was walked, with the system's separators
	Format read.Format
	Data   []byte
	Err    error // why there are no data
}

// Walk hands over the specs below a directory of root, by path, until ctx is done. It
// returns the directories that are projects of their own, into which it does not go.
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
		return &fs.PathError{Op: "read", Path: dir, Err: Cause(err)}
	}
	another := func(e fs.DirEntry) bool {
		return slices.Contains(Names, e.Name()) && begins(filepath.Join(w.root.Name(), dir, e.Name()))
	}
	if !start && slices.ContainsFunc(entries, another) {
		w.nested = append(w.nested, dir)
		return nil
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if !Skipped(e.Name()) {
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
			continue // a link: what it leads to has a path of its own
		}
		data, err := Read(w.root, name)
		if errors.Is(err, fs.ErrPermission) {
			return &fs.PathError{Op: "read", Path: name, Err: err}
		}
		w.each(Spec{name, format, data, err})
	}
	return nil
}

// entries lists a directory, by name.
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

// IsSpec reports whether a file is one that is found without being named.
func IsSpec(file string) (read.Format, bool) {
	format, known := read.FormatOf(filepath.ToSlash(file))
	return format, known && strings.HasSuffix(strings.TrimSuffix(file, filepath.Ext(file)), ".slo")
}

// Skipped directories hold no specs of the project's own.
func Skipped(dir string) bool {
	return strings.HasPrefix(dir, ".") || dir == "node_modules" || dir == "vendor" || dir == "testdata"
}
