package run

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/promslo/promslo/testdata"
)

// Rules that one range query each replays …
const replayedRules = `
groups:
  - name: first
    rules:
      - {record: high, expr: a > 2, labels: {kind: high}}
      - {record: rate, expr: 'rate(a[4m]) or vector(1)'}
      - {record: sum, expr: sum without (i) (high)}
      - {record: tiles, expr: 'sum_over_time(sum[9m:3m])'}
  - name: second
    rules:
      - {alert: High, expr: a > 3, for: 2m, keep_firing_for: 3m, labels: {size: '{{ if gt $value 5.0 }}big{{ end }}'}}
      - {alert: Low, expr: a < 2, for: 90s}
      - {alert: Gone, expr: 'absent(a{i="1"})', keep_firing_for: 1m}
      - {record: alerts, expr: 'count by (alertname, alertstate) (ALERTS)'}
      - {record: since, expr: 'time() - ALERTS_FOR_STATE'}
      - {record: kept, expr: 'last_over_time(sum[3m] offset 2m)'}
`

// … and rules that have to be evaluated step by step.
const ownPastRules = `
      - {record: latch, expr: a > 7 or latch}
      - {record: ahead, expr: a offset -2m}
      - {record: at, expr: 'sum(a @ end()) + sum(a @ 300)'}
      - {record: all, expr: 'count({__name__=~".+", __name__!="all"})'}
      - {record: behind, expr: later}
      - {record: later, expr: sum}
`

// TestRecordsWhatPromtoolRecords compares every sample in storage, for the corpus
// and for random series with gaps, stale markers and restarts.
func TestRecordsWhatPromtoolRecords(t *testing.T) {
	promtool := testdata.Tool(t, "promtool")
	files, err := filepath.Glob(filepath.Join(testdata.Dir(), "promtool", "*.test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "-fail.test.yaml") })
	files = append(files, randomTests(t, "replayed", replayedRules), randomTests(t, "stepwise", replayedRules+ownPastRules))
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			output, err := exec.Command(promtool, "test", "rules", "--debug", path).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			want := promtoolSamples(string(output))
			result := load(t.Context(), []string{path}, Options{})[0]
			file := result.file
			if len(want) != len(result.Cases) {
				t.Fatalf("%d dumps of %d tests", len(want), len(result.Cases))
			}
			for i, c := range result.Cases {
				if diff := cmp.Diff(want[i], ownSamples(t, file, i)); diff != "" {
					t.Errorf("%s: - promtool, + here\n%s", c.Name, diff)
				}
			}
		})
	}
}

// randomTests writes rules and a file of tests over random series.
func randomTests(t *testing.T, name, rules string) string {
	t.Helper()
	random := rand.New(rand.NewPCG(3, uint64(len(rules))))
	var tests strings.Builder
	fmt.Fprintf(&tests, "rule_files: [%s.rules.yaml]\ngroup_eval_order: [first, second]\ntests:\n", name)
	for range 12 {
		tests.WriteString("  - promql_expr_test: [{expr: 'a{i=\"none\"}', eval_time: 50m}]\n    input_series:\n")
		for i := range 3 {
			var values []string
			for range 52 {
				v := strconv.Itoa(random.IntN(9))
				switch random.IntN(8) {
				case 0:
					v = "stale"
				case 1:
					v = "_x" + strconv.Itoa(1+random.IntN(7))
				}
				values = append(values, v)
			}
			fmt.Fprintf(&tests, "      - {series: 'a{i=\"%d\"}', values: %s}\n", i, strings.Join(values, " "))
		}
	}
	dir := t.TempDir()
	path := filepath.Join(dir, name+".test.yaml")
	for file, content := range map[string]string{path: tests.String(), filepath.Join(dir, name+".rules.yaml"): rules} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// promtoolSamples reads the series that promtool prints with --debug, one list per test.
func promtoolSamples(output string) [][]string {
	var dumps [][]string
	series, inside := "", false
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "DEBUG: Dump of all data"):
			dumps, inside = append(dumps, nil), true
		case strings.HasPrefix(line, "DEBUG: "):
			inside = false
		case inside && strings.HasSuffix(line, " =>"):
			series = strings.TrimSuffix(line, " =>")
		case inside && sampleLine.MatchString(line):
			dumps[len(dumps)-1] = append(dumps[len(dumps)-1], series+" "+line)
		}
	}
	for _, d := range dumps {
		slices.Sort(d)
	}
	return dumps
}

var sampleLine = regexp.MustCompile(`^.* @\[-?\d+\]$`)

// ownSamples lists what a test leaves in storage. Like promtool's list it has no
// stale markers and no samples of the very start.
func ownSamples(t *testing.T, file *loadedFile, index int) []string {
	t.Helper()
	r := &caseRun{ctx: t.Context(), file: file, index: index, spec: file.Tests[index]}
	if failed := r.simulate(); failed != nil {
		t.Fatal(failed.Message)
	}
	querier, err := r.result.Storage.Querier(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	set := querier.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchNotEqual, labels.MetricName, ""))
	for set.Next() {
		it := set.At().Iterator(nil)
		for kind := it.Next(); kind != chunkenc.ValNone; kind = it.Next() {
			text := ""
			if kind == chunkenc.ValFloatHistogram {
				_, h := it.AtFloatHistogram(nil)
				text = h.String()
			} else if _, v := it.At(); !value.IsStaleNaN(v) {
				text = strconv.FormatFloat(v, 'f', -1, 64)
			}
			if text != "" && it.AtT() > r.start.UnixMilli() {
				all = append(all, fmt.Sprintf("%s %s @[%d]", set.At().Labels(), text, it.AtT()))
			}
		}
	}
	slices.Sort(all)
	return all
}
