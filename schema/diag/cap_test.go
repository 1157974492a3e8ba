package diag_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/diag"
)

func TestCap(t *testing.T) {
	at := func(file string, severity diag.Severity, lines ...int) (out []diag.Finding) {
		for _, line := range lines {
			out = append(out, diag.Finding{ID: "x", Severity: severity, Pos: diag.Pos{File: file, Line: line}})
		}
		return out
	}
	more := func(file string, severity diag.Severity, line int, message string) []diag.Finding {
		return []diag.Finding{{ID: "too-many-findings", Severity: severity, Pos: diag.Pos{File: file, Line: line}, Message: message}}
	}
	var all, want []diag.Finding
	for _, part := range [][2][]diag.Finding{
		{at("a", diag.Error, 1, 2), at("a", diag.Error, 1, 2)},
		{at("b", diag.Error, 1, 2, 3), at("b", diag.Error, 1, 2, 3)},
		{at("c", diag.Warning, 1, 2, 3, 4), append(at("c", diag.Warning, 1, 2), more("c", diag.Warning, 3, "2 more findings in this file are not shown")...)},
		{append(at("d", diag.Warning, 1, 2, 3, 4), at("d", diag.Error, 5)...), append(at("d", diag.Warning, 1, 2), more("d", diag.Error, 3, "3 more findings in this file are not shown")...)},
		{at("e", diag.Error, 0), at("e", diag.Error, 0)},
	} {
		all, want = append(all, part[0]...), append(want, part[1]...)
	}
	got := diag.Cap(all, 2)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(got, diag.Cap(got, 2)); diff != "" {
		t.Error("once more: ", diff)
	}
	if got := diag.Cap(nil, 2); got != nil {
		t.Error(got)
	}
}
