package report

import (
	"strings"
	"testing"

	"github.com/promslo/promslo/schema/diag"
)

func TestColors(t *testing.T) {
	report := Report{
		Findings: []diag.Finding{
			{ID: diag.UnknownField, Pos: diag.Pos{File: "a.yaml", Line: 1, Column: 1}, Message: "no field \x1b[31mx", Suggestion: "write y"},
			{ID: diag.Retention, Severity: diag.Warning, Pos: diag.Pos{File: "b.yaml"}, Message: "long"},
		},
		Content: func(string) []byte { return []byte("x: 1\n") },
	}
	var plain, painted strings.Builder
	if err := Text.Print(&plain, report); err != nil {
		t.Fatal(err)
	}
	report.Colors = true
	if err := Text.Print(&painted, report); err != nil {
		t.Fatal(err)
	}
	want := "\x1b[1ma.yaml:1:1\x1b[0m: \x1b[31mno field �[31mx\x1b[0m (unknown-field)\n    x: 1\n    \x1b[32m^\x1b[0m\n    → \x1b[36mwrite y\x1b[0m\n" +
		"\x1b[1mb.yaml\x1b[0m: \x1b[33mwarning: long\x1b[0m (retention)\n"
	if painted.String() != want {
		t.Errorf("%q, want\n%q", painted.String(), want)
	}
	codes := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[36m", "")
	if got := codes.Replace(painted.String()); got != plain.String() {
		t.Errorf("without colours %q, want %q", got, plain.String())
	}

	diff := "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z\n"
	if got, want := Colors(true).Diff(diff), "\x1b[1m--- a\x1b[0m\n\x1b[1m+++ b\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-x\x1b[0m\n\x1b[32m+y\x1b[0m\n z\n"; got != want {
		t.Errorf("%q", got)
	}
	if got := Colors(false).Diff(diff); got != diff {
		t.Errorf("%q", got)
	}
	if got, want := Colors(true).Chart(" 50 % ┤  █\n  page  ·█·\nticket  ·░█\n"), " 50 % ┤  █\n\x1b[31m  page  ·█·\x1b[0m\n\x1b[33mticket  ·░█\x1b[0m\n"; got != want {
		t.Errorf("%q", got)
	}
}
