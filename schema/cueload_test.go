package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/read"
)

func TestCUEPackages(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{
		"cue.mod/module.cue":                `module: "example.com/mono@v0", language: version: "v0.12.0"`,
		"cue.mod/pkg/vendored.org/v/v.cue":  `package v` + "\n" + `Objective: 99`,
		"cue.mod/pkg/vendored.org/e/e.cue":  "@extern(embed)\npackage e\nX: _ @embed(file=e.cue,type=text)\n",
		"slolib/lib.cue":                    "package slolib\n\nimport \"github.com/promslo/promslo/schema\"\n\n#Up: schema.#SLO & {\n\t#job: string\n\twindow: \"30d\"\n\tobjective: number\n\tsli: uptime: expr: \"up{job=\\\"\\(#job)\\\"}\"\n}\n",
		"services/users/ignored/broken.cue": "package nope {",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	specDir := filepath.Join(dir, "services", "users")
	in := read.Input{File: "services/users/users.slo.cue", Dir: specDir, Format: read.CUE, Data: []byte(`package users

import (
	"example.com/mono/slolib"
	"vendored.org/v"
	"github.com/promslo/promslo/schema"
)

schema.#Spec
service: "users"
slos: uptime: slolib.#Up & {#job: "users", objective: v.Objective}
`)}
	s := loadOne(t, in)
	if got := s.SLOs[0]; got.Objective != 99 || got.Window != 30*24*time.Hour || got.SLI.Kind() != "uptime" {
		t.Errorf("%+v", got)
	}
	if got := s.Source.At("slos", "uptime", "sli", "uptime", "expr").String(); got != "services/users/users.slo.cue:11:7" {
		t.Errorf("a value from another file is at %s", got)
	}

	for name, test := range map[string]struct{ from, to, want string }{
		"stdin":  {"", "", "needs a CUE module"},
		"remote": {"vendored.org/v", "example.org/remote/v", "cannot find package"},
		"embed":  {"vendored.org/v", "vendored.org/e", "@embed"},
		"value":  {"v.Objective", "0.999*v.Objective/v.Objective", "write a percentage: 99.9"},
	} {
		bad := in
		bad.Data = bytes.ReplaceAll(in.Data, []byte(test.from), []byte(test.to))
		if test.from == "" {
			bad.Data, bad.Dir = in.Data, ""
		}
		_, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{bad}, Options{})
		if got := show(findings); !strings.Contains(got, test.want) || strings.Contains(got, dir) {
			t.Errorf("%s: %s", name, got)
		}
	}
	// A copy of the schema for `cue vet` changes nothing.
	copied := filepath.Join(dir, "cue.mod", "pkg", filepath.FromSlash(Path))
	if err := os.MkdirAll(copied, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, source := range Sources() {
		if err := os.WriteFile(filepath.Join(copied, name), []byte(source), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	in.Data = append(in.Data, "dependsOn: [schema.#Dependency & {service: \"db\", slow: 1}]\n"...)
	_, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{in}, Options{})
	if got := show(findings); !strings.Contains(got, "did you mean `slo`?") {
		t.Error(got)
	}
}
