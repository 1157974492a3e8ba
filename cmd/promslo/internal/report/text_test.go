package report

import (
	"strings"
	"testing"

	"github.com/promslo/promslo/schema/diag"
)

func at(line, column int) diag.Pos { return diag.Pos{File: "f.yaml", Line: line, Column: column} }

func TestText(t *testing.T) {
	long := strings.Repeat("a", 150) + "X" + strings.Repeat("b", 500)
	tests := []struct {
		name    string
		finding diag.Finding
		content string
		want    string
	}{
		{"caret", diag.Finding{ID: "id", Pos: at(2, 3), Message: "wrong", Suggestion: "right"}, "one\ntwo\n",
			"f.yaml:2:3: wrong (id)\n    two\n      ^\n    → right\n"},
		{"warning", diag.Finding{ID: "id", Severity: diag.Warning, Pos: at(1, 1), Message: "odd"}, "one\n",
			"f.yaml:1:1: warning: odd (id)\n    one\n    ^\n"},
		{"behind the end", diag.Finding{ID: "id", Pos: at(1, 4), Message: "open"}, "one\ntwo\n",
			"f.yaml:1:4: open (id)\n    one\n       ^\n"},
		{"far behind the end", diag.Finding{ID: "id", Pos: at(1, 5), Message: "open"}, "one\n", "f.yaml:1:5: open (id)\n"},
		{"no such line", diag.Finding{ID: "id", Pos: at(9, 1), Message: "open"}, "one\n", "f.yaml:9:1: open (id)\n"},
		{"no such file", diag.Finding{ID: "id", Pos: at(1, 1), Message: "open"}, "", "f.yaml:1:1: open (id)\n"},
		{"no column", diag.Finding{ID: "id", Pos: at(2, 0), Message: "wrong"}, "one\ntwo\n", "f.yaml:2: wrong (id)\n    two\n"},
		{"no line", diag.Finding{ID: "id", Pos: at(0, 0), Message: "wrong"}, "one\n", "f.yaml: wrong (id)\n"},
		{"no file", diag.Finding{ID: "id", Message: "wrong"}, "one\n", "wrong (id)\n"},
		{"line endings of Windows", diag.Finding{ID: "id", Pos: at(2, 4), Message: "wrong"}, "one\r\ntwo\r\n",
			"f.yaml:2:4: wrong (id)\n    two\n       ^\n"},
		{"byte order mark", diag.Finding{ID: "id", Pos: at(1, 2), Message: "wrong"}, "\ufeffone\n",
			"f.yaml:1:2: wrong (id)\n    one\n     ^\n"},
		{"tabs", diag.Finding{ID: "id", Pos: at(1, 4), Message: "wrong"}, "\ta\tb\n",
			"f.yaml:1:4: wrong (id)\n    \ta\tb\n    \t \t^\n"},
		{"wide characters take two cells", diag.Finding{ID: "id", Pos: at(1, 4), Message: "wrong"}, "日本ｱx\n",
			"f.yaml:1:4: wrong (id)\n    日本ｱx\n         ^\n"},
		{"marks take none", diag.Finding{ID: "id", Pos: at(1, 4), Message: "wrong"}, "éöx\n",
			"f.yaml:1:4: wrong (id)\n    éöx\n       ^\n"},
		{"combining marks take none", diag.Finding{ID: "id", Pos: at(1, 3), Message: "wrong"}, "e\u0301x\n",
			"f.yaml:1:3: wrong (id)\n    e\u0301x\n     ^\n"},
		{"control characters", diag.Finding{ID: "id", Pos: diag.Pos{File: "\x1b[2J", Line: 1, Column: 7}, Message: "no \x1b]0;title\a", Suggestion: "\u202eevil\r"},
			"\x1b[31m x\xff\u009b\n",
			"\ufffd[2J:1:7: no \ufffd]0;title\ufffd (id)\n    \ufffd[31m x\ufffd\ufffd\n          ^\n    → \ufffdevil\ufffd\n"},
		{"a message of several lines", diag.Finding{ID: "id", Pos: at(1, 1), Message: "differs\n- a\n+ \x1bb"}, "one\n",
			"f.yaml:1:1: differs (id)\n    one\n    ^\n    - a\n    + \ufffdb\n"},
		{"a long line, near its start", diag.Finding{ID: "id", Pos: at(1, 2), Message: "wrong"}, long,
			"f.yaml:1:2: wrong (id)\n    " + long[:160] + "…\n     ^\n"},
		{"a long line, in its middle", diag.Finding{ID: "id", Pos: at(1, 151), Message: "wrong"}, long,
			"f.yaml:1:151: wrong (id)\n    …" + long[31:190] + "…\n    " + strings.Repeat(" ", 120) + "^\n"},
		{"a long line, at its end", diag.Finding{ID: "id", Pos: at(1, 652), Message: "wrong"}, long,
			"f.yaml:1:652: wrong (id)\n    …" + long[532:] + "\n    " + strings.Repeat(" ", 120) + "^\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			err := Text.Print(&b, Report{Findings: []diag.Finding{test.finding}, Content: func(file string) []byte {
				if file != test.finding.Pos.File || test.content == "" {
					return nil
				}
				return []byte(test.content)
			}})
			if err != nil || b.String() != test.want {
				t.Errorf("error %v, got\n%s\nwant\n%s", err, b.String(), test.want)
			}
		})
	}
}

// TestQuoteLarge checks that the end of a large file is found at once.
func TestQuoteLarge(t *testing.T) {
	data := []byte(strings.Repeat("x\n", 500_000) + "end")
	r := Report{Content: func(string) []byte { return data }}
	if got := r.quoter().quote(at(500_001, 1)); got != "    end\n    ^\n" {
		t.Errorf("%q", got)
	}
}
