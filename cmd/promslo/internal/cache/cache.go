// Package cache remembers what was generated from what, so that a run on a thousand
// services of which one changed generates one.
//
// In: services and the files made of them. Out: whether what is on disk is what would
// be made again. Only sums are kept: nothing is ever written to an output directory
// from here, and without the cache a run does the same, and takes longer.
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

// made is a service's files by path, with the sums of their content.
type made map[string]sum

// Cache is what was made for one output directory. The zero value remembers nothing.
type Cache struct {
	file   string // empty: there is none
	common []byte // what all services share: the program and the project
	old    map[sum]made

	mutex sync.Mutex
	new   map[sum]made
	more  bool // new has what old lacks
}

// Open reads what was made by this very program for an output directory. What cannot
// be read was never made.
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
	if dir == "off" || program(common) != nil || json.NewEncoder(common).Encode(project) != nil {
		return &Cache{}
	}
	name := sha256.Sum256(fmt.Append(nil, out, "\x00", kinds))
	c := &Cache{file: filepath.Join(dir, hex.EncodeToString(name[:16])), common: common.Sum(nil), new: map[sum]made{}}
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

// program writes what tells this program from others. A linker puts an ID made of all
// code near the start.
func program(w hash.Hash) error {
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

// key is what a service's files are made of. Header is what these call its spec.
func (c *Cache) key(s model.Service, header string) (key sum, ok bool) {
	data, err := json.Marshal(s)
	if err != nil {
		return key, false
	}
	h := sha256.New()
	h.Write(c.common)
	fmt.Fprintf(h, "%q", header)
	h.Write(data)
	for _, slo := range s.SLOs { // fields of two kinds may look the same
		fmt.Fprintf(h, "%q", slo.SLI.Kind())
		for _, part := range slo.SLI.Parts() {
			fmt.Fprintf(h, "%q", part.SLI.Kind())
		}
	}
	return sum(h.Sum(nil)), true
}

// Unchanged reports whether the files of a service were made before, and keep finds each
// of them as it was made.
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

// Add remembers what was made of a service.
func (c *Cache) Add(s model.Service, header string, files map[string][]byte) {
	if c.file == "" {
		return
	}
	key, ok := c.key(s, header)
	if !ok {
		return
	}
	sums := made{}
	for path, data := range files {
		sums[path] = sha256.Sum256(data)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.new[key], c.more = sums, true
}

// Save keeps what this run made and found for the next. What goes wrong costs the next
// run time, and nothing else.
func (c *Cache) Save() {
	if c.file == "" || !c.more && len(c.new) == len(c.old) {
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
