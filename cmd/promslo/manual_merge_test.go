package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/promslo/promslo/testdata"
)

var shell = regexp.MustCompile("(?s)```sh\n(yq .*?)```")

// merge runs the manual's yq in a directory with an alertmanager.yml and
// generated files, and returns what it prints.
func merge(t *testing.T, dir string) []byte {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(filepath.Dir(testdata.Dir()), "templates", "help", "alerts.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := shell.FindSubmatch(page)
	if shown == nil {
		t.Fatal("the manual has no example of yq")
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", string(shown[1]))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(testdata.Tool(t, "yq"))+string(os.PathListSeparator)+os.Getenv("PATH"))
	merged, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", shown[1], err)
	}
	return merged
}

// own is a configuration that an Alertmanager may have had before.
const own = `
route:
  receiver: chat
  routes:
    - {receiver: night-shift, matchers: [severity="page"]}
receivers:
  - {name: chat, webhook_configs: [{url: "http://localhost:9/chat"}]}
  - {name: night-shift}
  - {name: major-incident}
  - {name: pager}
  - {name: tracker}
inhibit_rules:
  - {source_matchers: [alertname="Down"], target_matchers: [alertname="Slow"]}
`

// What the manual says of Alertmanager is what the real one makes of the merged
// configuration: the alerts of SLOs go to their receivers, all others where they went.
func TestManualMerge(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "gen"), os.DirFS(filepath.Join(testdata.Dir(), "promises", "gen"))); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, merge(t, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := testdata.Run(t, "amtool", "check-config", file); !strings.Contains(out, "2 inhibit rules") {
		t.Error(out)
	}
	for labels, want := range map[string]string{
		"slo_id=acme/checkout severity=page tier=P0":     "major-incident",
		"slo_id=users/create-user severity=page tier=P1": "pager",
		"slo_id=acme/checkout severity=ticket tier=P0":   "tracker",
		"alertname=Down severity=page":                   "night-shift",
		"alertname=Down":                                 "chat",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + file}, strings.Fields(labels)...)
		if got := testdata.Run(t, "amtool", args...); got != want {
			t.Errorf("%s goes to %s, not to %s", labels, got, want)
		}
	}
}
