package schema

import (
	"slices"
	"strings"
	"testing"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// TestLoadContracts checks which other files are read, and how often.
func TestLoadContracts(t *testing.T) {
	spec := func(name string, needs ...string) read.Input {
		text := "service: " + name + "\nslos: {up: {objective: 99, window: 7d, sli: {uptime: {expr: up}}}}\ndependsOn:\n"
		for _, n := range needs {
			text += "  - {service: " + n + ", slo: up}\n"
		}
		return read.Input{File: name + ".yaml", Data: []byte(text)}
	}
	project := []read.Input{
		spec("bb", "cc", "dd"), spec("cc", "aa"), spec("dd", "aa"), spec("ee", "bb"), // ee is needed by nobody
		{File: "f.yaml", Data: []byte("service: ff\nslos: {up: {}}\n")},
		{File: "g.yaml", Data: []byte("service: {\n# nobody knows whose bb, cc and hh")},
		{File: "runs.cue", Data: []byte("service: \"r\"\nslos: {for i in list.Range(0, 100000000, 1) {\"a\\(i)\": {}}}\n"), Format: read.CUE},
	}
	for needs, want := range map[string]string{
		"bb":    "bb cc dd",
		"cc":    "cc",
		"ff":    "; broken ff; missing-field",
		"hh":    "; nameless; syntax-error",
		"bb hh": "bb cc dd; nameless; syntax-error",
	} {
		var asked []string
		find := func(names []string) (found []read.Input) {
			asked = append(asked, names...)
			for _, in := range project {
				if slices.ContainsFunc(names, func(n string) bool { return strings.Contains(string(in.Data), n) }) {
					found = append(found, in)
				}
			}
			return found
		}
		contracts, findings := LoadContracts(t.Context(), DefaultProject(), []read.Input{spec("aa", strings.Fields(needs)...)}, Options{Find: find})
		if len(contracts.Services) != 1 {
			t.Fatal(show(findings))
		}
		if got := summary(contracts); got != strings.Join(slices.DeleteFunc(strings.Split(want, "; "), isID), "; ") {
			t.Errorf("%q: %s, want %s", needs, got, want)
		}
		for _, f := range findings {
			if !strings.Contains(want, string(f.ID)) {
				t.Errorf("%q: %s", needs, show(findings))
			}
		}
		if slices.Sort(asked); len(asked) != len(slices.Compact(slices.Clone(asked))) {
			t.Errorf("%q: asked for %q", needs, asked)
		}
	}
}

func isID(text string) bool { return strings.Contains(text, "-") }

// summary describes providers and broken services.
func summary(c model.Contracts) string {
	var names []string
	for _, s := range c.Providers {
		names = append(names, s.Name)
	}
	out := strings.Join(names, " ")
	for name := range c.Broken {
		out += "; broken " + name
	}
	if c.Nameless {
		out += "; nameless"
	}
	return out
}
