package textedit_test

import (
	"strings"
	"testing"

	"github.com/promslo/promslo/cmd/promslo/internal/textedit"
	"github.com/promslo/promslo/schema/diag"
)

func TestEdit(t *testing.T) {
	is := func(want string) func(string) bool { return func(old string) bool { return old == want } }
	field := func(line, column int, ofKey bool, field string) func(*textedit.Text) error {
		return func(t *textedit.Text) error {
			return t.InsertField(diag.Pos{Line: line, Column: column}, ofKey, field)
		}
	}
	for _, test := range []struct {
		name, text string
		edit       func(*textedit.Text) error
		want       string // empty: by hand
	}{
		{"a number behind letters of two bytes", "é: {o: 99} # 99", func(t *textedit.Text) error {
			return t.Replace(diag.Pos{Line: 1, Column: 8}, is("99"), "99.9")
		}, "é: {o: 99.9} # 99"},
		{"a quoted text", `{"window": "1d"}`, func(t *textedit.Text) error { return t.Replace(diag.Pos{Line: 1, Column: 12}, is("1d"), "30d") }, `{"window": "30d"}`},
		{"something else", "o: *x", func(t *textedit.Text) error { return t.Replace(diag.Pos{Line: 1, Column: 4}, is("99"), "99.9") }, ""},
		{"a position that is not there", "o: 9", func(t *textedit.Text) error { return t.Replace(diag.Pos{Line: 9, Column: 4}, is("9"), "99") }, ""},
		{"no position", "o: 9", func(t *textedit.Text) error { return t.Replace(diag.Pos{}, is("o:"), "99") }, ""},
		{"a field of a key's map", "a:\n  b: # x\n\n    c: 1\n", field(2, 3, true, "o: 9"), "a:\n  b: # x\n\n    o: 9\n    c: 1\n"},
		{"a field in braces", "b: {c: 1}", field(1, 1, true, "o: 9"), "b: {o: 9, c: 1}"},
		{"a field in braces over lines", "\"b\": {\n\t\"c\": 1\n}", field(1, 1, true, `"o": 9`), "\"b\": {\n\t\"o\": 9,\n\t\"c\": 1\n}"},
		{"a field of an item", "- b: 1\n  c: 2\n", field(1, 3, false, "o: 9"), "- o: 9\n  b: 1\n  c: 2\n"},
		{"a field of an item in braces", "  - {b: 1}\n", field(1, 5, false, "o: 9"), "  - {o: 9, b: 1}\n"},
		{"a field of an alias", "b: *c\n", field(1, 1, true, "o: 9"), ""},
		{"nothing behind a key", "b:\n", field(1, 1, true, "o: 9"), ""},
		{"an item of a list", "b:\n  - x\n", func(t *textedit.Text) error { return t.InsertItem(diag.Pos{Line: 1, Column: 1}, "y") }, "b:\n  - y\n  - x\n"},
		{"an item in brackets", "b: [x]\n", func(t *textedit.Text) error { return t.InsertItem(diag.Pos{Line: 1, Column: 1}, "y") }, "b: [y, x]\n"},
		{"CUE that unifies", "schema.#Dependency & {b: 1}", field(1, 1, false, "o: 9"), ""},
		{"CUE in braces", "b: {c: 1}", field(1, 1, true, `"o": 9`), `b: {"o": 9, c: 1}`},
		{"no list", "b: x\n", func(t *textedit.Text) error { return t.InsertItem(diag.Pos{Line: 1, Column: 1}, "y") }, ""},
		{"a map on one line", "- {a: \"}\", b: [1]} # x\n", func(t *textedit.Text) error { return t.ReplaceMap(diag.Pos{Line: 1, Column: 3}, "{}") }, "- {} # x\n"},
		{"a map on two lines", "- {a: 1,\n  b: 2}\n", func(t *textedit.Text) error { return t.ReplaceMap(diag.Pos{Line: 1, Column: 3}, "{}") }, ""},
		{"several from the last on", "a: 1\nb: 2\n", func(t *textedit.Text) error {
			if err := t.Replace(diag.Pos{Line: 1, Column: 4}, is("1"), "111"); err != nil {
				return err
			}
			return t.Replace(diag.Pos{Line: 2, Column: 4}, is("2"), "222")
		}, "a: 111\nb: 222\n"},
	} {
		text := textedit.New([]byte(test.text), !strings.HasPrefix(test.name, "CUE"))
		err := test.edit(text)
		if got := string(text.Bytes()); (err != nil) != (test.want == "") || err == nil && got != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}
