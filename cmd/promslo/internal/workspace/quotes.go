package workspace

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/schema/diag"
)

// quotes are what findings may be quoted from, beside the specs: what else a run
// read. Nothing is opened only because a finding names it.
type quotes struct {
	projectFile string
	others      map[string]bool   // read by name
	stdin       []byte            // if it is no spec
	specs       map[string][]byte // by name, of as many inputs as there were
}

// Quotable allows findings to quote files that were read.
func (w *Workspace) Quotable(files ...string) {
	if w.quotes.others == nil {
		w.quotes.others = map[string]bool{}
	}
	for _, file := range files {
		w.quotes.others[filepath.ToSlash(file)] = true
	}
}

// QuotableStdin allows findings to quote what was read from stdin and is no spec.
func (w *Workspace) QuotableStdin(data []byte) { w.quotes.stdin = data }

// Content returns the text of a file by the name that findings have for it.
func (w *Workspace) Content(file string) []byte {
	q := &w.quotes
	if len(q.specs) != len(w.Inputs) {
		q.specs = map[string][]byte{}
		for _, in := range w.Inputs {
			q.specs[in.File] = in.Data
		}
	}
	if data, found := q.specs[file]; found {
		return data
	}
	if file == Stdin {
		return q.stdin
	}
	if file == q.projectFile {
		return w.ProjectFile
	}
	if !q.others[file] {
		return nil
	}
	data, err := w.ReadFile(Absolute(w.Cwd, filepath.FromSlash(file)))
	if err != nil {
		return nil
	}
	return data
}

// Discreet replaces findings in files that are links out of their tree: what they
// lead to may be secret, and messages and quotations tell of it.
func Discreet(findings []diag.Finding) []diag.Finding {
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

// leaves reports whether a file is a link that leads out of its repository or,
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
