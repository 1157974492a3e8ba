package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/jsonschema"
	"github.com/promslo/promslo/schema/read"
)

// initEditor writes the schemas into the project of a directory, brings those of another
// version up to date, and has the YAML files of the project name them.
func initEditor(ctx context.Context, s streams, dir string) error {
	w, err := workspace.OpenProject(s.env(), []string{dir})
	if err != nil {
		return err
	}
	if !w.HasRoot {
		w.Root = workspace.Absolute(w.Cwd, dir)
	}
	if err := w.ReadSpecs(ctx, []string{w.Root}); err != nil {
		return err
	}
	root, err := os.OpenRoot(w.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, file := range schemaFiles {
		if err := writeSchema(s, w, root, file); err != nil {
			return err
		}
	}
	for _, in := range w.Inputs {
		file := specSchema
		if read.IsAgreements(in.File) {
			file = agreementsSchema
		}
		if in.Format == read.YAML {
			if err := addModeline(s, w, root, file, filepath.Join(in.Dir, path.Base(in.File)), in.Data); err != nil {
				return err
			}
		}
	}
	if format, _ := read.FormatOf(w.Project.File); w.Project.File != "" && format == read.YAML {
		return addModeline(s, w, root, projectSchema, filepath.Join(w.Root, path.Base(w.Project.File)), w.ProjectFile)
	}
	return nil
}

// writeSchema writes a schema unless it is there. It replaces only one of promslo.
func writeSchema(s streams, w *workspace.Workspace, root *os.Root, file schemaFile) error {
	data, err := file.contents()
	if err != nil {
		return err
	}
	name := filepath.FromSlash(file.name)
	shown := workspace.Printable(w.Shown(filepath.Join(w.Root, name)))
	old, err := project.Read(root, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := root.MkdirAll(schemaDir, 0o755); err != nil {
			return err
		}
	case err != nil:
		return fmt.Errorf("%s: %w", shown, err)
	case bytes.Equal(old, data):
		return nil
	case !bytes.Contains(old, []byte(jsonschema.Comment)):
		_, err := fmt.Fprintf(s.out, "%s is not promslo's and stays as it is\n", shown)
		return err
	}
	if err := replaceFile(w.Root, filepath.Join(w.Root, name), data); err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	_, err = fmt.Fprintf(s.out, "wrote %s\n", shown)
	return err
}

// addModeline has a YAML file name its schema.
func addModeline(s streams, w *workspace.Workspace, root *os.Root, file schemaFile, at string, data []byte) error {
	name, err := filepath.Rel(w.Root, at)
	if err != nil {
		return err
	}
	now := withModeline(data, modelineOf(file, path.Dir(filepath.ToSlash(name))))
	if bytes.Equal(now, data) {
		return nil
	}
	shown := report.SanitizeLines(w.Shown(at))
	if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
		_, err := fmt.Fprintf(s.out, "%s is a link and stays as it is\n", shown)
		return err
	}
	if err := replaceFile(w.Root, at, now); err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	_, err = fmt.Fprintf(s.out, "%s names its schema\n", shown)
	return err
}
