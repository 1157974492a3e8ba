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

// writeTemp writes new content to a temporary file next to its target, with the same mode.
// O_EXCL keeps it from following a symbolic link that somebody else created.
func (u *Update) writeTemp(c Change, data []byte, mode fs.FileMode) (name string, err error) {
	name = path.Join(path.Dir(c.Path), fmt.Sprintf(".%s.promslo-%016x", path.Base(c.Path), rand.Uint64()))
	f, err := u.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil && c.Action == Changed {
		err = f.Chmod(mode) // as the umask may have changed it
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, u.dir.Remove(name))
	}
	return name, nil
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
