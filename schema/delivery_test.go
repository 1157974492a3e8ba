package schema

import (
	"strings"
	"testing"

	"github.com/promslo/promslo/schema/read"
)

// Names, keys and values are those that Kubernetes takes.
func TestDelivery(t *testing.T) {
	label := func(key, value string) string { return "labels: {" + key + ": " + value + "}" }
	of := func(n int) string { return strings.Repeat("a", n) }
	for field, want := range map[string]bool{
		"namespace: " + of(63):                  true,
		"namespace: " + of(64):                  false,
		"namespace: a-1":                        true,
		"namespace: '1'":                        true,
		"namespace: a-":                         false,
		"namespace: a.b":                        false,
		"namespace: ''":                         false,
		label("a", of(63)):                      true,
		label("a", of(64)):                      false,
		label("a", "''"):                        true,
		label("a", "A_b.c-D"):                   true,
		label("a", "a."):                        false,
		label("a", "a:b"):                       false,
		label("a", "1"):                         false,
		label(of(63), "b"):                      true,
		label(of(64), "b"):                      false,
		label("_a", "b"):                        false,
		label("A.b_c", "b"):                     true,
		label("a.b-c/"+of(63), "b"):             true,
		label("a..b/c", "b"):                    false,
		label("A/c", "b"):                       false,
		label("/c", "b"):                        false,
		label("a/", "b"):                        false,
		label("a/b/c", "b"):                     false,
		label(of(253)+"/b", "b"):                true,
		label(of(254)+"/b", "b"):                false,
		"annotations: {a/b: 'any: #'}":          true,
		"annotations: {a b: c}":                 false,
		"annotations: {a: '" + of(8<<10) + "'}": false,
	} {
		in := read.Input{File: "promslo.yaml", Data: []byte("rules: {format: operator, " + field + "}")}
		_, findings := LoadProject(in, Options{})
		if (len(findings) == 0) != want {
			t.Errorf("%.80s: %s", field, show(findings))
		}
		if len(field) < 4<<10 { // the sizes of texts are for Go to check
			sameAsCUE(t, in)
		}
	}
}
