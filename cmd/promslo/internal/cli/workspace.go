package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/promslo/promslo/cmd/promslo/internal/report"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// workspace is what a command works on: the project, and the specs that its
// arguments name.
type workspace struct {
	root     string // absolute directory of the project file, or else of the repository
	project  model.Project
	inputs   []schema.Input
	findings []diag.Finding // of the project file and of file names
}

// projectFiles are the names under which a project file is found.
var projectFiles = []string{"promslo.yaml", "promslo.yml", "promslo.json", "promslo.cue"}

// formats maps the endings of files to languages.
var formats = map[string]schema.Format{
	".yaml": schema.YAML, ".yml": schema.YAML, ".json": schema.JSON, ".cue": schema.CUE,
}

// openWorkspace finds the project file, walking up from the working directory
// and else from the first path, and reads the specs. Without paths these are
// those below the working directory; "-" is standard input.
func openWorkspace(in io.Reader, paths []string) (*workspace, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	w := &workspace{root: cwd, project: schema.DefaultProject()}
	if err := w.findProject(cwd, paths); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, p := range paths {
		if err := w.add(in, cwd, p, seen); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// findProject sets the root and reads the project file if there is one.
func (w *workspace) findProject(cwd string, paths []string) error {
	starts := []string{cwd}
	if paths[0] != "-" {
		starts = append(starts, filepath.Join(absolute(cwd, paths[0]), "."))
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			for _, name := range projectFiles {
				file := filepath.Join(dir, name)
				data, err := os.ReadFile(file)
				if errors.Is(err, fs.ErrNotExist) || err != nil && !isDir(dir) {
					continue
				}
				if err != nil {
					return err
				}
				w.root = dir
				in := schema.Input{File: shown(cwd, file), Data: data, Dir: dir, Format: formats[filepath.Ext(name)]}
				w.project, w.findings = schema.LoadProject(in, schema.Options{})
				return nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	// Paths in generated files must not depend on the working directory.
	for dir := cwd; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			w.root = dir
			break
		}
	}
	return nil
}

// add reads the specs that one argument names.
func (w *workspace) add(in io.Reader, cwd, arg string, seen map[string]bool) error {
	if arg == "-" {
		data, err := io.ReadAll(in)
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
		w.inputs = append(w.inputs, schema.Input{File: "<stdin>", Source: "<stdin>", Data: data})
		return nil
	}
	path := absolute(cwd, arg)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		format, ok := formats[filepath.Ext(path)]
		if !ok {
			return fmt.Errorf("%s: a spec ends in .yaml, .json or .cue", arg)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		w.input(cwd, path, format, data, seen)
		return nil
	}
	// A spec may come from a pull request: through os.Root no symbolic link in
	// the tree leads out of it.
	dir, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return fs.WalkDir(dir.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name != "." && skipped(e.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		format, ok := formats[filepath.Ext(name)]
		if !ok || !strings.HasSuffix(strings.TrimSuffix(name, filepath.Ext(name)), ".slo") {
			return nil
		}
		data, err := dir.ReadFile(name)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(arg, name), err)
		}
		w.input(cwd, filepath.Join(path, filepath.FromSlash(name)), format, data, seen)
		return nil
	})
}

// input adds one file, once.
func (w *workspace) input(cwd, path string, format schema.Format, data []byte, seen map[string]bool) {
	if seen[path] {
		return
	}
	seen[path] = true
	file := shown(cwd, path)
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		// The path goes into comments of generated files, where a line break would end the comment.
		w.findings = append(w.findings, diag.Finding{
			ID: "file-name", Pos: diag.Pos{File: strings.ToValidUTF8(strings.Map(printable, file), "?")},
			Message: "the path has characters that cannot be printed", Suggestion: "rename the file",
		})
		return
	}
	w.inputs = append(w.inputs, schema.Input{
		File: file, Source: source(w.root, path), Data: data, Dir: filepath.Dir(path), Format: format,
	})
}

// load reads all specs. It prints what is wrong and returns errFindings if anything is.
func (w *workspace) load(ctx context.Context, out io.Writer) ([]model.Service, error) {
	services, findings := schema.LoadSpecs(ctx, w.project, w.inputs, schema.Options{})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	findings = append(w.findings, findings...)
	if err := w.print(out, findings); err != nil {
		return nil, err
	}
	if diag.HasErrors(findings) {
		return nil, errFindings
	}
	return services, nil
}

// print writes findings with the lines that they stand in.
func (w *workspace) print(out io.Writer, findings []diag.Finding) error {
	return report.Text(out, diag.Sort(findings), func(file string) []byte {
		i := slices.IndexFunc(w.inputs, func(in schema.Input) bool { return in.File == file })
		if i >= 0 {
			return w.inputs[i].Data
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil
		}
		return data
	})
}

// skipped directories hold no specs of the project's own.
func skipped(dir string) bool {
	return strings.HasPrefix(dir, ".") || dir == "node_modules" || dir == "vendor" || dir == "testdata"
}

func absolute(cwd, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(cwd, path)
}

// shown is a path as a user in the working directory would write it.
func shown(cwd, path string) string {
	if rel, err := filepath.Rel(cwd, path); err == nil && filepath.IsLocal(rel) {
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

func printable(r rune) rune {
	if !unicode.IsPrint(r) {
		return '?'
	}
	return r
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
