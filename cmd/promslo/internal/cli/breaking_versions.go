package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
)

// versions are the two trees that are compared.
type versions struct {
	against     against
	now, before *workspace.Workspace
	base        string   // absolute directory that is compared
	scope       []string // paths whose changes are reported, relative to base
	prefix      string   // of a commit: base in its tree
}

func (c *versions) close() error {
	if c.before == nil {
		return nil
	}
	return c.before.Close()
}

// openVersions reads the specs of both versions.
func openVersions(ctx context.Context, s streams, a against, paths []string) (*versions, error) {
	if slices.Contains(paths, "-") {
		return nil, errors.New("breaking compares files, and standard input is none")
	}
	now, err := workspace.OpenProject(s.env(), paths)
	if err != nil {
		return nil, err
	}
	c := &versions{against: a, now: now, base: now.Root}
	if err := c.against.checkAmbiguous(ctx, c.base); err != nil {
		return nil, err
	}
	if a.dir != "" {
		err = c.openDirectories(ctx, s.env(), paths)
	} else {
		err = c.openCommit(ctx, s.env(), paths)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// openDirectories compares a directory with another one.
func (c *versions) openDirectories(ctx context.Context, env workspace.Env, paths []string) (err error) {
	if len(paths) > 1 || len(paths) == 1 && !workspace.IsDir(paths[0]) {
		return fmt.Errorf("%s is a directory: it is compared with one other", c.against.dir)
	}
	c.scope = []string{"."}
	cwd := c.now.Cwd
	c.base = workspace.Absolute(cwd, append(slices.Clone(paths), ".")[0])
	if c.now, err = c.openDirectory(ctx, env, cwd, c.base); err != nil {
		return err
	}
	c.before, err = c.openDirectory(ctx, env, cwd, workspace.Absolute(cwd, c.against.dir))
	return err
}

func (c *versions) openDirectory(ctx context.Context, env workspace.Env, cwd, dir string) (*workspace.Workspace, error) {
	w, err := workspace.OpenDirectory(env, cwd, dir)
	if err != nil {
		return nil, err
	}
	return w, w.ReadBelow(ctx, dir, c.scope)
}

// openCommit compares the project with what it was.
func (c *versions) openCommit(ctx context.Context, env workspace.Env, paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, p := range paths {
		in, err := filepath.Rel(c.base, workspace.Absolute(c.now.Cwd, p))
		if err != nil || !filepath.IsLocal(in) {
			return fmt.Errorf("%s is not in the project, %s", p, c.now.Shown(c.base))
		}
		c.scope = append(c.scope, filepath.ToSlash(in))
	}
	tree, prefix, err := c.against.tree(ctx, c.base)
	if err != nil {
		return err
	}
	c.prefix = prefix
	c.before, err = workspace.OpenCommit(ctx, env, workspace.Commit{Name: c.against.name(), Tree: tree, Prefix: prefix, Paths: c.scope})
	if err != nil {
		return err
	}
	return c.now.ReadBelow(ctx, c.base, c.scope)
}
