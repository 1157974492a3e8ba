package output

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/promslo/promslo/generate"
)

// tempName matches temporary files before their rename. The names are random, so that
// concurrent runs do not use the same file.
var tempName = regexp.MustCompile(`^\..+\.promslo-[0-9a-f]{16}$`)

// writeTemp writes new content to a temporary file next to its target, a slash-separated
// path below dir. A file that is replaced keeps its mode, which the umask else changes.
// O_EXCL keeps it from following a symbolic link that somebody else created.
func writeTemp(dir *os.Root, target string, data []byte, mode fs.FileMode, replaced bool) (name string, err error) {
	name = path.Join(path.Dir(target), fmt.Sprintf(".%s.promslo-%016x", strings.TrimPrefix(path.Base(target), "."), rand.Uint64()))
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil && replaced {
		err = f.Chmod(mode)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, dir.Remove(name))
	}
	return name, nil
}

// Replace writes a file below a directory, or replaces one that keeps its mode, by a rename.
func Replace(dir *os.Root, name string, data []byte) error {
	info, err := dir.Stat(name)
	mode, replaced := fs.FileMode(0o644), err == nil
	if replaced {
		mode = info.Mode().Perm()
	}
	temp, err := writeTemp(dir, name, data, mode, replaced)
	if err != nil {
		return err
	}
	if err := dir.Rename(temp, name); err != nil {
		return errors.Join(err, dir.Remove(temp))
	}
	return nil
}

// removeStaleTemp removes temporary files of killed runs.
func (u *Update) removeStaleTemp() {
	for _, kind := range generate.Kinds() {
		dir, names, _ := u.list(kind)
		for _, name := range names {
			if !strings.HasPrefix(name, ".") || !tempName.MatchString(name) {
				continue
			}
			if info, err := dir.Lstat(name); err == nil && info.Mode().IsRegular() {
				_ = dir.Remove(name)
			}
		}
	}
}
