// Package cache remembers the checksums of generated files, so that a run generates only
// the services that changed.
//
// In: services and their generated files. Out: whether the files on disk are up to date.
// The cache has only checksums and writes nothing to an output directory; without it a run
// has the same result and takes longer.
package cache

import (
	"bufio"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/model"
)

type sum = [sha256.Size]byte

// fileSums is the checksums of a service's files by path.
type fileSums map[string]sum

// Cache is the cache of one output directory. The zero value caches nothing.
type Cache struct {
	file      string // empty: there is none
	commonKey []byte // key of the program and the project
	old       map[sum]fileSums

	mutex   sync.Mutex
	new     map[sum]fileSums
	changed bool // new has entries that old does not have
}

// Open reads the cache of an output directory. If it cannot be read, it is empty.
func Open(out string, kinds []generate.Kind, project model.Project) *Cache {
	dir := os.Getenv("PROMSLO_CACHE")
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return &Cache{}
		}
		dir = filepath.Join(user, "promslo")
	}
	common := sha256.New()
	if dir == "off" || hashProgram(common) != nil || json.NewEncoder(common).Encode(project) != nil {
		return &Cache{}
	}
	name := sha256.Sum256(fmt.Append(nil, out, "\x00", kinds))
	c := &Cache{file: filepath.Join(dir, hex.EncodeToString(name[:16])), commonKey: common.Sum(nil), new: map[sum]fileSums{}}
	f, err := os.Open(c.file)
	if err != nil {
		return c
	}
	defer f.Close()
	if gob.NewDecoder(bufio.NewReader(io.LimitReader(f, 64<<20))).Decode(&c.old) != nil {
		c.old = nil
	}
	return c
}

// hashProgram hashes size, time and start of the executable, which has the build ID.
func hashProgram(w hash.Hash) error {
	path, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintln(w, info.Size(), info.ModTime().UnixNano())
	_, err = io.CopyN(w, f, min(info.Size(), 64<<10))
	return err
}

// key returns the hash of all inputs of a service's files. Header is the name of the spec in
// them.
func (c *Cache) key(s model.Service, header string) (key sum, ok bool) {
	data, err := json.Marshal(s)
	if err != nil {
		return key, false
	}
	h := sha256.New()
	h.Write(c.commonKey)
	fmt.Fprintf(h, "%q", header)
	h.Write(data)
	for _, slo := range s.SLOs { // two kinds may have the same JSON
		fmt.Fprintf(h, "%q", slo.SLI.Kind())
		for _, part := range slo.SLI.Parts() {
			fmt.Fprintf(h, "%q", part.SLI.Kind())
		}
	}
	return sum(h.Sum(nil)), true
}

// Unchanged reports whether the files of a service are cached and keep returns true for each
// of them.
func (c *Cache) Unchanged(s model.Service, header string, keep func(path string, sum [sha256.Size]byte) bool) bool {
	if c.file == "" {
		return false
	}
	key, ok := c.key(s, header)
	files := c.old[key]
	if !ok || len(files) == 0 {
		return false
	}
	for path, sum := range files {
		if !keep(path, sum) {
			return false
		}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.new[key] = files
	return true
}

// Add caches the files of a service.
func (c *Cache) Add(s model.Service, header string, files map[string][]byte) {
	if c.file == "" {
		return
	}
	key, ok := c.key(s, header)
	if !ok {
		return
	}
	sums := fileSums{}
	for path, data := range files {
		sums[path] = sha256.Sum256(data)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.new[key], c.changed = sums, true
}

// Save writes the entries that this run added or used. It ignores errors, as the next run
// only takes longer.
func (c *Cache) Save() {
	if c.file == "" || !c.changed && len(c.new) == len(c.old) {
		return
	}
	dir := filepath.Dir(c.file)
	if os.MkdirAll(dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(dir, "new-")
	if err != nil {
		return
	}
	w := bufio.NewWriter(f)
	err = gob.NewEncoder(w).Encode(c.new)
	if w.Flush() != nil || f.Close() != nil || err != nil || os.Rename(f.Name(), c.file) != nil {
		_ = os.Remove(f.Name())
	}
}
