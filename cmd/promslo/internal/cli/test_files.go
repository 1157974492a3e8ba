package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/project"
)

// The endings of test files and rule files.
var (
	testEndings = []string{".test.yaml", ".test.yml"}
	ruleEndings = []string{".rules.yaml", ".rules.yml"}
)

// testFiles returns the files given, and the test files below the directories given.
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
