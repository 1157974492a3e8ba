package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema"
)

// walk reads the specs below a directory, which messages call name.
func walk(ctx context.Context, path, name string, each func(file string, format schema.Format, data []byte)) error {
	// A spec may come from a pull request: through os.Root no symbolic link in
	// the tree leads out of it.
	dir, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return fs.WalkDir(dir.FS(), ".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if file != "." && skipped(e.Name()) {
				return fs.SkipDir
			}
			return ctx.Err()
		}
		format, ok := isSpec(file)
		if !ok {
			return nil
		}
		if info, err := dir.Stat(file); err == nil && info.IsDir() {
			return nil // a link: what it leads to has a path of its own
		}
		data, err := readFile(dir.FS(), file)
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(name, file), err)
		}
		each(filepath.Join(path, filepath.FromSlash(file)), format, data)
		return nil
	})
}

// isSpec tells whether a file is one that is found without being named.
func isSpec(file string) (schema.Format, bool) {
	format, known := schema.FormatOf(file)
	return format, known && strings.HasSuffix(strings.TrimSuffix(file, filepath.Ext(file)), ".slo")
}

// skipped directories hold no specs of the project's own.
func skipped(dir string) bool {
	return strings.HasPrefix(dir, ".") || dir == "node_modules" || dir == "vendor" || dir == "testdata"
}

// finder returns what finds the specs of the project that name a service in their
// text, and are not read already: a hook names only the files that changed. Without a
// project there is no telling where to look. What goes wrong is added to err.
func (w *workspace) finder(ctx context.Context, err *error) func(services []string) []schema.Input {
	all := w.others
	looked := all != nil || !w.rooted
	return func(services []string) (found []schema.Input) {
		if !looked {
			looked = true
			*err = errors.Join(*err, walk(ctx, w.root, shown(w.cwd, w.root), func(file string, format schema.Format, data []byte) {
				all = append(all, w.read(file, format, data))
			}))
		}
		for _, in := range all {
			names := func(service string) bool { return bytes.Contains(in.Data, []byte(service)) }
			known := func(other schema.Input) bool { return other.File == in.File }
			if slices.ContainsFunc(services, names) && !slices.ContainsFunc(w.inputs, known) {
				found = append(found, in)
				w.shows(in.File)
			}
		}
		return found
	}
}
