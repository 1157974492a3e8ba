package gitref

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// file is a file of a tree.
type file struct {
	mode, id string
	path     string // in the tree
}

// The modes of tree entries that are no regular files.
const (
	modeSymlink   = "120000"
	modeSubmodule = "160000"
)

// Tree is the files of a commit, submodules included.
type Tree struct {
	repo  *Repo
	files map[string]file
	subs  map[string]*Tree // by path
}

// Tree lists the files of a commit, including those of submodules that are checked out.
func (r *Repo) Tree(ctx context.Context, commit Commit) (*Tree, error) {
	out, err := r.git(ctx, "ls-tree", "-r", "-z", "--full-tree", string(commit))
	if err != nil {
		return nil, err
	}
	t := &Tree{repo: r, files: map[string]file{}, subs: map[string]*Tree{}}
	for entry := range bytes.SplitSeq(out, []byte{0}) {
		head, name, found := strings.Cut(string(entry), "\t")
		fields := strings.Fields(head)
		if !found || len(fields) != 3 || !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		f := file{mode: fields[0], id: fields[2], path: name}
		if dir := filepath.Join(r.top, filepath.FromSlash(name)); f.mode == modeSubmodule {
			if !isRepo(dir) {
				continue
			}
			if t.subs[name], err = (&Repo{dir: dir, top: dir}).submodule(ctx, f.id); err != nil {
				return nil, fmt.Errorf("submodule %s: %w", name, err)
			}
			continue
		}
		t.files[name] = f
	}
	return t, nil
}

func (r *Repo) submodule(ctx context.Context, id string) (*Tree, error) {
	commit, err := r.Resolve(ctx, id)
	if err != nil {
		return nil, err
	}
	return r.Tree(ctx, commit)
}

// Paths returns the paths of all files, unsorted.
func (t *Tree) Paths() []string {
	var out []string
	for name := range t.files {
		out = append(out, name)
	}
	for at, sub := range t.subs {
		for _, name := range sub.Paths() {
			out = append(out, path.Join(at, name))
		}
	}
	return out
}

// Read returns the first limit bytes of each wanted file, by path. It follows symbolic
// links within the tree; others are an error.
func (t *Tree) Read(ctx context.Context, limit int64, wanted func(path string) bool) (map[string][]byte, error) {
	out := map[string][]byte{}
	return out, t.readInto(ctx, out, "", limit, wanted)
}

func (t *Tree) readInto(ctx context.Context, out map[string][]byte, at string, limit int64, wanted func(path string) bool) error {
	for name, sub := range t.subs {
		if err := sub.readInto(ctx, out, path.Join(at, name), limit, wanted); err != nil {
			return err
		}
	}
	blobs, err := t.repo.newBlobReader(ctx)
	if err != nil {
		return err
	}
	defer blobs.close()
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		full := path.Join(at, name)
		if !wanted(full) {
			continue
		}
		if out[full], err = t.read(blobs, name, limit); err != nil {
			return fmt.Errorf("%s: %w", full, err)
		}
	}
	return nil
}

// maxLinks is the longest chain of symbolic links.
const maxLinks = 8

// read returns the first limit bytes of a file and follows symbolic links.
func (t *Tree) read(b *blobReader, name string, limit int64) ([]byte, error) {
	for range maxLinks {
		f, found := t.files[name]
		if !found {
			return nil, errors.New("the link leads to no file of the same tree")
		}
		data, err := b.read(f.id, limit)
		if err != nil || f.mode != modeSymlink {
			return data, err
		}
		name = path.Join(path.Dir(name), string(data))
	}
	return nil, errors.New("the link leads to links without end")
}

// blobReader is a git cat-file --batch process.
type blobReader struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func (r *Repo) newBlobReader(ctx context.Context) (*blobReader, error) {
	cmd := r.command(ctx, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &blobReader{cmd, in, bufio.NewReaderSize(out, 1<<16)}, nil
}

func (b *blobReader) close() {
	b.in.Close()
	_, _ = io.Copy(io.Discard, b.out)
	_ = b.cmd.Wait()
}

// read returns the first limit bytes of an object.
func (b *blobReader) read(id string, limit int64) ([]byte, error) {
	if _, err := fmt.Fprintln(b.in, id); err != nil {
		return nil, err
	}
	head, err := b.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("git cat-file ended: %w", err)
	}
	fields := strings.Fields(head)
	if len(fields) != 3 {
		return nil, fmt.Errorf("git has no object %s: run `git fetch`", id)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, err
	}
	data := make([]byte, min(size, limit))
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, err
	}
	_, err = io.CopyN(io.Discard, b.out, size-int64(len(data))+1) // and a line feed
	return data, err
}
