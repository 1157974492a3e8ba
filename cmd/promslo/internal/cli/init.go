package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/templates"
)

// startingFile is a file that a project starts with.
type startingFile struct {
	name    string
	append  bool // its lines belong into an existing file, so they are printed
	spec    bool
	service string      // of a spec that is called like its directory; empty: the example
	schema  *schemaFile // what it names as its schema, or is
}

// initFiles are what `promslo init` creates, in order, and what becomes of a
// file of that name which is already there.
var initFiles = []startingFile{
	{name: "promslo.yaml", schema: &projectSchema},
	{name: "example.slo.yaml", spec: true, schema: &specSchema},
	{name: "Makefile", append: true},
	{name: ".pre-commit-config.yaml", append: true},
}

func newInit(s streams) *cobra.Command {
	var editor, cue bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Start a project: project file, a first spec, Makefile and hook",
		Long: `Init writes promslo.yaml, a first spec, a Makefile, a configuration for
pre-commit and the schemas that editors read into a directory (default: the
working directory). A file that is there already is left as it is; what would
belong into it is printed.

Below the directory of a project file it writes a spec only, which belongs to
that project.

With --editor it writes the schemas into the project that is there already, and
has each of its YAML files name its schema in a comment. With --cue it copies
the schema as a CUE package, for cue vet and the editors of those who write CUE.
Both bring up to date what another version of promslo wrote.`,
		Example: `  promslo init
  promslo init services/users
  promslo init --editor
  promslo init --cue`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if !editor && !cue {
				return runInit(s, dir)
			}
			if editor {
				if err := initEditor(cmd.Context(), s, dir); err != nil {
					return err
				}
			}
			if cue {
				return initCUE(s, dir)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&editor, "editor", false, "only the schemas for editors, and the comments that name them")
	cmd.Flags().BoolVar(&cue, "cue", false, "only the schema as a CUE package, below cue.mod/pkg")
	return cmd
}

func runInit(s streams, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files, top, err := startingFiles(s, dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range files {
		data, err := f.contents(top)
		if err != nil {
			return err
		}
		shown := path.Join(filepath.ToSlash(dir), f.name)
		if other := otherProject(root, f.name); other != "" {
			fmt.Fprintf(s.out, "%s is there already, so there is no %s\n", path.Join(filepath.ToSlash(dir), other), f.name)
			continue
		}
		if err := root.MkdirAll(path.Dir(f.name), 0o755); err != nil {
			return err
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

// startingFiles are what belongs into a directory, which the project has by a name with
// slashes: a spec only if it is part of a project whose file is in a parent directory.
func startingFiles(s streams, dir string) (files []startingFile, top string, err error) {
	w, err := workspace.OpenProject(s.env(), []string{dir})
	if err != nil {
		return nil, "", err
	}
	if w.Project.File == "" || w.Root == workspace.Absolute(w.Cwd, dir) {
		files = slices.Clone(initFiles)
		for _, file := range schemaFiles {
			files = append(files, startingFile{name: file.name, schema: &file})
		}
		return files, ".", nil
	}
	fmt.Fprintf(s.out, "%s belongs to the project of %s\n", filepath.ToSlash(dir), w.Shown(filepath.Join(w.Root, w.Project.File)))
	top, err = filepath.Rel(w.Root, workspace.Absolute(w.Cwd, dir))
	for _, f := range initFiles {
		if _, missing := os.Stat(filepath.Join(w.Root, filepath.FromSlash(specSchema.name))); missing != nil {
			f.schema = nil
		}
		if f.spec {
			if name := filepath.Base(workspace.Absolute(w.Cwd, dir)); serviceName().MatchString(name) {
				f.service, f.name = name, name+".slo.yaml"
			}
			files = append(files, f)
		}
	}
	return files, filepath.ToSlash(top), err
}

// contents are those of a file in a directory of the project.
func (f startingFile) contents(dir string) ([]byte, error) {
	if f.schema != nil && f.schema.name == f.name {
		return f.schema.contents()
	}
	if f.service != "" {
		data, err := templates.Start("example.slo.yaml")
		data = bytes.ReplaceAll(data, []byte("example"), []byte(f.service))
		data = bytes.Replace(data, []byte("The promises of one service. Rename this file and the service in it."), []byte("The promises of one service."), 1)
		return withSchema(data, f.schema, dir), err
	}
	data, err := templates.Start(f.name)
	return withSchema(data, f.schema, dir), err
}

// withSchema adds the line that names the schema of a file, if it has one.
func withSchema(data []byte, schema *schemaFile, dir string) []byte {
	if schema == nil {
		return data
	}
	return withModeline(data, modelineOf(*schema, dir))
}

// serviceName matches what a service may be called.
var serviceName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`) })

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
