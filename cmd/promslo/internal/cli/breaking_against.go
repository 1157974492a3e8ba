package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/gitref"
	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/read"
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

// settle finds out what a name is that may be a directory or a commit's.
func (a *against) settle(ctx context.Context, base string) error {
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

// read returns the files of the commit that the specs below a directory may need, and
// which directory of the tree that is.
func (a against) read(ctx context.Context, base string, scope []string) (files map[string][]byte, prefix string, err error) {
	dir := cmp.Or(a.repo, base)
	repo, err := gitref.Open(ctx, dir)
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
	tree, err := repo.Tree(ctx, commit)
	if err != nil {
		return nil, "", err
	}
	files, err = tree.Read(ctx, project.MaxBytes, needed(tree.Paths(), prefix, scope))
	return files, prefix, err
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

// needed tells which files of a tree the specs below a directory may need: themselves,
// those that are named, project files there and above, and packages that CUE files import.
func needed(all []string, prefix string, scope []string) func(file string) bool {
	imports := slices.ContainsFunc(all, func(file string) bool {
		format, spec := project.IsSpec(file)
		return spec && format == read.CUE || path.Base(file) == "promslo.cue"
	})
	return func(file string) bool {
		switch _, spec := project.IsSpec(file); {
		case spec:
			return workspace.Within(file, prefix)
		case slices.Contains(project.Names, path.Base(file)):
			return true // also where another project begins
		}
		_, readable := read.FormatOf(file)
		named := func(in string) bool { return path.Join(prefix, in) == file }
		return imports && path.Ext(file) == ".cue" || readable && slices.ContainsFunc(scope, named)
	}
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
