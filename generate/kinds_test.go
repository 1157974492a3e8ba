package generate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/breaking"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/sli"
	"github.com/promslo/promslo/testdata"
)

// sample is what testdata/kinds says of a kind of SLI.
type sample struct {
	SLI      object
	Weaker   object // with bounds within which more events are good; nil: it has no bounds
	Stronger object // with bounds within which fewer are
	Other    object // that measures something else
	Events   string // what is counted
	Good     string // which of it are good
	Panel    string // that shows it; empty: Events per second
	Schedule bool   // whether a schedule can change its threshold

	// Why it cannot be used so; empty: it can.
	Part      string // of a journey, in place
	Named     string // of a journey that names its SLO
	GroupBy   string `yaml:"groupBy"` // region
	RawWindow string `yaml:"rawWindow"`
}

// TestKinds uses every kind of SLI with every feature.
func TestKinds(t *testing.T) {
	for _, kind := range sli.Kinds() {
		t.Run(kind, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(testdata.Dir(), "kinds", kind+".yaml"))
			if err != nil {
				t.Fatalf("each kind has a sample: %v", err)
			}
			var of sample
			dec := yaml.NewDecoder(bytes.NewReader(data))
			dec.KnownFields(true)
			if err := dec.Decode(&of); err != nil {
				t.Fatal(err)
			}
			t.Run("part", of.part)
			t.Run("groupBy", of.groupBy)
			t.Run("schedule", of.schedule)
			t.Run("rawWindow", of.rawWindow)
			t.Run("breaking", of.breaking)
			t.Run("documents", of.documents)
			t.Run("tests", of.tests)
		})
	}
}

// with returns a spec of an SLI as JSON, which YAML is too, and more fields of its SLO.
func with(of object, more ...any) string {
	slo := object{"objective": 99, "window": "7d", "sli": of}
	for i := 0; i < len(more); i += 2 {
		slo[more[i].(string)] = more[i+1]
	}
	return specOf(object{"it": slo})
}

func specOf(slos object) string {
	data, _ := json.Marshal(object{"service": "shop", "slos": slos})
	return string(data)
}

// made returns the files of a spec that is right, all kinds of them.
func made(t *testing.T, spec string) map[string][]byte {
	t.Helper()
	project := schema.DefaultProject()
	project.Contracts = true
	services, findings := schema.LoadSpecs(t.Context(), project, []read.Input{{File: "shop.slo.yaml", Data: []byte(spec)}}, schema.Options{})
	files, more, err := generate.Generate(t.Context(), services, project, generate.Options{})
	if findings = append(findings, more...); err != nil || len(findings) > 0 {
		t.Fatal(findings, err, spec)
	}
	return files
}

// refused checks that a spec is refused for a reason, or not at all without one.
func refused(t *testing.T, spec, reason string) {
	t.Helper()
	if reason == "" {
		made(t, spec)
		return
	}
	_, findings := generated(t, spec)
	if len(findings) == 0 || !strings.Contains(findings[0].Message, reason) || !diag.HasErrors(findings) {
		t.Errorf("want %q, got %v\n%s", reason, findings, spec)
	}
}

// part makes it a part of a journey, in place and by the name of its SLO.
func (s sample) part(t *testing.T) {
	refused(t, with(object{"journey": object{"all": []object{s.SLI}}}), s.Part)
	slo := func(of object) object { return object{"objective": 99, "window": "7d", "sli": of} }
	buy := object{"journey": object{"all": []object{{"slo": "it"}}}}
	refused(t, specOf(object{"it": slo(s.SLI), "buy": slo(buy)}), s.Named)
	entry := object{"journey": object{"entry": object{"slo": "it"}, "all": []object{{"http": object{"metric": "requests_total"}}}}}
	refused(t, specOf(object{"it": slo(s.SLI), "buy": slo(entry)}), s.Named)
}

func (s sample) groupBy(t *testing.T) {
	spec := with(s.SLI, "groupBy", []string{"region"})
	if refused(t, spec, s.GroupBy); s.GroupBy != "" {
		return
	}
	files := made(t, spec)
	for _, want := range []struct{ file, text string }{{"rules/shop.rules.yaml", "by (region)"}, {"dashboards/shop.it.json", `region=\"$region\"`}} {
		if !strings.Contains(string(files[want.file]), want.text) {
			t.Errorf("no %s in %s, of %q", want.text, want.file, slices.Sorted(maps.Keys(files)))
		}
	}
}

func (s sample) schedule(t *testing.T) {
	at := object{"hours": "22:00-06:00"}
	made(t, with(s.SLI, "schedule", []object{{"at": at, "objective": 90}}))
	reason := "a schedule can change the threshold of a latency SLI only"
	if s.Schedule {
		reason = ""
	}
	refused(t, with(s.SLI, "schedule", []object{{"at": at, "threshold": "2s"}}), reason)
}

func (s sample) rawWindow(t *testing.T) {
	refused(t, with(s.SLI, "rawWindow", true), s.RawWindow)
}

// breaking changes its bounds and what it measures.
func (s sample) breaking(t *testing.T) {
	version := func(of object) breaking.Version {
		services, findings := schema.LoadSpecs(t.Context(), schema.DefaultProject(), []read.Input{{File: "f", Data: []byte(with(of))}}, schema.Options{})
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		return breaking.Version{Services: services, Project: schema.DefaultProject()}
	}
	for want, after := range map[string]object{"": s.SLI, "sli-relaxed": s.Weaker, "sli-tightened": s.Stronger, "sli-changed": s.Other} {
		if after == nil && want != "sli-changed" {
			continue
		}
		var got []string
		for _, f := range breaking.Compare(version(s.SLI), version(after), func(string) bool { return true }, promql.Text{}) {
			got = append(got, string(f.ID))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("to %v, - want, + got:\n%s", after, diff)
		}
	}
}

// documents checks its contract and its dashboard.
func (s sample) documents(t *testing.T) {
	files := made(t, with(s.SLI))
	contract, dashboard := string(files["contracts/shop.contract.md"]), string(files["dashboards/shop.it.json"])
	for _, want := range []string{s.Good, s.Events} {
		if want == "" || !strings.Contains(contract, want) {
			t.Errorf("no %q in the contract\n%s", want, contract)
		}
	}
	heading := "Events per second"
	if s.Panel != "" {
		heading = s.Panel
	}
	if !strings.Contains(dashboard, fmt.Sprintf("%q", heading)) {
		t.Errorf("no panel %s", heading)
	}
}

// tests runs the generated tests and one of the user's own.
func (s sample) tests(t *testing.T) {
	files := made(t, with(s.SLI, "tests", []object{{"name": "outage", "errors": []string{"0%:2h", "100%:1h"},
		"expect": []object{{"at": "2h", "fires": "none"}, {"at": "3h", "fires": "page"}}}}))
	var tests []string
	for name := range files {
		if strings.HasPrefix(name, "tests/") {
			tests = append(tests, name)
		}
	}
	assertions := 0
	for _, r := range runTests(files, tests) {
		for _, f := range r.Findings() {
			t.Errorf("%s: %s", f.Pos, f.Message)
		}
		assertions += r.Assertions()
	}
	if assertions < 20 {
		t.Errorf("%d assertions", assertions)
	}
}
