package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
)

// outputDir is the output directory, below which alone anything is written.
type outputDir struct {
	path string // absolute
	name string // as messages name it
	flag string // --out; empty: the project names the directory
	home string // absolute directory in which the project's lies
	own  string // path of the project's from there, with slashes

	dir     *os.Root // nil: it was not there
	locked  bool
	release func() // the lock
}

// newOutputDir returns the directory of --out, or else that of the project: below its
// root, or where promslo runs.
func newOutputDir(w *workspace.Workspace, flag string) *outputDir {
	d := &outputDir{flag: flag, home: w.Cwd, own: w.Project.Out}
	if w.HasRoot {
		d.home = w.Root
	}
	if flag != "" && flag != stdout {
		d.path, d.name = workspace.Absolute(w.Cwd, flag), filepath.ToSlash(filepath.Clean(flag))
		return d
	}
	d.path = filepath.Join(d.home, filepath.FromSlash(d.own))
	d.name = workspace.Shown(w.Cwd, d.path)
	return d
}

// open opens and locks the directory; it stays closed if there is none and create is
// false. While another run holds the lock, errOut says so.
func (d *outputDir) open(ctx context.Context, errOut io.Writer, shared bool, wait time.Duration, create bool) (err error) {
	defer func() {
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("output directory %s: %w", d.name, project.WithoutPath(err))
		}
	}()
	if d.dir, err = d.openRoot(create); err != nil || d.dir == nil {
		return err
	}
	lock := output.Lock{Shared: shared, Wait: wait, OnWait: func() {
		fmt.Fprintf(errOut, "promslo: another run writes to %s, waiting for it\n", d.name)
	}}
	d.release, d.locked, err = lock.Take(ctx, d.dir.Name())
	return err
}

// openRoot opens the directory. The project's own is below its root even where a link
// says otherwise.
func (d *outputDir) openRoot(create bool) (*os.Root, error) {
	if d.flag != "" {
		// What is no directory, such as a pipe, is not even opened.
		if info, err := os.Stat(d.flag); err == nil && !info.IsDir() {
			return nil, syscall.ENOTDIR
		}
		if create {
			if err := os.MkdirAll(d.flag, 0o755); err != nil {
				return nil, err
			}
		}
		return ignoreMissing(os.OpenRoot(d.flag))
	}
	root, err := os.OpenRoot(d.home)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if create {
		if err := root.MkdirAll(d.own, 0o755); err != nil {
			return nil, err
		}
	}
	return ignoreMissing(root.OpenRoot(d.own))
}

func ignoreMissing(dir *os.Root, err error) (*os.Root, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return dir, err
}

func (d *outputDir) close() {
	if d.release != nil {
		d.release()
	}
	if d.dir != nil {
		d.dir.Close()
	}
}
