package output

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/promslo/promslo/generate"
)

// Scope says which generated files on disk a run answers for.
type Scope struct {
	Kinds []generate.Kind
	// Orphan reports whether a file that was generated from a source, and not
	// again in this run, is left over.
	Orphan func(source string) bool
	// Whole says that all services were generated. Else of other services only files of
	// the first kind are opened: to open all of a monorepo takes longer than the run.
	Whole bool
}

// Orphans adds the generated files that are left over, once everything is generated.
func (u *Update) Orphans(scope Scope) error {
	left := map[string]bool{} // other services that have files which are left over
	for i, kind := range scope.Kinds {
		dir, names, err := u.list(kind)
		if err != nil {
			return err
		}
		for _, file := range names {
			service, _, _ := strings.Cut(file, ".")
			looked := scope.Whole || u.services[service] || left[service]
			if !looked && i > 0 || u.generated[path.Join(string(kind), file)] || temporary.MatchString(file) {
				continue
			}
			orphan, err := u.orphan(dir, path.Join(string(kind), file), scope)
			if err != nil {
				return err
			}
			left[service] = left[service] || orphan
		}
	}
	return nil
}

// orphan adds a file of a directory if it is left over.
func (u *Update) orphan(dir *os.Root, name string, scope Scope) (bool, error) {
	if info, err := dir.Lstat(path.Base(name)); err != nil || !info.Mode().IsRegular() {
		return false, nil // gone, or never generated
	}
	f, err := dir.Open(path.Base(name))
	if err != nil {
		return false, err
	}
	defer f.Close()
	source, ours := head(f)
	if !ours || !scope.Orphan(source) {
		return false, nil
	}
	c := Change{Path: name, Action: Orphaned, Source: source}
	if u.compare {
		old, err := io.ReadAll(io.NewSectionReader(f, 0, maxRead))
		if err != nil {
			return false, err
		}
		c.Diff = difference(path.Join(u.name, name), Orphaned, old, nil)
	}
	u.changes = append(u.changes, c)
	return true, nil
}

// service is whose a generated file is by its name, SERVICE.….
func service(name string) string {
	s, _, _ := strings.Cut(path.Base(name), ".")
	return s
}

// list returns the directory of a kind, and the names in it. What these stand for is
// not asked: in a large directory that takes long.
func (u *Update) list(kind generate.Kind) (*os.Root, []string, error) {
	if l, ok := u.listed[kind]; ok || u.dir == nil {
		return l.dir, l.names, nil
	}
	info, err := u.dir.Stat(string(kind))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	dir, err := u.dir.OpenRoot(string(kind))
	if err != nil {
		return nil, nil, err
	}
	f, err := dir.Open(".")
	if err != nil {
		return nil, nil, errors.Join(err, dir.Close())
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	u.listed[kind] = listing{dir, names}
	return dir, names, err
}

// listing is a directory of one kind of files.
type listing struct {
	dir   *os.Root
	names []string
}
