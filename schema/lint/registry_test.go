package lint_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/testdata"
)

// example is the code in a page.
var example = regexp.MustCompile("\n\n(    .+\n)+\n")

// TestPages reads all pages. What is wrong with a spec has an example, and each rule
// a case in testdata that it is reported in.
func TestPages(t *testing.T) {
	cases := ""
	for _, pattern := range []string{"bad/*/want.txt", "script/*.txtar", "check/*.txt"} {
		files, err := filepath.Glob(filepath.Join(testdata.Dir(), pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cases += string(data)
		}
	}
	for _, id := range lint.IDs() {
		rule, known := lint.Find(id)
		if !known || len(rule.Page) < 60 || !strings.HasSuffix(rule.Purpose, ".") {
			t.Errorf("%+v", rule)
		}
		of := "lint"
		if rule.Category.IsChange() {
			of = "breaking"
		}
		_, err := os.Stat(filepath.Join(testdata.Dir(), of, string(id)))
		reported := regexp.MustCompile(`[("=]` + string(id) + `\\?[)",]`).MatchString(cases)
		if rule.Fixed || rule.Category == lint.Server {
			err = nil
			if !reported {
				err = os.ErrNotExist
			}
		}
		if err != nil {
			t.Errorf("%s has no case: %v", id, err)
		}
		if !rule.Fixed && !example.MatchString(rule.Page) {
			t.Errorf("%s has no example", id)
		}
	}
}

// TestPagesAreRead checks that an ID from a user finds a page or nothing.
func TestPagesAreRead(t *testing.T) {
	for _, id := range []diag.ID{"", ".", "..", "../rule", "/", "retention.md", "Retention", diag.ID(strings.Repeat("x", 5000))} {
		if rule, known := lint.Find(id); known {
			t.Errorf("%q is %+v", id, rule)
		}
	}
	if got := lint.Suggest("retentoin"); got != "did you mean `retention`?" {
		t.Error(got)
	}
}
