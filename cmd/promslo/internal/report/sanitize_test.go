package report

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/promslo/promslo/schema/diag"
)

// obeyed reads a line as the runners of GitHub and Azure do: without marks, which
// their comparison of text does not see.
func obeyed(line string) bool {
	line = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, line)
	return strings.HasPrefix(strings.TrimSpace(line), "::") || regexp.MustCompile(`##\w*\[`).MatchString(line)
}

var lineEnd = regexp.MustCompile(`\r\n|\r|\n`)

var commands = []string{
	"::stop-commands::x", "  ::add-mask::x", "\t::set-env name=a::b", "\u00a0::error::x", "\ufeff::error::x", ":\u200b:error::x", ":\ufe0f:error::x", "\u0301::error::x",
	"a\r::stop-commands::x", "a\n::stop-commands::x", "a\r\n ::stop-commands::x", "a\u2028::error::x", "a\u0085::error::x", "::::error::x",
	"##[add-mask]x", "a ##[group]b", "#\ufe0f#[command]x", "###[error]", "####[error]##[error]", "##vso[task.setvariable]x", "\x1b[1A::error::x",
}

// TestOrders puts orders wherever there is text: no format obeys them.
func TestOrders(t *testing.T) {
	for _, text := range commands {
		r := Report{Command: "lint", Files: []string{text}, Content: func(string) []byte { return []byte(text + "\n" + text) }}
		for line := range 3 {
			r.Findings = append(r.Findings, diag.Finding{ID: "id", Pos: diag.Pos{File: text, Line: line, Column: 1}, Message: text + "\n" + text + "\n " + text, Suggestion: text})
		}
		r.Findings = append(r.Findings, diag.Finding{ID: "id", Message: text}, diag.Finding{ID: "sli-changed", Message: text, Change: &diag.Change{
			Subject: text, Before: text, After: text, Consumers: []diag.Consumer{{Name: text, Text: text}},
		}})
		r.Suites = []Suite{{File: text, Cases: []Case{{Name: text, Pos: diag.Pos{File: text}, Findings: r.Findings[:3]}}}}
		for _, p := range printers {
			for _, line := range lineEnd.Split(printed(t, p.format, r), -1) {
				if p.format == "github" {
					line = strings.TrimPrefix(strings.TrimPrefix(line, "::error "), "::warning ")
				}
				if obeyed(line) {
					t.Errorf("%q as %s: %q", text, p.format, line)
				}
			}
		}
		for _, line := range lineEnd.Split(SanitizeLines(text+"\n "+text+"\n"), -1) {
			if obeyed(line) || strings.Contains(line, "\x1b") {
				t.Errorf("%q as lines: %q", text, line)
			}
		}
	}
}

// TestOrdersJSON: a program reads the text as it was.
func TestOrdersJSON(t *testing.T) {
	for _, text := range commands {
		var b strings.Builder
		var got string
		if err := WriteJSON(&b, text); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(b.String()), &got); err != nil || got != text {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestLines(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"a\n b":                  "a\n b",
		"a\r\n::b::\r\n":         "a\r\n:\ufffdb::\r\n",
		"- a\rb\n ##[x]\n":       "- a\ufffdb\n ##\ufffdx]\n",
		"a::b # [x] ## [y]\t:\n": "a::b # [x] ## [y]\t:\n",
	} {
		if got := SanitizeLines(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestManyFindings: every format is linear in the findings, in one line and in many
// files. Ten times as many take ten times as long, or a hundred times if not.
func TestManyFindings(t *testing.T) {
	line := []byte("{" + strings.Repeat("abcdefghi\t日", 80_000) + "}")
	oneLine := Report{Command: "lint", Content: func(string) []byte { return line }}
	manyFiles := Report{Command: "lint", Content: func(string) []byte { return line[:1000] }}
	for i := range 5_000 {
		oneLine.Findings = append(oneLine.Findings, diag.Finding{ID: "id", Severity: diag.Severity(i % 2), Pos: at(1, 160*i+1), Message: "wrong"})
		manyFiles.Findings = append(manyFiles.Findings, diag.Finding{ID: "id", Pos: diag.Pos{File: strings.Repeat("f", 1+i%50) + strings.Repeat("g", i/50), Line: 1, Column: 200}, Message: "wrong"})
	}
	for _, r := range []Report{oneLine, manyFiles, {Command: "test", Content: oneLine.Content, Suites: []Suite{{File: "f", Cases: []Case{{Findings: oneLine.Findings}}}}}} {
		few := r
		few.Findings = r.Findings[:len(r.Findings)/10]
		if len(r.Suites) > 0 {
			few.Suites = []Suite{{File: "f", Cases: []Case{{Findings: oneLine.Findings[:500]}}}}
		}
		for _, p := range printers {
			took := func(r Report) time.Duration {
				start := time.Now()
				printed(t, p.format, r)
				return time.Since(start)
			}
			short := max(took(few), took(few), took(few))
			if all := took(r); all > 40*short+time.Second {
				t.Errorf("%s: %s for a tenth, %s for all", p.format, short, all)
			}
		}
	}
}

// TestMostQuoted: of many findings in a file the first ones are quoted, of each file.
func TestMostQuoted(t *testing.T) {
	r := Report{Content: func(string) []byte { return []byte("line\n") }}
	for i := range maxQuoted + 50 {
		for _, file := range []string{"a", "b"} {
			r.Findings = append(r.Findings, diag.Finding{ID: "id", Pos: diag.Pos{File: file, Line: 1, Column: 1}, Message: strings.Repeat("x", i)})
		}
	}
	text := printed(t, Text, r)
	if n := strings.Count(text, "    line\n    ^\n"); n != 2*maxQuoted || strings.Count(text, "(id)\n") != 2*(maxQuoted+50) {
		t.Errorf("%d quoted\n%s", n, text)
	}
}
