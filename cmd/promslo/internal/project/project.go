// Package project finds out which files belong to a project.
//
// In: a path. Out: the directory of the project file above it, and the specs below.
// A project ends where another project file begins, and no link leads out of it.
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

// Names are the names under which a project file is found, in this order.
var Names = []string{"promslo.yaml", "promslo.yml", "promslo.json", "promslo.cue"}

// Place is where a project lies.
type Place struct {
	Root       string // absolute directory of the project file, or else the top of the repository; empty: there is neither
	File       string // absolute path of the project file; empty: there is none
	Data       []byte // of the project file
	Repository string // absolute top of the git repository; empty: there is none
}

// Find returns the project that a directory belongs to. A project file is looked for
// up to the top of the repository. Where there is none, in directories of the same
// owner: in one that everybody may write to, it could be anybody's.
func Find(dir string) (Place, error) {
	var p Place
	for d := range upwards(dir) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			p.Root, p.Repository = d, d
			break
		}
	}
	for d := range upwards(dir) {
		if p.Repository == "" && !sameOwner(dir, d) {
			break
		}
		for _, name := range Names {
			file := filepath.Join(d, name)
			if !begins(file) || p.Repository == "" && !sameOwner(dir, file) {
				continue
			}
			data, err := readBelow(firstOf(p.Repository, d), file)
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

// readBelow reads a file that may be a link, but to nowhere outside a directory.
func readBelow(top, file string) ([]byte, error) {
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, Cause(err)
	}
	defer root.Close()
	name, err := filepath.Rel(top, file)
	if err != nil {
		return nil, err
	}
	return Read(root, name)
}

// upwards yields a path and the directories above it.
func upwards(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for yield(path) && path != filepath.Dir(path) {
			path = filepath.Dir(path)
		}
	}
}

// InNested reports whether a path below a project's root belongs to a nested project,
// whose file is in a directory between the two.
func InNested(root, path string) bool {
	for d := range upwards(filepath.Dir(path)) {
		if d == root || len(d) < len(root) {
			return false
		}
		for _, name := range Names {
			if begins(filepath.Join(d, name)) {
				return true
			}
		}
	}
	return false
}

// begins reports whether a project begins with a file: it is there, and not one that was
// generated, as routes for an Alertmanager are called alike.
func begins(file string) bool {
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

// Cause is an error without the name of the file, which the caller knows better.
func Cause(err error) error {
	for {
		e, ok := errors.AsType[*fs.PathError](err)
		if !ok {
			return err
		}
		err = e.Err
	}
}

// ErrNoFile says that something else, such as a pipe, has the name of a file.
var ErrNoFile = errors.New("this is not a regular file")

// LinkError says where a link leads.
type LinkError struct{ Err error }

func (e *LinkError) Error() string { return fmt.Sprintf("the link leads to no file here: %v", e.Err) }
func (e *LinkError) Unwrap() error { return e.Err }
