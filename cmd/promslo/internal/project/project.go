// Package project finds the files of a project.
//
// In: a path. Out: the directory of the project file above it, and the specs below. Nested
// projects are excluded, and so are links out of the project.
package project

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/promslo/promslo/generate"
)

// FileNames are the names of project files, in the order of precedence.
var FileNames = []string{"promslo.yaml", "promslo.yml", "promslo.json", "promslo.cue"}

// Location is the directories and the project file of a project.
type Location struct {
	Root       string // absolute directory of the project file, or else the top of the repository; may be empty
	File       string // absolute path of the project file; empty: there is none
	Data       []byte // of the project file
	Repository string // absolute top of the git repository; empty: there is none
}

// Find returns the project of a directory. It searches a project file up to the top of the
// repository. Without a repository it searches only directories of the same owner, as
// anybody could have put a file into a world-writable one.
func Find(dir string) (Location, error) {
	var p Location
	for d := range parents(dir) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			p.Root, p.Repository = d, d
			break
		}
	}
	for d := range parents(dir) {
		if p.Repository == "" && !sameOwner(dir, d) {
			break
		}
		for _, name := range FileNames {
			file := filepath.Join(d, name)
			if !isProjectFile(file) || p.Repository == "" && !sameOwner(dir, file) {
				continue
			}
			data, err := readWithin(firstOf(p.Repository, d), file)
			if err != nil {
				return p, &fs.PathError{Op: "read", Path: file, Err: err}
			}
			p.Root, p.File, p.Data = d, file, data
			return p, nil
		}
		if d == p.Repository {
			break
		}
	}
	return p, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// readWithin reads a file. It follows symbolic links only within a directory.
func readWithin(top, file string) ([]byte, error) {
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, WithoutPath(err)
	}
	defer root.Close()
	name, err := filepath.Rel(top, file)
	if err != nil {
		return nil, err
	}
	return Read(root, name)
}

// parents yields a path and its parent directories.
func parents(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for yield(path) && path != filepath.Dir(path) {
			path = filepath.Dir(path)
		}
	}
}

// InNested reports whether a path below the root of a project is in a nested project.
func InNested(root, path string) bool {
	for d := range parents(filepath.Dir(path)) {
		if d == root || len(d) < len(root) {
			return false
		}
		for _, name := range FileNames {
			if isProjectFile(filepath.Join(d, name)) {
				return true
			}
		}
	}
	return false
}

// isProjectFile reports whether a file exists and was not generated: generated Alertmanager
// routes have the same name.
func isProjectFile(file string) bool {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return err == nil
	}
	f, err := os.Open(file)
	if err != nil {
		return true
	}
	defer f.Close()
	start := make([]byte, 512)
	n, _ := io.ReadFull(f, start)
	_, generated := generate.Source(start[:n])
	return !generated
}

// WithoutPath returns an error without the file name, which the caller adds.
func WithoutPath(err error) error {
	for {
		e, ok := errors.AsType[*fs.PathError](err)
		if !ok {
			return err
		}
		err = e.Err
	}
}

// ErrNotRegular is the error for pipes, devices and the like.
var ErrNotRegular = errors.New("this is not a regular file")

// LinkError is the error of a symbolic link that cannot be followed.
type LinkError struct{ Err error }

func (e *LinkError) Error() string { return fmt.Sprintf("the link leads to no file here: %v", e.Err) }
func (e *LinkError) Unwrap() error { return e.Err }
