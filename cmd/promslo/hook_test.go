package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/testdata"
)

// checkout is a repository in which the real pre-commit runs promslo at each commit.
type checkout struct {
	*testing.T
	dir string
	env []string
}

// newCheckout starts a project as `promslo init` does, with its hook installed.
func newCheckout(t *testing.T) *checkout {
	t.Helper()
	if _, err := exec.LookPath("pre-commit"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("pre-commit is not installed")
	}
	bin, home := t.TempDir(), t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "promslo"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := &checkout{T: t, dir: t.TempDir(), env: append(os.Environ(),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+home, "PRE_COMMIT_HOME="+home, "PRE_COMMIT_COLOR=never",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")}
	c.must("git", "init", "-q")
	c.must("promslo", "init")
	c.must("rm", "example.slo.yaml", "Makefile")
	c.must("pre-commit", "install")
	c.spec("users.slo.yaml", "users", "99.9")
	c.must("promslo", "generate")
	c.must("git", "add", ".")
	c.commit("")
	return c
}

// run runs a command in the repository, and returns what it prints.
func (c *checkout) run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	for _, entry := range c.env { // the program to run is looked for in PATH of the test
		if path, found := strings.CutPrefix(entry, "PATH="); found {
			for _, dir := range filepath.SplitList(path) {
				if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode()&0o111 != 0 {
					cmd.Path, cmd.Err = filepath.Join(dir, name), nil
					break
				}
			}
		}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *checkout) must(name string, args ...string) {
	c.Helper()
	if out, err := c.run(name, args...); err != nil {
		c.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func (c *checkout) spec(file, service, objective string) {
	c.Helper()
	c.write(file, fmt.Sprintf(`service: %s
slos:
  availability:
    objective: %s
    window: 30d
    sli: {http: {metric: http_requests_total, match: {job: %[1]s}}}
`, service, objective))
}

func (c *checkout) write(file, text string) {
	c.Helper()
	path := filepath.Join(c.dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.Fatal(err)
	}
}

// commit commits what is staged. It must fail with some words of the hook's, or
// succeed if there are none.
func (c *checkout) commit(refused ...string) {
	c.Helper()
	out, err := c.run("git", "commit", "-qm", "a change")
	if want := len(refused) > 0 && refused[0] != ""; (err != nil) != want {
		c.Fatalf("commit: %v, want a failure: %t\n%s", err, want, out)
	}
	for _, words := range refused {
		if !strings.Contains(out, words) {
			c.Fatalf("the hook does not say %q:\n%s", words, out)
		}
	}
}

// settle stages what the hook wrote and removed, and commits it.
func (c *checkout) settle() {
	c.Helper()
	c.must("git", "add", "-A")
	c.commit()
	if out, err := c.run("promslo", "generate", "--check"); err != nil {
		c.Fatalf("the commit is not whole: %v\n%s", err, out)
	}
}

// TestHook makes commits that would leave rules behind their specs.
func TestHook(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, and tries a program of its own")
	}
	c := newCheckout(t)

	c.spec("orders.slo.yaml", "orders", "99")
	c.must("git", "add", "orders.slo.yaml")
	c.commit("wrote gen/rules/orders.rules.yaml", "wrote gen/dashboards/orders.json")
	c.commit("git does not know gen/rules/orders.rules.yaml") // a second try changes no file
	c.settle()

	c.spec("orders.slo.yaml", "orders", "99.5")
	c.must("git", "add", "orders.slo.yaml")
	c.commit("wrote gen/rules/orders.rules.yaml")
	c.settle()

	c.must("git", "mv", "orders.slo.yaml", "sales.slo.yaml") // the header names the spec
	c.commit("wrote gen/rules/orders.rules.yaml")
	c.settle()

	c.spec("sales.slo.yaml", "sales", "99.5")
	c.must("git", "add", "sales.slo.yaml")
	c.commit("wrote gen/rules/sales.rules.yaml", "removed gen/rules/orders.rules.yaml")
	c.settle()

	c.must("git", "rm", "-q", "sales.slo.yaml")
	c.commit("removed gen/rules/sales.rules.yaml", "removed gen/tests/sales.test.yaml")
	c.settle()

	c.write("promslo.yaml", "evaluationInterval: 30s\n")
	c.must("git", "add", "promslo.yaml")
	c.commit("wrote gen/rules/users.rules.yaml")
	c.settle()

	c.spec("again.slo.yaml", "users", "99")
	c.must("git", "add", "again.slo.yaml")
	c.commit("(duplicate-service)")
	c.must("git", "add", "-A")
	c.commit("(duplicate-service)")
	c.must("git", "rm", "-qf", "again.slo.yaml")

	// What is not staged is not part of the commit, and neither good nor bad for it.
	c.spec("payment.slo.yaml", "payment", "99.9")
	c.must("git", "add", "payment.slo.yaml")
	c.commit("wrote gen/rules/payment.rules.yaml")
	c.must("git", "add", "-A")
	c.write("users.slo.yaml", "service: [")
	c.commit()
	c.must("git", "checkout", "-q", "users.slo.yaml")

	c.write("readme.md", "no spec\n")
	c.must("git", "add", "readme.md")
	c.commit()

	for i := range 200 {
		c.spec(fmt.Sprintf("services/s%d/s%[1]d.slo.yaml", i), fmt.Sprintf("s%d", i), "99.9")
	}
	c.must("git", "add", "services")
	if out, err := c.run("pre-commit", "run", "--all-files"); err == nil || !strings.Contains(out, "wrote gen/rules/s199.rules.yaml") {
		t.Fatalf("%v\n%s", err, out)
	}
	c.must("git", "add", "-A")
	c.must("pre-commit", "run", "--all-files")
	c.commit()
}

// TestHooksAgree checks that the hook which other repositories refer to does as the one
// that init writes.
func TestHooksAgree(t *testing.T) {
	type hook struct {
		ID            string
		Entry         string
		PassFilenames *bool `yaml:"pass_filenames"`
		AlwaysRun     bool  `yaml:"always_run"`
	}
	var published []hook
	var local struct{ Repos []struct{ Hooks []hook } }
	read := func(name string, to any) {
		data, err := os.ReadFile(filepath.Join(testdata.Dir(), "..", name))
		if err == nil {
			err = yaml.Unmarshal(data, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	read(".pre-commit-hooks.yaml", &published)
	read("templates/init/pre-commit-config.yaml", &local)
	if got, want := published[0], local.Repos[0].Hooks[0]; !reflect.DeepEqual(got, want) || got.Entry == "" {
		t.Errorf("published is %+v, local %+v", got, want)
	}
}
