// Package gitref reads the files of a commit.
//
// In: a repository and a ref. Out: the files of its tree that the caller selects. It runs
// the installed git, which supports all worktrees, alternates, partial clones and hash
// functions. It uses no shell, and a ref cannot be an option.
package gitref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Repo is a repository.
type Repo struct {
	dir string // working directory of git, in the work tree
	top string // of the work tree
	// Prefix is the path of dir in the work tree, with slashes; empty at its top.
	Prefix string
}

// ErrNoRepo is the error for a directory outside of a repository.
var ErrNoRepo = errors.New("this is no git repository")

// Open finds the repository that a directory belongs to.
func Open(ctx context.Context, dir string) (*Repo, error) {
	r := &Repo{dir: dir}
	out, err := r.git(ctx, "rev-parse", "--show-prefix", "--show-cdup")
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) || ctx.Err() != nil {
			return nil, err
		}
		if strings.Contains(err.Error(), "not a git repository") {
			return nil, fmt.Errorf("%s: %w", dir, ErrNoRepo)
		}
		return nil, err
	}
	prefix, up, _ := strings.Cut(strings.TrimSuffix(string(out), "\n"), "\n")
	r.Prefix, r.top = strings.TrimSuffix(prefix, "/"), filepath.Join(dir, filepath.FromSlash(up))
	return r, nil
}

// Untracked returns the absolute paths of untracked files that are not ignored, below some
// directories of the work tree.
func (r *Repo) Untracked(ctx context.Context, dirs ...string) (files []string, err error) {
	out, err := r.git(ctx, append([]string{"--literal-pathspecs", "ls-files", "-z", "--others", "--exclude-standard", "--"}, dirs...)...)
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		files = append(files, filepath.Join(r.dir, filepath.FromSlash(name)))
	}
	return files, nil
}

// Commit is the full hash of a commit.
type Commit string

// Refs returns the names of branches, tags and remote branches, as people write them.
func (r *Repo) Refs(ctx context.Context) ([]string, error) {
	out, err := r.git(ctx, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
	return strings.Fields(string(out)), err
}

// MissingCommitError is the error if a repository has no such commit, with advice how to
// fetch it.
type MissingCommitError struct {
	Ref    string
	Advice string
}

func (m *MissingCommitError) Error() string {
	return fmt.Sprintf("there is no commit %s in this repository: %s", m.Ref, m.Advice)
}

// Resolve returns the commit of a ref: a branch, a tag, a hash, or anything else that git
// understands, such as HEAD~2. A ref with a suffix ... is its merge base with HEAD. It
// returns a *MissingCommitError if there is none.
func (r *Repo) Resolve(ctx context.Context, ref string) (Commit, error) {
	if err := checkRef(ref); err != nil {
		return "", err
	}
	if from, found := strings.CutSuffix(ref, "..."); found {
		return r.mergeBase(ctx, from)
	}
	out, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return "", &MissingCommitError{ref, r.fetchAdvice(ctx, ref)}
	}
	return Commit(strings.TrimSpace(string(out))), err
}

// mergeBase returns the merge base of a ref and HEAD.
func (r *Repo) mergeBase(ctx context.Context, ref string) (Commit, error) {
	from, err := r.Resolve(ctx, ref)
	if err != nil {
		return "", err
	}
	out, err := r.git(ctx, "merge-base", string(from), "HEAD")
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return "", &MissingCommitError{ref + "...", r.fetchAdvice(ctx, "HEAD~")}
	}
	return Commit(strings.TrimSpace(string(out))), err
}

// checkRef refuses options and control characters.
func checkRef(ref string) error {
	if ref == "" || strings.HasPrefix(ref, "-") || strings.ContainsFunc(ref, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("%q is no name of a commit", ref)
	}
	return nil
}

// fetchAdvice returns how to fetch a missing commit.
func (r *Repo) fetchAdvice(ctx context.Context, ref string) string {
	branch := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/remotes/")
	remotes := []string{"origin"}
	if out, err := r.git(ctx, "remote"); err == nil && len(bytes.TrimSpace(out)) > 0 {
		remotes = strings.Fields(string(out))
		if slices.Contains(remotes, "origin") {
			remotes = append([]string{"origin"}, remotes...)
		}
	}
	remote := remotes[0]
	for _, name := range remotes {
		if after, found := strings.CutPrefix(branch, name+"/"); found {
			remote, branch = name, after
		}
	}
	tracking := remote + "/" + branch
	shallow, _ := r.git(ctx, "rev-parse", "--is-shallow-repository")
	switch {
	case strings.HasPrefix(ref, "refs/tags/"):
		return fmt.Sprintf("run `git fetch --depth=1 %s tag %s`", remote, strings.TrimPrefix(ref, "refs/tags/"))
	case ref != tracking && r.hasCommit(ctx, "refs/remotes/"+tracking):
		return fmt.Sprintf("did you mean %s?", tracking)
	case strings.ContainsAny(ref, ": "):
		return "this names no commit"
	case strings.ContainsAny(ref, "~^@") && strings.TrimSpace(string(shallow)) == "true":
		return fmt.Sprintf("the clone is shallow; run `git fetch --unshallow %s`", remote)
	case strings.ContainsAny(ref, "~^@"):
		return "the history does not go so far"
	case isHash(ref):
		return fmt.Sprintf("run `git fetch --depth=1 %s %s`", remote, ref)
	}
	return fmt.Sprintf("run `git fetch --depth=1 %s +refs/heads/%s:refs/remotes/%s`, and compare with %s", remote, branch, tracking, tracking)
}

func (r *Repo) hasCommit(ctx context.Context, ref string) bool {
	_, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	return err == nil
}

func isHash(ref string) bool {
	return len(ref) >= 7 && strings.Trim(ref, "0123456789abcdefABCDEF") == ""
}

// git runs git and returns its output. It is only used for commands that read.
func (r *Repo) git(ctx context.Context, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("git is not installed, or not in the PATH: %w", exec.ErrNotFound)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("git %s: %s (%w)", args[0], strings.TrimSpace(stderr.String()), err)
	}
	return out, nil
}

// command prepares a git command in dir, without the variables with which git hooks run
// and that select another repository.
func (r *Repo) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.dir
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}, name) {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	return cmd
}

// isRepo reports whether a directory is the top of a work tree.
func isRepo(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}
