package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/ruletest/run"
)

// The endings of test files and rule files.
var (
	testEndings = []string{".test.yaml", ".test.yml"}
	ruleEndings = []string{".rules.yaml", ".rules.yml"}
)

// testFiles returns the files given, and the test files below the directories given; - is stdin.
func testFiles(paths []string) ([]string, error) {
	var files []string
	seen := map[string]bool{}
	add := func(path string) {
		if !seen[path] {
			seen[path] = true
			files = append(files, path)
		}
	}
	for _, p := range paths {
		if p == "-" {
			add(workspace.Stdin)
			continue
		}
		info, err := os.Stat(p)
		switch {
		case err != nil:
			return nil, err
		case info.Mode().IsRegular():
			add(filepath.Clean(p))
			continue
		case !info.IsDir():
			return nil, fmt.Errorf("%s: %w", p, project.ErrNotRegular)
		}
		below, err := filesBelow(p, testEndings)
		if err != nil {
			return nil, err
		}
		for _, file := range below {
			add(file)
		}
	}
	return files, nil
}

// testOptions has stdin read as a test file, whose rule files are seen from the working directory.
func testOptions(ctx context.Context, w *workspace.Workspace, files []string) (run.Options, error) {
	if !slices.Contains(files, workspace.Stdin) {
		return run.Options{}, nil
	}
	data, err := w.ReadStdin(ctx)
	w.QuotableStdin(data)
	return run.Options{ReadFile: func(path string) ([]byte, error) {
		if path == workspace.Stdin {
			return data, nil
		}
		return run.ReadFile(path, run.MostBytes)
	}}, err
}

// filesBelow returns the files below a directory whose names have one of some
// endings. Unlike filepath.WalkDir it goes below a link that was given.
func filesBelow(dir string, endings []string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(path, ending) }) {
			files = append(files, filepath.Clean(path))
		}
		return err
	})
	return files, err
}
