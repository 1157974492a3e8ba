package yaml

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type item struct {
	Name   string            `yaml:"name"`
	Empty  string            `yaml:"empty,omitempty"`
	Number float64           `yaml:"number"`
	Labels map[string]string `yaml:"labels,omitempty"`
	Maybe  map[string]string `yaml:"maybe,omitempty"`
}

type document struct {
	Flow  []string `yaml:"flow,flow"`
	Words []string `yaml:"words"`
	Items []item   `yaml:"items"`
	Inner item     `yaml:"inner"`
}

func check(t *testing.T, d document) {
	t.Helper()
	checkAs(t, d, Append, (*yaml.Encoder).DefaultSeqIndent)
	checkAs(t, d, AppendCompact, (*yaml.Encoder).CompactSeqIndent)
}

func checkAs(t *testing.T, d document, write func([]byte, any) ([]byte, error), indent func(*yaml.Encoder)) {
	t.Helper()
	var want bytes.Buffer
	enc := yaml.NewEncoder(&want)
	enc.SetIndent(2)
	indent(enc)
	if err := enc.Encode(d); err != nil {
		t.Fatal(err)
	}
	got, err := write(nil, d)
	if err != nil || string(got) != want.String() && !strings.ContainsAny(d.Words[0], breaks) {
		t.Fatalf("%v: got\n%s\nwant\n%s", err, got, want.Bytes())
	}
	var read, wanted document
	if err := yaml.Unmarshal(want.Bytes(), &wanted); err != nil {
		return // the library does not read what it wrote itself
	}
	if err := yaml.Unmarshal(got, &read); err != nil || !reflect.DeepEqual(read, wanted) {
		t.Fatalf("%v: got\n%s\nwant\n%s", err, got, want.Bytes())
	}
}

func strange(s string) document {
	key := s
	if strings.ContainsAny(s, breaks) {
		key = "key"
	}
	return document{Flow: []string{s, "b"}, Words: []string{s}, Items: []item{{Name: s, Number: float64(len(s)), Labels: map[string]string{key: s}}, {Name: "x", Number: 0.001, Maybe: map[string]string{"a": s}}}, Inner: item{Name: s, Maybe: map[string]string{"example.com/a": s}}}
}

// TestSameAsLibrary puts words together from what YAML minds.
func TestSameAsLibrary(t *testing.T) {
	parts := []string{" ", "\n", ":", "#", "- ", "-", "?", "{", "}", "[", "]", ",", "'", "\"", "%", "@", "`", "&", "*", "!", "|", ">", "~", "\t", "é", "\u2028", "\x00", "\xff", "\r", "=", "<<",
		"0", "1", "0x1", "1e3", "1_000", "12", "2001-12-14", "10:20", ".5", "+", ".inf", "yes", "true", "null", "n", "on", "a", "sum(rate(x[5m]))", "word", "1h2m", "_", "(", "/", "x120", "long words here", "abcdef", "---", "..."}
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range parts {
		check(t, strange(p))
	}
	for range 20_000 {
		s := ""
		for range 1 + r.IntN(6) {
			s += parts[r.IntN(len(parts))]
		}
		check(t, strange(s))
	}
}
