package dashboard

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestIndent(t *testing.T) {
	long := strings.Repeat("x", lineLength)
	for name, tc := range map[string]struct{ in, want string }{
		"scalar":   {`"a:b,{c}"`, `"a:b,{c}"`},
		"empty":    {`{"a":[],"b":{}}`, `{"a": [], "b": {}}`},
		"short":    {`{"a":[1,2,{"b":"c,d:\"]"}]}`, `{"a": [1, 2, {"b": "c,d:\"]"}]}`},
		"long":     {`{"a":"` + long + `","b":[1,2]}`, "{\n \"a\": \"" + long + "\",\n \"b\": [1, 2]\n}"},
		"nested":   {`[["` + long + `"],[1]]`, "[\n [\n  \"" + long + "\"\n ],\n [1]\n]"},
		"escapes":  {`{"a":"\\","b":"` + long + `"}`, "{\n \"a\": \"\\\\\",\n \"b\": \"" + long + "\"\n}"},
		"new line": {"[1]\n", "[1]\n"},
	} {
		if got := string(indent([]byte(tc.in))); got != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, tc.want)
		}
	}
}

// FuzzIndent: whatever the JSON, only white space changes.
func FuzzIndent(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\"[,:"}],"c":"` + strings.Repeat("é ", 60) + `"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var want, got bytes.Buffer
		if json.Compact(&want, in) != nil {
			t.Skip()
		}
		if err := json.Compact(&got, indent(want.Bytes())); err != nil || got.String() != want.String() {
			t.Errorf("%v: got %s, want %s", err, got.Bytes(), want.Bytes())
		}
	})
}
