// Package output brings generated files to disk, or tells how the disk differs.
//
// In: the files that ought to be below an output directory, one after the other.
// Out: changes that touch only files which promslo generated. New content waits
// beside its place until everything is generated, and is brought there by renames.
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
	dir     *os.Root // nil: there is no output directory
	name    string   // of dir, as messages call it
	compare bool     // nothing is written

	mutex     sync.Mutex
	changes   []Change
	generated map[string]bool // by path
	services  map[string]bool // that have generated files
	unchanged int
	listed    map[generate.Kind]listing // as the run found them
	made      map[string]bool           // directories that were not there before
	applied   bool
}

// Compare begins a comparison with a directory, which may be nil.
func Compare(dir *os.Root, name string) *Update {
	return &Update{dir: dir, name: name, compare: true, generated: map[string]bool{}, services: map[string]bool{}, listed: map[generate.Kind]listing{}, made: map[string]bool{}}
}

// Write begins to write to a directory: until Apply only beside the files there. Who
// holds its lock may sweep away what runs that were killed left behind.
func Write(dir *os.Root, name string, sweep bool) *Update {
	u := Compare(dir, name)
	u.compare = false
	if sweep {
		u.sweep()
	}
	return u
}

// Close removes what Put wrote, unless it was applied.
func (u *Update) Close() {
	for _, c := range u.changes {
		if c.temp != "" && !u.applied {
			_ = u.dir.Remove(c.temp) // what is left goes with the next run
		}
	}
	for name := range u.made {
		if !u.applied {
			_ = u.dir.Remove(name) // unless somebody else uses it by now
		}
	}
	for _, l := range u.listed {
		l.dir.Close()
	}
}

// Put adds a file that was generated.
func (u *Update) Put(name string, data []byte) error {
	change, err := u.change(name, data)
	if err != nil {
		return fmt.Errorf("%s: %w", path.Join(u.name, name), cause(err))
	}
	u.add(name, change)
	return nil
}

// Keep reports whether a file on disk has content of a SHA-256 sum. If so, it is one
// that was generated, without a change.
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
	u.services[service(name)] = true
	switch {
	case c.Action == "":
		u.unchanged++
	case !slices.ContainsFunc(u.changes, func(o Change) bool { return o.Action == Foreign && o.Path == c.Path }):
		u.changes = append(u.changes, c)
	}
}

// change returns what is to be done with a file, nothing if the disk has the same.
func (u *Update) change(name string, data []byte) (Change, error) {
	f, info, err := u.open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c := Change{Path: name, Action: Missing}
		return u.prepare(c, nil, data, 0o644)
	case errors.Is(err, syscall.ENOTDIR): // a file where a directory is to be
		return Change{Path: path.Dir(name), Action: Foreign}, nil
	case errors.Is(err, errNoFile):
		return Change{Path: name, Action: Foreign}, nil
	case err != nil:
		return Change{}, err
	}
	defer f.Close()
	source, ours := head(f)
	var old []byte
	if info.Size() == int64(len(data)) || u.compare {
		if old, err = io.ReadAll(io.NewSectionReader(f, 0, maxRead)); err != nil {
			return Change{}, err
		}
		if bytes.Equal(old, data) {
			return Change{}, nil
		}
	}
	if !ours {
		return Change{Path: name, Action: Foreign}, nil
	}
	return u.prepare(Change{Path: name, Action: Changed, Source: source}, old, data, info.Mode().Perm())
}

// maxRead is how much of a file is compared. No generated file is as long.
const maxRead = 64 << 20

// prepare completes a change by its diff, or by the new content beside its place.
func (u *Update) prepare(c Change, old, data []byte, mode fs.FileMode) (_ Change, err error) {
	if u.compare {
		c.Diff = difference(path.Join(u.name, c.Path), c.Action, old, data)
		return c, nil
	}
	if err := u.mkdir(path.Dir(c.Path)); err != nil {
		return c, err
	}
	c.temp, err = u.create(c, data, mode)
	return c, err
}

func (u *Update) mkdir(name string) error {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if u.made[name] {
		return nil
	}
	err := u.dir.Mkdir(name, 0o755)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	u.made[name] = err == nil
	return err
}

var errNoFile = errors.New("this is not a regular file")

// open opens a file for reading. Whatever is no file, such as a pipe, is not even
// opened.
func (u *Update) open(name string) (*os.File, fs.FileInfo, error) {
	if u.dir == nil {
		return nil, nil, fs.ErrNotExist
	}
	info, err := u.dir.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errNoFile
	}
	f, err := u.dir.Open(name)
	return f, info, err
}

// head returns what a file was generated from, and false if promslo did not
// generate it. That stands in the first line, but in JSON among the first members.
func head(f io.ReaderAt) (source string, ours bool) {
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

// Changes returns all changes, sorted by path, and how many files are as they
// ought to be.
func (u *Update) Changes() (changes []Change, unchanged int) {
	slices.SortFunc(u.changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return u.changes, u.unchanged
}

// Generated reports whether the run generated a file.
func (u *Update) Generated(name string) bool { return u.generated[name] }

// Source returns what a file on disk was generated from; empty: not known.
func (u *Update) Source(name string) string {
	f, _, err := u.open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	source, _ := head(f)
	return source
}

// Apply carries changes out. All new content is there by now, so that a full disk
// changes nothing.
func (u *Update) Apply() error {
	changes, _ := u.Changes()
	for _, c := range changes {
		if c.temp == "" {
			continue
		}
		if err := u.dir.Rename(c.temp, c.Path); err != nil {
			return fmt.Errorf("%s: %w", path.Join(u.name, c.Path), cause(err))
		}
	}
	for _, c := range changes {
		if c.Action != Orphaned {
			continue
		}
		if err := u.dir.Remove(c.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", path.Join(u.name, c.Path), cause(err))
		}
	}
	u.applied = true
	return nil
}

// cause is an error without the name of the file, which the caller knows better.
func cause(err error) error {
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
