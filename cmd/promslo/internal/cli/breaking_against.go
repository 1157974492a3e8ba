package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/gitref"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
)

// against is what --against names: a directory, or a commit.
type against struct {
	text   string
	dir    string   // empty: a commit
	repo   string   // directory of its repository; empty: that of the project
	refs   []string // names to try
	subdir string   // of the tree, that is compared; empty: that of the project
}

// parseAgainst reads --against: a directory, a name that git knows, or, as buf writes
// it, REPO#branch=NAME with tag, commit and ref as well, and subdir.
func parseAgainst(text string) (against, error) {
	a := against{text: text}
	repo, options, found := strings.Cut(text, "#")
	if !found {
		if workspace.IsDir(text) {
			a.dir = text
		}
		a.refs = []string{text}
		return a, nil
	}
	if path.Clean(filepath.ToSlash(repo)) != ".git" {
		a.repo = repo
	}
	for _, option := range strings.Split(options, ",") {
		key, value, _ := strings.Cut(option, "=")
		var refs []string
		switch {
		case value == "":
			return a, fmt.Errorf("--against %s: %s has no value", text, key)
		case key == "branch":
			refs = []string{"refs/heads/" + value, "refs/remotes/origin/" + value}
		case key == "tag":
			refs = []string{"refs/tags/" + value}
		case key == "commit", key == "ref":
			refs = []string{value}
		case key == "subdir":
			if a.subdir = path.Clean(value); !filepath.IsLocal(filepath.FromSlash(value)) {
				return a, fmt.Errorf("--against %s: subdir is not within the repository", text)
			}
			continue
		default:
			return a, fmt.Errorf("--against %s: there is no option %s; there are branch, tag, commit, ref and subdir", text, key)
		}
		if a.refs != nil {
			return a, fmt.Errorf("--against %s names more than one commit", text)
		}
		a.refs = refs
	}
	if a.refs == nil {
		return a, fmt.Errorf("--against %s names no commit: add branch, tag, commit or ref", text)
	}
	return a, nil
}

// useMergeBase makes the commits those at which HEAD left them.
func (a *against) useMergeBase() error {
	if a.dir != "" {
		return fmt.Errorf("--against %s is a directory, which has no merge base", a.text)
	}
	for i, ref := range a.refs {
		a.refs[i] = strings.TrimSuffix(ref, "...") + "..."
	}
	return nil
}

// checkAmbiguous returns an error if a name may be that of a directory or of a commit.
func (a *against) checkAmbiguous(ctx context.Context, base string) error {
	written := strings.HasPrefix(a.text, ".") || filepath.IsAbs(a.text) || strings.HasSuffix(a.text, "/")
	if a.dir == "" || written {
		return nil
	}
	repo, err := gitref.Open(ctx, base)
	if err != nil {
		return nil // then it is the directory
	}
	if _, err := repo.Resolve(ctx, a.text); err == nil {
		return fmt.Errorf("--against %s: there is a directory and a commit of this name; write ./%s or .git#ref=%s", a.text, a.text, a.text)
	}
	return nil
}

// tree returns the files of the commit, and which directory of them is compared with
// one of the disk.
func (a against) tree(ctx context.Context, base string) (tree *gitref.Tree, prefix string, err error) {
	repo, err := gitref.Open(ctx, cmp.Or(a.repo, base))
	if errors.Is(err, gitref.ErrNoRepo) && a.repo == "" && !strings.Contains(a.text, "#") {
		err = fmt.Errorf("there is no directory %s, and no git repository here that could have a commit of this name", a.text)
	}
	if err != nil {
		return nil, "", err
	}
	if a.repo == "" {
		prefix = repo.Prefix
	}
	if a.subdir != "" {
		prefix = strings.TrimPrefix(a.subdir, ".")
	}
	commit, err := a.resolve(ctx, repo)
	if err != nil {
		return nil, "", err
	}
	tree, err = repo.Tree(ctx, commit)
	return tree, prefix, err
}

// resolve returns the commit of the first name that there is.
func (a against) resolve(ctx context.Context, repo *gitref.Repo) (gitref.Commit, error) {
	var first error
	for _, ref := range a.refs {
		commit, err := repo.Resolve(ctx, ref)
		if err == nil {
			return commit, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}

// name is what to call what is compared with.
func (a against) name() string {
	if _, options, found := strings.Cut(a.text, "#"); found {
		for _, option := range strings.Split(options, ",") {
			if key, value, _ := strings.Cut(option, "="); key != "subdir" {
				return value
			}
		}
	}
	return a.text
}
