package read

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Limits of the directories and bytes that are read for the imports of one spec.
const (
	MaxImportDirs  = 1_000
	maxImportBytes = 8 << 20
	maxDirEntries  = 10_000
)

// moduleFiles reads the packages of a CUE module: files below its root. It does not follow
// symbolic links out of it.
type moduleFiles struct {
	root        string // absolute directory; empty: there is no module
	displayPath string // root as findings show it
	dir         *os.Root
	dirs        int // read so far
	bytes       int
}

// openModule finds the module that a file belongs to.
func openModule(in Input) *moduleFiles {
	if in.Dir == "" {
		return &moduleFiles{}
	}
	dir, err := filepath.Abs(in.Dir)
	if err != nil {
		return &moduleFiles{}
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, "cue.mod", "module.cue")); err == nil {
			up, _ := filepath.Rel(dir, at)
			return &moduleFiles{root: at, displayPath: path.Join(path.Dir(in.File), filepath.ToSlash(up))}
		}
		if at == in.Within || at == filepath.Dir(at) {
			return &moduleFiles{}
		}
	}
}

func (m *moduleFiles) close() {
	if m.dir != nil {
		m.dir.Close()
	}
}

var (
	errNotRegular  = errors.New("this is not a regular file")
	errLinkOutside = errors.New("this is a link that leads out of the CUE module, or nowhere")
)

// read returns the CUE files of a directory, without names that start with a dot or an
// underscore, which CUE ignores.
func (m *moduleFiles) read(dir string) (files map[string][]byte, err error) {
	if m.dirs++; m.dirs > MaxImportDirs {
		return nil, fmt.Errorf("the file imports packages from more than %d directories", MaxImportDirs)
	}
	if m.dir == nil {
		if m.dir, err = os.OpenRoot(m.root); err != nil {
			return nil, err
		}
	}
	fail := func(name string, err error) error {
		return fmt.Errorf("%s: %w", path.Join(m.displayPath, dir, name), err)
	}
	info, err := m.dir.Stat(filepath.FromSlash(dir))
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir():
		return nil, nil
	case err != nil:
		return nil, fail("", errLinkOutside)
	}
	d, err := m.dir.Open(filepath.FromSlash(dir))
	if err != nil {
		return nil, fail("", plainError(err))
	}
	defer d.Close()
	entries, err := d.ReadDir(maxDirEntries + 1)
	switch {
	case len(entries) > maxDirEntries:
		return nil, fail("", fmt.Errorf("the directory has more than %d entries", maxDirEntries))
	case err != nil && err != io.EOF:
		return nil, fail("", plainError(err))
	}
	files = map[string][]byte{}
	for _, e := range entries {
		name := e.Name()
		if path.Ext(name) != ".cue" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || e.IsDir() && dir != "cue.mod" {
			continue
		}
		if files[name], err = m.file(filepath.Join(filepath.FromSlash(dir), name)); err != nil {
			return nil, fail(name, err)
		}
	}
	return files, nil
}

func (m *moduleFiles) file(name string) ([]byte, error) {
	info, err := m.dir.Stat(name)
	if err != nil {
		return nil, errLinkOutside
	}
	if !info.Mode().IsRegular() { // opening a pipe may block forever
		return nil, errNotRegular
	}
	f, err := m.dir.Open(name)
	if err != nil {
		return nil, plainError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if m.bytes += len(data); err == nil && len(data) > maxBytes {
		err = fmt.Errorf("the file has more than %d MiB", maxBytes>>20)
	} else if m.bytes > maxImportBytes {
		err = fmt.Errorf("the imported packages have more than %d MiB", maxImportBytes>>20)
	}
	return data, plainError(err)
}

// plainError returns an error without the file name.
func plainError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
