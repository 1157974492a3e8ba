package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
)

// versions are the two trees that are compared.
type versions struct {
	against     against
	now, before *workspace
	base        string   // absolute directory that is compared
	scope       []string // paths whose changes are reported, relative to base
	prefix      string   // of a commit: base in its tree
	temp        string   // where CUE files of a commit are; empty: there are none
}

func (c *versions) close() error {
	if c.temp == "" {
		return nil
	}
	return os.RemoveAll(c.temp)
}

// openComparison reads the specs of both versions.
func openComparison(ctx context.Context, s streams, a against, paths []string) (*versions, error) {
	if slices.Contains(paths, "-") {
		return nil, errors.New("breaking compares files, and standard input is none")
	}
	now, err := openProject(s, paths)
	if err != nil {
		return nil, err
	}
	c := &versions{against: a, now: now, base: now.root}
	if err := c.against.settle(ctx, c.base); err != nil {
		return nil, err
	}
	if a.dir != "" {
		err = c.openDirectory(ctx, s, paths)
	} else {
		err = c.openCommit(ctx, s, paths)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// openDirectory compares a directory with another one.
func (c *versions) openDirectory(ctx context.Context, s streams, paths []string) error {
	if len(paths) > 1 || len(paths) == 1 && !isDir(paths[0]) {
		return fmt.Errorf("%s is a directory: it is compared with one other", c.against.dir)
	}
	c.scope = []string{"."}
	c.base = absolute(c.now.cwd, append(slices.Clone(paths), ".")[0])
	c.now = newWorkspace(s, c.now.cwd, c.base)
	c.before = newWorkspace(s, c.now.cwd, absolute(c.now.cwd, c.against.dir))
	for _, w := range []*workspace{c.now, c.before} {
		base := w.root
		place, err := w.find(base)
		if err != nil {
			return err
		}
		if place.File != "" {
			w.loadProject(place.File, place.Data)
		}
		if err := c.read(ctx, w, base); err != nil {
			return err
		}
	}
	return nil
}

// openCommit compares the project with what it was.
func (c *versions) openCommit(ctx context.Context, s streams, paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		in, err := filepath.Rel(c.base, absolute(c.now.cwd, p))
		if err != nil || !filepath.IsLocal(in) {
			return fmt.Errorf("%s is not in the project, %s", p, shown(c.now.cwd, c.base))
		}
		c.scope = append(c.scope, filepath.ToSlash(in))
	}
	files, prefix, err := c.against.read(ctx, c.base, c.scope)
	if err != nil {
		return err
	}
	c.prefix = prefix
	top, err := c.unpack(files)
	if err != nil {
		return err
	}
	c.before = newWorkspace(s, top, filepath.Join(top, filepath.FromSlash(prefix)))
	c.before.modules = top
	c.before.label = c.against.name() + ":"
	c.readCommit(files, top)
	return c.read(ctx, c.now, c.base)
}

// unpack writes the CUE files of a commit into a temporary directory, as CUE finds
// packages only on the disk. It returns the absolute directory below which all of its
// files are to be, whether they are there or not.
func (c *versions) unpack(files map[string][]byte) (top string, err error) {
	cue := func(file string) bool { return path.Ext(file) == ".cue" }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(files)), cue) {
		return filepath.FromSlash("/"), nil
	}
	if c.temp, err = os.MkdirTemp("", "promslo-"); err != nil {
		return "", err
	}
	dir, err := os.OpenRoot(c.temp)
	if err != nil {
		return "", err
	}
	defer dir.Close()
	for file, data := range files {
		if !cue(file) {
			continue
		}
		name := filepath.FromSlash(file)
		if err := dir.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return "", err
		}
		if err := dir.WriteFile(name, data, 0o600); err != nil {
			return "", err
		}
	}
	return c.temp, nil
}

// readCommit reads the project file and the specs of a commit, as findProject and add
// do on the disk.
func (c *versions) readCommit(files map[string][]byte, top string) {
	at := func(file string) string { return filepath.Join(top, filepath.FromSlash(file)) }
find:
	for dir := c.prefix; ; dir = path.Dir(dir) {
		for _, name := range project.Names {
			if data, found := files[path.Join(dir, name)]; found {
				c.before.loadProject(at(path.Join(dir, name)), data)
				break find
			}
		}
		if dir == "" || dir == "." {
			break
		}
	}
	c.before.root = at(c.prefix)
	inner := func(file string) bool { // another project begins on the way to it
		for dir := path.Dir(file); dir != "." && dir != c.prefix; dir = path.Dir(dir) {
			if slices.ContainsFunc(project.Names, func(name string) bool { _, found := files[path.Join(dir, name)]; return found }) {
				return true
			}
		}
		return false
	}
	seen := map[string]bool{}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		in := strings.TrimPrefix(strings.TrimPrefix(file, c.prefix), "/") // from base
		named := func(scope string) bool { return within(in, scope) && !hidden(strings.TrimPrefix(in, scope)) }
		format, spec := project.IsSpec(file)
		if within(file, c.prefix) && !inner(file) && (spec && (!hidden(in) || slices.ContainsFunc(c.scope, named)) || slices.Contains(c.scope, in)) {
			c.before.input(at(file), format, files[file], seen)
		}
	}
}

// hidden tells whether a directory on the way to a file is skipped.
func hidden(file string) bool {
	return slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(dir string) bool { return dir != "." && dir != "" && project.Skipped(dir) })
}

// name is what to call what is compared with.
func (a against) name() string {
	if _, options, found := strings.Cut(a.text, "#"); found {
		for _, option := range strings.Split(options, ",") {
			if key, value, _ := strings.Cut(option, "="); key != "subdir" {
				return value
			}
		}
	}
	return a.text
}

// read reads the specs below base, or those of the directory before, and those that are
// named.
func (c *versions) read(ctx context.Context, w *workspace, base string) error {
	w.root = base // files are the same where their paths from there are
	seen := map[string]bool{}
	for _, in := range append([]string{"."}, c.scope...) {
		dir := filepath.Join(base, filepath.FromSlash(in))
		info, err := os.Stat(dir)
		if err != nil || info.IsDir() && in != "." && !hidden(path.Join(in, "any")) {
			continue // it may have been there before, or it has been read
		}
		if err := w.add(ctx, nil, dir, seen); err != nil {
			return err
		}
	}
	return nil
}
