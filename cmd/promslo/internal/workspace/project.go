package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
)

// OpenProject finds the project that the paths belong to, or else the working
// directory, and reads its file.
func OpenProject(env Env, paths []string) (*Workspace, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	w := New(env, cwd, cwd)
	here, err := w.find(cwd)
	if err != nil {
		return nil, err
	}
	place, of, outside := here, "", ""
	for _, p := range paths {
		if p == "-" {
			continue
		}
		path := Absolute(cwd, p)
		dir := path
		if !IsDir(path) {
			dir = filepath.Dir(path)
		}
		at := here
		if dir != cwd {
			if at, err = w.find(dir); err != nil {
				return nil, err
			}
			if at.Root == "" {
				at = here
			}
		}
		if outside == "" && !Within(filepath.ToSlash(dir), filepath.ToSlash(cwd)) {
			outside = dir
		}
		if of != "" && at.Root != place.Root {
			return nil, fmt.Errorf("%s and %s belong to different projects: run promslo for each of them", of, p)
		}
		place, of = at, p
	}
	switch {
	case place.Root != "":
		w.Root, w.HasRoot, w.Repository = place.Root, true, place.Repository
	case outside != "":
		w.Root = outside // what is generated must not depend on the working directory
	}
	if place.File != "" {
		w.loadProject(place.File, place.Data)
	}
	return w, w.env.CUE.Err()
}

// OpenDirectory reads the specs below a directory, and the project file that they
// belong to.
func OpenDirectory(env Env, cwd, dir string) (*Workspace, error) {
	w := New(env, cwd, dir)
	place, err := w.find(dir)
	if err != nil {
		return nil, err
	}
	if place.File != "" {
		w.loadProject(place.File, place.Data)
	}
	return w, nil
}

func (w *Workspace) find(dir string) (project.Location, error) {
	place, err := project.Find(dir)
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return place, fmt.Errorf("%s: %w", w.Shown(e.Path), e.Err)
	}
	return place, err
}

// loadProject reads a project file.
func (w *Workspace) loadProject(path string, data []byte) {
	w.Root, w.HasRoot, w.ProjectFile = filepath.Dir(path), true, data
	w.quotes.projectFile = w.Shown(path)
	format, _ := read.FormatOf(path)
	w.Project, w.Findings = schema.LoadProject(w.Input(path, format, data), schema.Options{Evaluate: w.env.CUE.Evaluate})
}
