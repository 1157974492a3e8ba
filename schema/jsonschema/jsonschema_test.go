package jsonschema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	lib "github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/jsonschema"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
	"github.com/promslo/promslo/testdata"
)

// of returns the schema of a definition, by its text and compiled.
func of(t *testing.T, definition string) (map[string]any, *lib.Schema) {
	t.Helper()
	text, err := jsonschema.Of(schema.Sources(), definition, definition)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := lib.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := lib.NewCompiler()
	if err := c.AddResource("promslo.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("promslo.json")
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any), compiled
}

// compiled are the schemas of all files that promslo reads.
func compiled(t *testing.T) map[string]*lib.Schema {
	t.Helper()
	schemas := map[string]*lib.Schema{}
	for _, definition := range []string{"#Spec", "#Project", "#Agreements"} {
		_, schemas[definition] = of(t, definition)
	}
	return schemas
}

// documents are those of a file, as an editor reads them: YAML 1.2, in which a date is text.
func documents(t *testing.T, data []byte) []any {
	t.Helper()
	var all []any
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		switch err := dec.Decode(&n); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		if v := value(t, &n); v != nil {
			all = append(all, v)
		}
	}
}

func value(t *testing.T, n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return value(t, n.Content[0])
	case yaml.AliasNode:
		return value(t, n.Alias)
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, value(t, item))
		}
		return list
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			object[n.Content[i].Value] = value(t, n.Content[i+1])
		}
		return object
	}
	var out any
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
		return n.Value
	case "!!int", "!!float":
		return json.Number(n.Value)
	}
	if err := n.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// definitionOf is the definition that a file of this name must meet.
func definitionOf(name string) string {
	switch {
	case strings.HasPrefix(filepath.Base(name), "promslo."):
		return "#Project"
	case read.IsAgreements(name):
		return "#Agreements"
	}
	return "#Spec"
}

// specs are the YAML and JSON files of a tree that promslo reads.
func specs(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		name := strings.ReplaceAll(filepath.Base(path), ".json", ".yaml")
		if err == nil && d.Type().IsRegular() && (name == "promslo.yaml" || strings.HasSuffix(name, ".slo.yaml") || strings.HasSuffix(name, ".agreements.yaml")) {
			files = append(files, path)
		}
		if err == nil && d.IsDir() && d.Name() == "gen" {
			return filepath.SkipDir
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatal("no files in", dir, err)
	}
	return files
}

