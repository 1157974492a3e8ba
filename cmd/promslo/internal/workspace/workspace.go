package workspace

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/promslo/promslo/cmd/promslo/internal/sandbox"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// Workspace is a project, and the specs of it that were asked for.
type Workspace struct {
	Cwd        string // absolute working directory
	Root       string // absolute directory of the project file, or else of the repository, or else of what was asked for
	HasRoot    bool   // there is a project file or a repository
	Repository string // absolute top of the git repository; empty: there is none

	Project     model.Project
	ProjectFile []byte // its text
	Inputs      []read.Input
	Findings    []diag.Finding // of the project file and of file names

	Paths   []string // absolute paths that were asked for
	Missing []string // those of Paths that are not there
	Nested  []string // directories below that are projects of their own, as findings show them
	Whole   bool     // Paths hold all specs below the root
	Label   string   // before the names of files of a commit

	env     Env
	seen    map[string]bool // absolute paths of files that were read
	modules string          // absolute directory above which there are no CUE modules; empty: that of a file's repository or the root
	temp    string          // of a commit: where its CUE files are; empty: there are none
	others  []read.Input    // of a commit: all its specs
	quotes  quotes
}

// Env is what a workspace reads beside files.
type Env struct {
	Stdin io.Reader
	CUE   *sandbox.Sandbox // evaluates CUE files
}

// New returns a workspace without a project file, in which nothing was read yet.
func New(env Env, cwd, root string) *Workspace {
	return &Workspace{Cwd: cwd, Root: root, Project: schema.DefaultProject(), env: env, seen: map[string]bool{}}
}

// Open finds the project and reads the specs that the paths name. Without paths these
// are those below the working directory; "-" is standard input.
func Open(ctx context.Context, env Env, paths []string) (*Workspace, error) {
	w, err := OpenProject(env, paths)
	if err != nil {
		return nil, err
	}
	if err := w.ReadSpecs(ctx, paths); err != nil {
		return nil, err
	}
	if len(w.Missing) > 0 {
		return nil, fmt.Errorf("%s: %w", w.Shown(w.Missing[0]), syscall.ENOENT)
	}
	return w, w.CheckSpecs(paths)
}

// CheckSpecs returns an error if there are no specs: to find nothing wrong with nothing
// would look like success.
func (w *Workspace) CheckSpecs(paths []string) error {
	isSpec := func(in read.Input) bool { return !read.IsAgreements(in.File) }
	if slices.ContainsFunc(w.Inputs, isSpec) || len(w.Findings) > 0 {
		return nil
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return fmt.Errorf("no specs in %s (files that end in .slo.yaml, .slo.json or .slo.cue)", strings.Join(paths, ", "))
}

// Close removes what the files of a commit took on the disk.
func (w *Workspace) Close() error {
	if w.temp == "" {
		return nil
	}
	return os.RemoveAll(w.temp)
}
