package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Absolute is a path that may start from a working directory.
func Absolute(cwd, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(cwd, path)
}

// Shown is a path as findings show it.
func (w *Workspace) Shown(path string) string { return w.Label + Shown(w.Cwd, path) }

// Shown is a path as a user in the working directory would write it.
func Shown(cwd, path string) string {
	if rel, err := filepath.Rel(cwd, path); err == nil && (filepath.IsLocal(rel) || len(rel) < len(path)) {
		path = rel
	}
	return filepath.ToSlash(path)
}

// source is a path as generated files name it: relative to the root, or the
// bare name of a file outside.
func source(root, path string) string {
	if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.Base(path)
}

// Printable is a text without what a terminal would obey or could not show.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// IsDir reports whether there is a directory at a path.
func IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Within reports whether a path with slashes is a directory or below it; "" and "." are
// the top.
func Within(file, dir string) bool {
	return dir == "" || dir == "." || file == dir || strings.HasPrefix(file, dir+"/")
}
