package output

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"regexp"

	"github.com/promslo/promslo/generate"
)

// temporary is how files are called that wait for their rename: no two alike, so
// that runs which know nothing of each other do not meet in one.
var temporary = regexp.MustCompile(`^\..+\.promslo-[0-9a-f]{16}$`)

// create writes new content beside its place, with the mode of the file there. A
// link of its name, put there by somebody else, would lead the data to another
// file, so that the name must be free.
func (u *Update) create(c Change, data []byte, mode fs.FileMode) (name string, err error) {
	name = path.Join(path.Dir(c.Path), fmt.Sprintf(".%s.promslo-%016x", path.Base(c.Path), rand.Uint64()))
	f, err := u.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil && c.Action == Changed {
		err = f.Chmod(mode) // which the umask may have changed
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, u.dir.Remove(name))
	}
	return name, nil
}

// sweep removes what runs that were killed left behind.
func (u *Update) sweep() {
	for _, kind := range generate.Kinds() {
		dir, names, _ := u.list(kind)
		for _, name := range names {
			if !temporary.MatchString(name) {
				continue
			}
			if info, err := dir.Lstat(name); err == nil && info.Mode().IsRegular() {
				_ = dir.Remove(name)
			}
		}
	}
}
