//go:build unix

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v3"
)

// hostileFile is a file by its text, or what is none.
type hostileFile struct {
	Text  string
	Link  string
	Kind  string       // fifo, dir
	Mode  *os.FileMode // of a file or a directory
	Times int          // that the file is written, with numbers for the # in its name and for users#
}

func (f *hostileFile) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&f.Text)
	}
	type plain hostileFile
	return node.Decode((*plain)(f))
}

// hostileFuncs make long texts of short ones.
var hostileFuncs = template.FuncMap{
	"repeat": func(n int, text string) string { return strings.Repeat(text, n) },
	// nest puts text between so many openings and closings.
	"nest": func(n int, open, text, closing string) string {
		return strings.Repeat(open, n) + text + strings.Repeat(closing, n)
	},
	// count repeats a text with the number in the place of #.
	"count": func(n int, text string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(text, "#", fmt.Sprint(i)))
		}
		return b.String()
	},
	"seq": func(n int) (numbers []int) {
		for i := range n {
			numbers = append(numbers, i)
		}
		return numbers
	},
	"inc": func(n int) int { return n + 1 },
	"hex": func(digits string) (string, error) {
		data, err := hex.DecodeString(digits)
		return string(data), err
	},
	"utf16": func(text string) string {
		out := []byte{0xff, 0xfe}
		for _, r := range text {
			out = append(out, byte(r), byte(r>>8))
		}
		return string(out)
	},
	// good is a spec; the others are the same with something else or more.
	"good": func() string { return hostileSpec("99.9", goodSLI, "") },
	"spec": hostileSpec,
	"sli":  func(sli string) string { return hostileSpec("99.9", sli, "") },
	"plus": func(lines string) string { return hostileSpec("99.9", goodSLI, lines) },
	"expr": func(expr string) string {
		return hostileSpec("99.9", fmt.Sprintf("{uptime: {expr: %q}}", expr), "")
	},
}

const goodSLI = "{http: {metric: http_requests_total, match: {job: users}}}"

func hostileSpec(objective, sli, lines string) string {
	return "service: users\nslos:\n  availability:\n    objective: " + objective + "\n    window: 30d\n    sli: " + sli + "\n" + lines
}

func expand(t *testing.T, text string) string {
	t.Helper()
	if !strings.Contains(text, "«") {
		return text
	}
	parsed, err := template.New("").Delims("«", "»").Funcs(hostileFuncs).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := parsed.Execute(&b, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// writeHostile writes files, the directories above them first.
func writeHostile(t *testing.T, work string, files map[string]hostileFile) {
	t.Helper()
	all := map[string]hostileFile{}
	for name, f := range files {
		for i := range max(1, f.Times) {
			each, name := f, name
			if f.Times > 0 {
				name, each.Text = strings.ReplaceAll(name, "#", fmt.Sprint(i)), strings.ReplaceAll(f.Text, "users#", fmt.Sprint("users", i))
			}
			all[expand(t, name)] = each
		}
	}
	closed := map[string]os.FileMode{} // last, as nothing more can be written there
	for name, f := range all {
		path := filepath.Join(work, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			switch {
			case f.Link != "":
				_ = os.RemoveAll(path)
				err = os.Symlink(expand(t, f.Link), path)
			case f.Kind == "fifo":
				_ = os.RemoveAll(path)
				err = syscall.Mkfifo(path, 0o644)
			case f.Kind == "dir":
				_ = os.Remove(path)
				err = os.MkdirAll(path, 0o755)
			default:
				err = os.WriteFile(path, []byte(expand(t, f.Text)), 0o644)
			}
		}
		if errors.Is(err, syscall.EILSEQ) {
			t.Skip("no file of this system has such a name")
		}
		if err != nil {
			t.Fatal(err)
		}
		if f.Mode != nil {
			closed[path] = *f.Mode
			t.Cleanup(func() { _ = os.Chmod(path, 0o755) })
		}
	}
	for path, mode := range closed {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
}
