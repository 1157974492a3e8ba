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

// Scope is the generated files on disk that a run may remove.
type Scope struct {
	Kinds []generate.Kind
	// IsOrphan reports whether a file of a source that this run did not generate is an
	// orphan.
	IsOrphan func(source string) bool
	// AllServices is set if all services were generated. Otherwise, of other services only
	// files of the first kind are opened, as opening all files of a monorepo is slow.
	AllServices bool
}

// Orphans adds the orphaned files. Call it after everything is generated.
func (u *Update) Orphans(scope Scope) error {
	left := map[string]bool{} // other services with orphaned files
	for i, kind := range scope.Kinds {
		dir, names, err := u.list(kind)
		if err != nil {
			return err
		}
		for _, file := range names {
			service, _, _ := strings.Cut(file, ".")
			looked := scope.AllServices || u.services[service] || left[service]
			if !looked && i > 0 || u.generated[path.Join(string(kind), file)] || tempName.MatchString(file) {
				continue
			}
			orphan, err := u.addOrphan(dir, path.Join(string(kind), file), scope)
			if err != nil {
				return err
			}
			left[service] = left[service] || orphan
		}
	}
	return nil
}

// addOrphan adds a file of a directory if it is orphaned.
func (u *Update) addOrphan(dir *os.Root, name string, scope Scope) (bool, error) {
	if info, err := dir.Lstat(path.Base(name)); err != nil || !info.Mode().IsRegular() {
		return false, nil // gone, or never generated
	}
	f, err := dir.Open(path.Base(name))
	if err != nil {
		return false, err
	}
	defer f.Close()
	source, ours := sourceOf(f)
	if !ours || !scope.IsOrphan(source) {
		return false, nil
	}
	c := Change{Path: name, Action: Orphaned, Source: source}
	if u.compare {
		old, err := io.ReadAll(io.NewSectionReader(f, 0, maxFileSize))
		if err != nil {
			return false, err
		}
		c.Diff = unifiedDiff(path.Join(u.name, name), Orphaned, old, nil)
	}
	u.changes = append(u.changes, c)
	return true, nil
}

// serviceOf returns the service of a generated file by its name, SERVICE.….
func serviceOf(name string) string {
	s, _, _ := strings.Cut(path.Base(name), ".")
	return s
}

// list returns the directory of a kind and the names in it, without file modes, which are
// slow to read in a large directory.
func (u *Update) list(kind generate.Kind) (*os.Root, []string, error) {
	if l, ok := u.listings[kind]; ok || u.dir == nil {
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
	u.listings[kind] = listing{dir, names}
	return dir, names, err
}

// listing is the directory of a kind of files.
type listing struct {
	dir   *os.Root
	names []string
}
