package main_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/promslo/promslo/cmd/promslo/internal/cli"
	"github.com/promslo/promslo/testdata"
)

// editedProject is one of which editors are told, with some files, and becomes the working
// directory.
func editedProject(t *testing.T, flag string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out bytes.Buffer
	if code := cli.Main([]string{"init", flag}, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("promslo init %s ends with %d: %s", flag, code, out.String())
	}
	return dir
}

// Editors of YAML complete, explain and underline specs by the schemas that `promslo init
// --editor` writes, in each document of a file.
func TestYAMLLanguageServer(t *testing.T) {
	const spec = `service: users
slos:
  availability:
    objectiv: 99.9
    window: 30d
    sli:
      http:
        metric: http_requests_total
        
`
	dir := editedProject(t, "--editor", map[string]string{
		"promslo.yaml":                      "scrapeInterval: soon\n",
		"services/users/users.slo.yaml":     spec,
		"services/both.slo.yaml":            "---\n" + strings.Replace(spec, "objectiv:", "objective:", 1) + "---\n" + spec,
		"services/users/it.agreements.yaml": "agreement: []\n",
	})
	server := startLanguageServer(t, dir)

	// The first line, which init added, is line 0.
	for file, want := range map[string][]string{
		"services/users/users.slo.yaml":     {"4: Property objectiv is not allowed."},
		"services/both.slo.yaml":            {"16: Property objectiv is not allowed."},
		"promslo.yaml":                      {"1: must be a duration such as 30d, 1h30m or 500ms"},
		"services/users/it.agreements.yaml": {"1: Property agreement is not allowed."},
	} {
		var got []string
		for _, d := range server.open(file) {
			got = append(got, fmt.Sprintf("%d: %s", d.Range.Start.Line, d.Message))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}

	const users = "services/users/users.slo.yaml"
	if hover := server.hover(users, 5, 6); !strings.Contains(hover, "Rolling period of the error budget, from 1h to 1y.") {
		t.Errorf("of window it shows %q", hover)
	}
	if hover := server.hover(users, 7, 8); !strings.Contains(hover, "Requests whose status is not promised.") {
		t.Errorf("of http it shows %q", hover)
	}
	completed := server.complete(users, 9, 8) // the empty line below metric
	for _, want := range []string{"match", "promises", "statusLabel"} {
		if !slices.Contains(completed, want) {
			t.Errorf("below http it offers %q, without %s", completed, want)
		}
	}
	if slices.Contains(completed, "metric") || slices.Contains(completed, "histogram") {
		t.Errorf("below http it offers %q", completed)
	}
}

// The package that `promslo init --cue` writes is one for cue, too.
func TestCUEVet(t *testing.T) {
	const spec = `package users

import "github.com/promslo/promslo/schema"

schema.#Spec & {
	service: "users"
	slos: availability: {
		objective: 99.9
		window:    "30d"
		sli: http: {metric: "http_requests_total", match: job: "users"}
	}
}
`
	editedProject(t, "--cue", map[string]string{
		"users.slo.cue":     spec,
		"bad/users.slo.cue": strings.Replace(spec, "objective:", "objektive:", 1),
		"shop.slo.yaml":     "service: shop\nslos: {up: {objective: 99, window: 7d, sli: {uptime: {expr: up}}}}\n",
		"late.slo.yaml":     "service: shop\nslos: {up: {objective: 100, window: 7d, sli: {uptime: {expr: up}}}}\n",
	})
	for _, test := range []struct{ args, want string }{
		{"users.slo.cue", ""},
		{"-d #Spec github.com/promslo/promslo/schema shop.slo.yaml", ""},
		{"bad/users.slo.cue", "slos.availability.objektive: field not allowed"},
		{"-d #Spec github.com/promslo/promslo/schema late.slo.yaml", "must be a number above 10 and below 100 percent"},
	} {
		out, err := exec.Command(testdata.Tool(t, "cue"), append([]string{"vet", "-c"}, strings.Fields(test.args)...)...).CombinedOutput()
		if (err == nil) != (test.want == "") || !strings.Contains(string(out), test.want) {
			t.Errorf("cue vet %s: %v\n%s", test.args, err, out)
		}
	}
	var out bytes.Buffer
	if code := cli.Main([]string{"lint", "users.slo.cue"}, strings.NewReader(""), &out, &out); code != 0 {
		t.Errorf("promslo lint ends with %d: %s", code, out.String())
	}
}
