package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/templates"
)

// startingFile is a file that a project starts with.
type startingFile struct {
	name   string
	append bool // its lines belong into an existing file, so they are printed
	spec   bool
}

// initFiles are what `promslo init` creates, in order, and what becomes of a
// file of that name which is already there.
var initFiles = []startingFile{
	{name: "promslo.yaml"},
	{name: "example.slo.yaml", spec: true},
	{name: "Makefile", append: true},
	{name: ".pre-commit-config.yaml", append: true},
}

func newInit(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Start a project: project file, a first spec, Makefile and hook",
		Long: `Init writes promslo.yaml, a first spec, a Makefile and a configuration for
pre-commit into a directory (default: the working directory). A file that is
there already is left as it is; what would belong into it is printed.

Below the directory of a project file it writes a spec only, which belongs to
that project.`,
		Example: `  promslo init
  promslo init services/users`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return runInit(s, dir)
		},
	}
}

func runInit(s streams, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files, err := startingFiles(s, dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range files {
		data, err := templates.Start(f.name)
		if err != nil {
			return err
		}
		shown := path.Join(filepath.ToSlash(dir), f.name)
		if other := otherProject(root, f.name); other != "" {
			fmt.Fprintf(s.out, "%s is there already, so there is no %s\n", path.Join(filepath.ToSlash(dir), other), f.name)
			continue
		}
		file, err := root.OpenFile(f.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		switch {
		case err == nil:
			_, err = file.Write(data)
			if err := errors.Join(err, file.Close()); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "wrote %s\n", shown)
		case !errors.Is(err, fs.ErrExist):
			return err
		case f.append && !holds(root, f.name, data):
			fmt.Fprintf(s.out, "%s is there already and stays as it is; add to it:\n\n%s\n", shown, data)
		default:
			fmt.Fprintf(s.out, "%s is there already and stays as it is\n", shown)
		}
	}
	fmt.Fprintln(s.err, "promslo: next, make the spec yours, then run `promslo generate` and `promslo test`")
	return nil
}

// startingFiles are what belongs into a directory: a spec only if it is part of a
// project whose file is in a parent directory.
func startingFiles(s streams, dir string) ([]startingFile, error) {
	w, err := workspace.OpenProject(s.env(), []string{dir})
	if err != nil {
		return nil, err
	}
	if w.Project.File == "" || w.Root == workspace.Absolute(w.Cwd, dir) {
		return initFiles, nil
	}
	fmt.Fprintf(s.out, "%s belongs to the project of %s\n", filepath.ToSlash(dir), w.Shown(filepath.Join(w.Root, w.Project.File)))
	return slices.DeleteFunc(slices.Clone(initFiles), func(f startingFile) bool { return !f.spec }), nil
}

// otherProject returns the project file that is there under another name than
// the one to be written, if this is a project file.
func otherProject(root *os.Root, name string) string {
	if !slices.Contains(project.FileNames, name) {
		return ""
	}
	for _, other := range project.FileNames {
		if _, err := root.Lstat(other); err == nil && other != name {
			return other
		}
	}
	return ""
}

// holds reports whether a file has the lines already.
func holds(root *os.Root, name string, lines []byte) bool {
	data, err := project.Read(root, name)
	return err == nil && bytes.Contains(data, lines)
}
