// Package output writes generated files to disk, or compares them with the disk.
//
// In: the generated files of an output directory, one at a time. Out: changes that affect
// only files which promslo generated. New content is written to temporary files, which
// are renamed once everything is generated.
package output

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/promslo/promslo/generate"
)

// Update collects the changes of one run. It is safe for concurrent use.
type Update struct {
	dir     *os.Root // nil: the output directory does not exist
	name    string   // of dir in messages
	compare bool     // nothing is written

	mutex       sync.Mutex
	changes     []Change
	generated   map[string]bool // by path
	services    map[string]bool // with generated files
	unchanged   int
	listings    map[generate.Kind]listing // directories before the run
	createdDirs map[string]bool           // created by this run
	applied     bool
}

// Compare begins a comparison with a directory, which may be nil.
func Compare(dir *os.Root, name string) *Update {
	return &Update{dir: dir, name: name, compare: true, generated: map[string]bool{}, services: map[string]bool{}, listings: map[generate.Kind]listing{}, createdDirs: map[string]bool{}}
}

// Write begins to write to a directory: until Apply only temporary files. With sweep, which
// needs the lock, it removes temporary files of killed runs.
func Write(dir *os.Root, name string, sweep bool) *Update {
	u := Compare(dir, name)
	u.compare = false
	if sweep {
		u.removeStaleTemp()
	}
	return u
}

// Close removes what Put wrote, unless it was applied.
func (u *Update) Close() {
	for _, c := range u.changes {
		if c.temp != "" && !u.applied {
			_ = u.dir.Remove(c.temp) // the next run removes what is left
		}
	}
	for name := range u.createdDirs {
		if !u.applied {
			_ = u.dir.Remove(name) // fails if it is not empty
		}
	}
	for _, l := range u.listings {
		l.dir.Close()
	}
}

// Put adds a generated file.
func (u *Update) Put(name string, data []byte) error {
	change, err := u.change(name, data)
	if err != nil {
		return fmt.Errorf("%s: %w", path.Join(u.name, name), withoutPath(err))
	}
	u.add(name, change)
	return nil
}

// Keep reports whether a file on disk has a SHA-256 sum. If so, it counts as generated and
// unchanged.
func (u *Update) Keep(name string, sum [sha256.Size]byte) bool {
	f, _, err := u.open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil || !bytes.Equal(hash.Sum(nil), sum[:]) {
		return false
	}
	u.add(name, Change{})
	return true
}

func (u *Update) add(name string, c Change) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	u.generated[name] = true
	u.services[serviceOf(name)] = true
	switch {
	case c.Action == "":
		u.unchanged++
	case !slices.ContainsFunc(u.changes, func(o Change) bool { return o.Action == Foreign && o.Path == c.Path }):
		u.changes = append(u.changes, c)
	}
}

// change returns the change of a file, the zero value if the disk has the same content.
func (u *Update) change(name string, data []byte) (Change, error) {
	f, info, err := u.open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c := Change{Path: name, Action: Missing}
		return u.completeChange(c, nil, data, 0o644)
	case errors.Is(err, syscall.ENOTDIR): // a file in the place of a directory
		return Change{Path: path.Dir(name), Action: Foreign}, nil
	case errors.Is(err, errNotRegular):
		return Change{Path: name, Action: Foreign}, nil
	case err != nil:
		return Change{}, err
	}
	defer f.Close()
	source, ours := sourceOf(f)
	var old []byte
	if info.Size() == int64(len(data)) || u.compare {
		if old, err = io.ReadAll(io.NewSectionReader(f, 0, maxFileSize)); err != nil {
			return Change{}, err
		}
		if bytes.Equal(old, data) {
			return Change{}, nil
		}
	}
	if !ours {
		return Change{Path: name, Action: Foreign}, nil
	}
	return u.completeChange(Change{Path: name, Action: Changed, Source: source}, old, data, info.Mode().Perm())
}

// maxFileSize is how many bytes of a file are compared. No generated file is that large.
const maxFileSize = 64 << 20

// completeChange adds the diff to a change, or writes its temporary file.
func (u *Update) completeChange(c Change, old, data []byte, mode fs.FileMode) (_ Change, err error) {
	if u.compare {
		c.Diff = unifiedDiff(path.Join(u.name, c.Path), c.Action, old, data)
		return c, nil
	}
	if err := u.mkdir(path.Dir(c.Path)); err != nil {
		return c, err
	}
	c.temp, err = writeTemp(u.dir, c.Path, data, mode, c.Action == Changed)
	return c, err
}

func (u *Update) mkdir(name string) error {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.createdDirs[name] {
		return nil
	}
	err := u.dir.Mkdir(name, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	u.createdDirs[name] = err == nil
	return err
}

var errNotRegular = errors.New("this is not a regular file")

// open opens a regular file for reading, and nothing else, such as a pipe.
func (u *Update) open(name string) (*os.File, fs.FileInfo, error) {
	if u.dir == nil {
		return nil, nil, fs.ErrNotExist
	}
	info, err := u.dir.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errNotRegular
	}
	f, err := u.dir.Open(name)
	return f, info, err
}

// sourceOf returns the source of a generated file, and false if promslo did not generate
// it. The source is in the first line, in JSON among the first members.
func sourceOf(f io.ReaderAt) (source string, ours bool) {
	for _, length := range []int{512, 16 << 10} {
		start := make([]byte, length)
		n, err := f.ReadAt(start, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", false
		}
		if source, ours = generate.Source(start[:n]); ours || start[0] != '{' {
			break
		}
	}
	return source, ours
}

// Changes returns all changes, sorted by path, and the number of unchanged files.
func (u *Update) Changes() (changes []Change, unchanged int) {
	slices.SortFunc(u.changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return u.changes, u.unchanged
}

// Generated reports whether the run generated a file.
func (u *Update) Generated(name string) bool { return u.generated[name] }

// Source returns the source of a file on disk; empty: unknown.
func (u *Update) Source(name string) string {
	f, _, err := u.open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	source, _ := sourceOf(f)
	return source
}

// Apply renames and removes files. All new content is on disk already, so that a full disk
// leaves everything unchanged.
func (u *Update) Apply() error {
	changes, _ := u.Changes()
	for _, c := range changes {
		if c.temp == "" {
			continue
		}
		if err := u.dir.Rename(c.temp, c.Path); err != nil {
			return fmt.Errorf("%s: %w", path.Join(u.name, c.Path), withoutPath(err))
		}
	}
	for _, c := range changes {
		if c.Action != Orphaned {
			continue
		}
		if err := u.dir.Remove(c.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", path.Join(u.name, c.Path), withoutPath(err))
		}
	}
	u.applied = true
	return nil
}

// withoutPath returns an error without the file name, which the caller adds.
func withoutPath(err error) error {
	for {
		switch e := err.(type) {
		case *fs.PathError:
			err = e.Err
		case *os.LinkError:
			err = e.Err
		default:
			return err
		}
	}
}