// What promslo accepts no editor underlines.
func TestAccepts(t *testing.T) {
	schemas := compiled(t)
	n := 0
	for _, tree := range []string{"promises", "shop", "field", "monorepo", "house", "verdicts", "operator"} {
		for _, file := range specs(t, filepath.Join(testdata.Dir(), tree)) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range documents(t, data) {
				n++
				if err := schemas[definitionOf(file)].Validate(doc); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
	}
	kinds, err := filepath.Glob(filepath.Join(testdata.Dir(), "kinds", "*.yaml"))
	if err != nil || len(kinds) < 9 {
		t.Fatal(kinds, err)
	}
	for _, file := range kinds {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sample := documents(t, data)[0].(map[string]any)
		for _, key := range []string{"sli", "other"} {
			n++
			spec := map[string]any{"service": "shop", "slos": map[string]any{"it": map[string]any{"sli": sample[key]}}}
			if err := schemas["#Spec"].Validate(spec); err != nil {
				t.Errorf("%s: %s: %v", file, key, err)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d documents", n)
	}
}

// seen are IDs of findings that a schema sees, too.
var seen = regexp.MustCompile(`(?m)\((unknown-field|wrong-type|unknown-sli|sli-kinds|missing-field|too-many-values|invalid-name)\)$`)

// unseen are cases of which only Go knows that they are wrong, and why.
var unseen = map[string]string{
	"latency-interpolate":     "depends on another field",
	"latency-thresholds-many": "counts what several SLOs make",
	"latency-thresholds-name": "joins two names",
	"many-slos-file":          "counts all documents of a file",
	"objective-missing":       "the tier may give it",
	"schedule-at-empty":       "any of several, not one",
	"schedule-nothing":        "any of several, not one",
	"threshold-bounds":        "any of several, not one",
	"yaml-tag":                "not of the language, but of YAML",
}

// Of each unknown field, wrong type, missing field and kind that the tests of promslo know,
// an editor tells, too.
func TestRefuses(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(testdata.Dir(), "bad", "*"))
	if err != nil {
		t.Fatal(err)
	}
	schemas := compiled(t)
	n := 0
	for _, dir := range dirs {
		want, err := os.ReadFile(filepath.Join(dir, "want.txt"))
		if err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		files = slices.DeleteFunc(files, func(name string) bool {
			return filepath.Base(name) == "want.txt" || strings.HasSuffix(name, ".cue")
		})
		if !seen.Match(want) || len(files) == 0 || filepath.Base(dir) == "yaml-bomb" {
			continue
		}
		n++
		refused := false
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range documents(t, data) {
				refused = refused || schemas[definitionOf(file)].Validate(doc) != nil
			}
		}
		if _, known := unseen[filepath.Base(dir)]; refused == known {
			t.Errorf("%s: refused is %v, and promslo says\n%s", filepath.Base(dir), refused, want)
		}
	}
	if n < 40 {
		t.Errorf("only %d cases", n)
	}
}

// Where something is wrong. The names of fields have no place of their own.
func TestErrorPlace(t *testing.T) {
	_, compiled := of(t, "#Spec")
	for text, want := range map[string]string{
		`{service: users, slos: {up: {objectiv: 99, sli: {uptime: {expr: up}}}}}`:                   "/slos/up",
		`{service: users, slos: {up: {objective: 100, sli: {uptime: {expr: up}}}}}`:                 "/slos/up/objective",
		`{service: users, slos: {up: {objective: "99", sli: {uptime: {expr: up}}}}}`:                "/slos/up/objective",
		`{service: Users, slos: {up: {sli: {uptime: {expr: up}}}}}`:                                 "/service",
		`{service: users, slos: {up: {sli: {}}}}`:                                                   "/slos/up/sli",
		`{service: users, slos: {up: {sli: {uptime: {expr: up}, ratio: {errors: e}}}}}`:             "/slos/up/sli",
		`{service: users, slos: {up: {sli: {http: {metric: x, promises: [2xx, 99]}}}}}`:             "/slos/up/sli/http/promises/1",
		`{service: users, slos: {Up: {sli: {uptime: {expr: up}}}}}`:                                 "/",
		`{service: users, slos: {up: {window: 30 days, sli: {uptime: {expr: up}}}}}`:                "/slos/up/window",
		`{service: users, slos: {up: {labels: {severity: x}, sli: {uptime: {expr: up}}}}}`:          "/",
		`{service: users, slos: {up: {labels: {team: 1}, sli: {uptime: {expr: up}}}}}`:              "/slos/up/labels/team",
		`{service: users, contacts: {pager: x, email: nobody}, slos: {}}`:                           "/contacts/email",
		`{service: users, slos: {}, waivers: [{until: 2026-01-01, by: a, because: b}]}`:             "/waivers/0",
		`{service: users, slos: {}, dependsOn: [{service: a, provider: {name: b}}]}`:                "/dependsOn/0",
		`{service: users, slos: {up: {groupBy: [a, slo_b], sli: {uptime: {expr: up}}}}}`:            "/slos/up/groupBy/1",
		`{service: users, slos: {up: {traffic: 100, sli: {uptime: {expr: up}}}}}`:                   "/slos/up/traffic",
		`{service: users, slos: {up: {sli: {uptime: {expr: up, instances: some}}}}}`:                "/slos/up/sli/uptime/instances",
		`{service: users, slos: {up: {sli: {grpc: {promises: [NotFond]}}}}}`:                        "/slos/up/sli/grpc/promises/0",
		`{service: users, slos: {up: {sli: {latency: {histogram: x_bucket, threshold: 1s}}}}}`:      "/slos/up/sli/latency/histogram",
		`{service: users, slos: {up: {exclude: [{reason: "", at: {}}], sli: {uptime: {expr: u}}}}}`: "/slos/up/exclude/0/reason",
	} {
		err := compiled.Validate(documents(t, []byte(text))[0])
		invalid, ok := errors.AsType[*lib.ValidationError](err)
		if !ok {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if places := leaves(invalid); !slices.Contains(places, want) {
			t.Errorf("%s: wrong at %v, not at %s", text, places, want)
		}
	}
}

// leaves are the places of all errors, the innermost.
func leaves(e *lib.ValidationError) []string {
	if len(e.Causes) == 0 {
		return []string{"/" + strings.Join(e.InstanceLocation, "/")}
	}
	var all []string
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

// All fields are described, where they stand or by what they hold; objects are closed.
func TestDescribed(t *testing.T) {
	for _, definition := range []string{"#Spec", "#Project", "#Agreements"} {
		root, _ := of(t, definition)
		definitions := root["definitions"].(map[string]any)
		var walk func(at string, n map[string]any)
		walk = func(at string, n map[string]any) {
			if n["type"] == "object" && n["additionalProperties"] == nil {
				t.Errorf("%s %s takes unknown fields", definition, at)
			}
			properties, _ := n["properties"].(map[string]any)
			for name, property := range properties {
				p := property.(map[string]any)
				if ref, ok := p["$ref"].(string); ok && p["description"] == nil {
					p = definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any)
				}
				if p["description"] == nil {
					t.Errorf("%s %s.%s is not described", definition, at, name)
				}
				walk(at+"."+name, property.(map[string]any))
			}
		}
		walk("", root)
		for name, d := range definitions {
			walk(name, d.(map[string]any))
		}
	}
}

// The kinds that @one lists are those that there are.
func TestKinds(t *testing.T) {
	root, _ := of(t, "#Spec")
	for definition, want := range map[string][]string{"SLI": sli.Kinds(), "Part": sli.PartKinds(), "Entrance": sli.PartKinds()} {
		var got []string
		for _, branch := range root["definitions"].(map[string]any)[definition].(map[string]any)["oneOf"].([]any) {
			got = append(got, branch.(map[string]any)["required"].([]any)[0].(string))
		}
		if !slices.Equal(got, want) {
			t.Errorf("#%s has %v, and there are %v", definition, got, want)
		}
	}
}

// A constraint of a form that is not known is an error, not lost.
func TestUnknownForms(t *testing.T) {
	for text, want := range map[string]string{
		"#A: {b: strings.MinRunes(3)}": "strings.MinRunes",
		"#A: {b: [#B, #B]}":            "ListLit",
		"#A: {b: #Missing}":            "#Missing",
		"#A: {@many(b)}":               "@many",
		"#A: {#B}":                     "EmbedDecl",
		"#A: {b: \"\\(c)\"}":           "Interpolation",
	} {
		_, err := jsonschema.Of(map[string]string{"a.cue": "package a\n" + text + "\n#B: string"}, "#A", "a")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
