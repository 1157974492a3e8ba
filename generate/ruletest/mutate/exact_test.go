package mutate

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"

	"github.com/promslo/promslo/generate/ruletest/run"
	"github.com/promslo/promslo/testdata"
)

// TestExact compares the verdict on mutants with that of a full run of the tests
// on a rule file with the mistake in it: on all mutants of the small rule files of
// the corpus, which have every trap, and on some of generated ones.
func TestExact(t *testing.T) {
	corpus, err := filepath.Glob(filepath.Join(testdata.Dir(), "promtool", "*.test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	corpus = slices.DeleteFunc(corpus, func(path string) bool {
		return strings.HasSuffix(path, "-fail.test.yaml") || !run.Files(t.Context(), []string{path}, run.Options{})[0].Passed()
	})
	if len(corpus) < 10 {
		t.Fatalf("only %d files", len(corpus))
	}
	for _, path := range corpus {
		exact(t, path, 200)
	}
	for _, name := range []string{"edge.test.yaml", "orders.1h.test.yaml", "shops.before-America-New_York.test.yaml", "prices.tiles-5m.test.yaml", "sandbox.rates.test.yaml"} {
		exact(t, generated(name), 30)
	}
}

func generated(name string) string {
	return filepath.Join(testdata.Dir(), "promises", "gen", "tests", name)
}

// exact compares on up to a number of mutants.
func exact(t *testing.T, path string, most int) {
	t.Run(filepath.Base(path), func(t *testing.T) {
		t.Parallel()
		for _, m := range tried(t, path, most) {
			if fails := !run.Files(t.Context(), []string{path}, m.options(t))[0].Passed(); fails != m.Killed {
				t.Errorf("%s: %s: a full run fails: %v, killed: %v\n- %s\n+ %s", m.Pos, m.Kind.Name, fails, m.Killed, m.Before, m.After)
			}
		}
	})
}

// tried returns some mutants of the rules of a test file, on which it was run.
func tried(t *testing.T, path string, most int) []*Mutant {
	t.Helper()
	cases, all, err := load(t.Context(), []string{path}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, uint64(len(all))))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	all = all[:min(most, len(all))]
	if err := kill(t.Context(), cases, all, nil); err != nil {
		t.Fatal(err)
	}
	return all
}

// options puts the mutant into its rule file.
func (m *Mutant) options(t *testing.T) run.Options {
	return run.Options{ReadFile: func(path string) ([]byte, error) {
		if path != m.file.path {
			return os.ReadFile(path)
		}
		return m.content(t), nil
	}}
}

func (m *Mutant) content(t *testing.T) []byte {
	content, err := os.ReadFile(m.file.path)
	if err != nil {
		t.Fatal(err)
	}
	groups, _ := run.ParseRules(m.file.path, content)
	rules := &groups[m.change.Group].Rules
	if m.mutated == nil {
		*rules = slices.Delete(*rules, m.change.Rule, m.change.Rule+1)
	} else {
		(*rules)[m.change.Rule] = *m.mutated
	}
	if content, err = yaml.Marshal(rulefmt.RuleGroups{Groups: groups}); err != nil {
		t.Fatal(err)
	}
	return content
}

// TestAgreesWithPromtool asks the real promtool about some mutants.
func TestAgreesWithPromtool(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector has seen the same code in the other tests")
	}
	promtool := testdata.Tool(t, "promtool")
	source := generated("edge.test.yaml")
	test, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, m := range tried(t, source, 60) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "rules", filepath.Base(m.file.path)), m.content(t))
		write(t, filepath.Join(dir, "tests", "a.test.yaml"), test)
		output, err := exec.CommandContext(context.Background(), promtool, "test", "rules", filepath.Join(dir, "tests", "a.test.yaml")).CombinedOutput()
		if (err != nil) != m.Killed {
			t.Errorf("%s: %s: promtool fails: %v, killed: %v\n- %s\n+ %s\n%s", m.Pos, m.Kind.Name, err, m.Killed, m.Before, m.After, output)
		}
		if m.Killed {
			killed++
		}
	}
	if killed < 10 || killed > 50 {
		t.Errorf("%d of 60 killed: these mutants tell little", killed)
	}
}

// TestEquivalent runs all tests of some services on the mutants that nobody can
// tell from their rules: none may fail.
func TestEquivalent(t *testing.T) {
	found := map[*Reason]int{}
	for _, service := range []string{"acme", "edge", "orders", "sandbox", "shops"} {
		paths, err := filepath.Glob(generated(service + ".*test.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		cases, all, err := load(t.Context(), paths, run.Options{})
		if err != nil {
			t.Fatal(err)
		}
		claimed := slices.DeleteFunc(all, func(m *Mutant) bool { return m.Equivalent == nil })
		if err := kill(t.Context(), cases, claimed, nil); err != nil {
			t.Fatal(err)
		}
		for _, m := range claimed {
			found[m.Equivalent]++
			if m.Killed {
				t.Errorf("%s: %s: a test fails although %s\n- %s\n+ %s", m.Pos, m.Kind.Name, m.Equivalent.Sentence, m.Before, m.After)
			}
		}
	}
	for i := range reasons {
		if found[&reasons[i]] == 0 {
			t.Errorf("%s: no mutant is equivalent because %s", reasons[i].Name, reasons[i].Sentence)
		}
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
