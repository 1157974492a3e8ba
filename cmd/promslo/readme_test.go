package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
	"github.com/promslo/promslo/testdata"
)

var (
	console = regexp.MustCompile("(?s)```console\n\\$ promslo ([^\n]*)\n(.*?)```")
	quoted  = regexp.MustCompile("(?s)<!-- from ([^ ]*) -->\n```(?:yaml|text)\n(.*?)```")
	// A run takes as long as it takes.
	took = regexp.MustCompile(`(files?|equivalent) \([^)]*\)`)
)

// What the README shows is what the commands print and what the files hold.
// With UPDATE=1 the output of commands is written into it.
func TestReadme(t *testing.T) {
	root := filepath.Dir(testdata.Dir())
	t.Chdir(root)
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	updated := console.ReplaceAllFunc(readme, func(block []byte) []byte {
		examples++
		m := console.FindSubmatch(block)
		var out, errOut bytes.Buffer
		cli.Main(strings.Fields(string(m[1])), strings.NewReader(""), &out, &errOut)
		printed := took.ReplaceAllString(out.String(), "$1 (0.2s)")
		if errOut.Len() > 0 || printed != string(m[2]) && os.Getenv("UPDATE") == "" {
			t.Errorf("promslo %s prints\n%s%s", m[1], printed, errOut.String())
		}
		return []byte("```console\n$ promslo " + string(m[1]) + "\n" + printed + "```")
	})
	if examples < 3 {
		t.Errorf("%d examples", examples)
	}
	for _, m := range quoted.FindAllSubmatch(readme, -1) {
		data, err := os.ReadFile(string(m[1]))
		if err != nil || !bytes.Contains(data, m[2]) {
			t.Errorf("%s does not hold (%v):\n%s", m[1], err, m[2])
		}
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("README.md", updated, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
