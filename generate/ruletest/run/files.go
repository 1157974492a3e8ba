package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MostBytes is how long a rule file or a test file may be.
const MostBytes = 4 << 20

// ReadFile reads a regular file that is no longer than a number of bytes. Nothing
// else is opened: a pipe may never be written to, a device never end.
func ReadFile(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is a directory")}
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("this is not a regular file")}
	case info.Size() > most:
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("the file has %d bytes, and %d are the most: split it", info.Size(), most)}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// No more than it says to have: files of the kernel say nothing and never end.
	return io.ReadAll(io.LimitReader(file, info.Size()))
}

// What the patterns of one test file may find.
const (
	mostPatterns   = 1_000
	longestPattern = 4 << 10 // bytes
	mostEntries    = 20_000  // of directories, read on the way
)

// globber finds the files that patterns stand for, as filepath.Glob does, but
// does not search a whole disk.
type globber struct {
	most    int    // entries of directories
	root    string // before all names: "/" or nothing
	entries int    // read so far
	err     error
}

func (g *globber) glob(pattern string) ([]string, error) {
	pattern, absolute := strings.CutPrefix(filepath.ToSlash(pattern), "/")
	g.root, g.err = "", nil
	if absolute {
		g.root = "/"
	}
	matches, err := fs.Glob(g, pattern)
	if g.err != nil {
		return nil, g.err
	}
	for i := range matches {
		matches[i] = g.path(matches[i])
	}
	return matches, err
}

func (g *globber) path(name string) string { return filepath.FromSlash(g.root + name) }

// Open is not called: fs.Glob only stats and lists.
func (g *globber) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
}

func (g *globber) Stat(name string) (fs.FileInfo, error) { return os.Lstat(g.path(name)) }

func (g *globber) ReadDir(name string) ([]fs.DirEntry, error) {
	if g.err != nil {
		return nil, g.err
	}
	dir := g.path(name)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fs.ErrNotExist
	}
	g.entries++
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all, err := file.ReadDir(max(1, g.most-g.entries+1))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if g.entries += len(all); g.entries > g.most {
		g.err = fmt.Errorf("the pattern searches more than %d entries of directories: name the directory of the rule files", g.most)
		return nil, g.err
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}
