package cli

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema/diag"
)

// sources are what findings may be quoted from, beside the specs: what else a run
// read. Nothing is opened only because a finding names it.
type sources struct {
	projectFile string
	others      map[string]bool   // read by name
	specs       map[string][]byte // by name, of as many inputs as there were
}

// shows allows files that were read to be quoted.
func (w *workspace) shows(files ...string) {
	if w.sources.others == nil {
		w.sources.others = map[string]bool{}
	}
	for _, file := range files {
		w.sources.others[filepath.ToSlash(file)] = true
	}
}

// content returns the text of a file by the name that findings have for it.
func (w *workspace) content(file string) []byte {
	s := &w.sources
	if len(s.specs) != len(w.inputs) {
		s.specs = map[string][]byte{}
		for _, in := range w.inputs {
			s.specs[in.File] = in.Data
		}
	}
	if data, found := s.specs[file]; found {
		return data
	}
	if file == s.projectFile {
		return w.source
	}
	if !s.others[file] {
		return nil
	}
	data, err := w.readFile(absolute(w.cwd, filepath.FromSlash(file)))
	if err != nil {
		return nil
	}
	return data
}

// discreet replaces findings in files that are links out of their tree: what they
// lead to may be secret, and messages and quotations tell of it.
func discreet(findings []diag.Finding) []diag.Finding {
	outside := map[string]bool{}
	out := slices.Clone(findings)
	for i, f := range out {
		hidden, known := outside[f.Pos.File]
		if !known {
			hidden = leaves(f.Pos.File)
			outside[f.Pos.File] = hidden
		}
		if hidden && f.ID != diag.UnreadableSpec { // which was not read
			out[i] = diag.Finding{
				ID: f.ID, Severity: f.Severity, Pos: diag.Pos{File: f.Pos.File},
				Message:    "something is wrong in this file, of which nothing is shown: it is a symbolic link that leads out of the repository or, without one, of its directory",
				Suggestion: "put the file there itself, or name the one that the link leads to",
			}
		}
	}
	return out
}

// leaves tells whether a file is a link that leads out of its repository or,
// without one, of its directory.
func leaves(file string) bool {
	path, err := filepath.Abs(filepath.FromSlash(file))
	if err != nil || file == "" {
		return false
	}
	if _, err := os.Stat(path); err != nil {
		return false // it is not there
	}
	top := filepath.Dir(path)
	if place, err := project.Find(top); err == nil && place.Repository != "" {
		top = place.Repository
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return true
	}
	defer root.Close()
	in, err := filepath.Rel(top, path)
	_, failed := root.Stat(in)
	return err != nil || failed != nil
}
