package generate_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/testdata"
)

// rarelyRecorded makes the rules record what no tree of testdata does.
const rarelyRecorded = `
service: uploads
slos:
  small:
    objective: 99
    window: 30d
    sli: {latency: {histogram: upload_size_bytes, threshold: 1MB}}
    schedule: [{name: weekend, at: {days: [sat, sun], timezone: Asia/Kolkata}, threshold: 2MB}]
  strict:
    objective: 99.9
    calendar: month
    sli: {http: {metric: http_requests_total}}
    schedule: [{name: weekend, at: {days: [sat, sun], timezone: Asia/Kathmandu}, objective: 99}]
    exclude: [{at: {days: [sun], hours: "02:00-03:00", timezone: Asia/Kolkata}, reason: backup}]
`

// recordedSeries returns the labels of all series that rules record, by their names.
func recordedSeries(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	add := func(made map[string][]byte) {
		for name, data := range made {
			groups, errs := promql.ParseRules(data)
			if len(errs) > 0 {
				t.Fatal(name, errs)
			}
			for _, g := range groups.Groups {
				for _, r := range g.Rules {
					if r.Record != "" {
						out[r.Record] = append(out[r.Record], slices.Collect(maps.Keys(r.Labels))...)
					}
				}
			}
		}
	}
	for _, tree := range []string{"promises", "monorepo", "shop", "field", "otel", "pictures/specs"} {
		project, specs := inputs(t, tree)
		add(files(t, project, specs, 0, generate.Rules))
	}
	add(files(t, schema.DefaultProject(), []read.Input{{File: "uploads.slo.yaml", Source: "uploads.slo.yaml", Data: []byte(rarelyRecorded)}}, 0, generate.Rules))
	// This label comes from the value.
	for _, name := range []string{"slo:calendar_period:info", "slo:external_period:info"} {
		out[name] = append(out[name], "slo_calendar_period")
	}
	for name, labels := range out {
		slices.Sort(labels)
		out[name] = slices.Compact(labels)
	}
	return out
}

// identity are the labels of an SLO, which the page does not repeat.
var identity = []string{"slo_id", "slo_name", "slo_service"}

// TestRecordedIsDocumented: panels of people build on the table of `promslo help series`, so that it has
// exactly what rules record, with all labels.
func TestRecordedIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testdata.Dir(), "..", "templates", "help", "series.md"))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		names  *regexp.Regexp
		labels []string
		seen   bool
	}
	var rows []*row
	quoted := regexp.MustCompile("`([^`]+)`")
	for _, m := range regexp.MustCompile(`(?m)^\| (.*?) \| (.*?) \|`).FindAllStringSubmatch(string(page), -1) {
		labels := []string{}
		for _, l := range quoted.FindAllStringSubmatch(m[2], -1) {
			labels = append(labels, l[1])
		}
		if !strings.Contains(m[2], "not of an SLO") {
			labels = append(labels, identity...)
		}
		slices.Sort(labels)
		for _, name := range quoted.FindAllStringSubmatch(m[1], -1) {
			pattern := strings.ReplaceAll(regexp.QuoteMeta(name[1]), `\*`, `(5m|10m|15m|30m|1h)`)
			rows = append(rows, &row{names: regexp.MustCompile("^" + pattern + "$"), labels: labels})
		}
	}
	if len(rows) < 20 {
		t.Fatalf("the page has a table of %d series", len(rows))
	}
	for name, labels := range recordedSeries(t) {
		i := slices.IndexFunc(rows, func(r *row) bool { return r.names.MatchString(name) })
		if i < 0 {
			t.Errorf("%s is not on the page", name)
			continue
		}
		rows[i].seen = true
		if diff := cmp.Diff(rows[i].labels, labels); diff != "" {
			t.Errorf("labels of %s (-page +recorded):\n%s", name, diff)
		}
	}
	for _, r := range rows {
		if !r.seen {
			t.Errorf("%s of the page is not recorded", r.names)
		}
	}
}

// TestRecordedStays: a series or a label that was recorded once stays, or the changelog says
// what became of it. UPDATE=1 writes what is recorded now into testdata/recorded.txt.
func TestRecordedStays(t *testing.T) {
	golden := filepath.Join(testdata.Dir(), "recorded.txt")
	before, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	changelog, err := os.ReadFile(filepath.Join(testdata.Dir(), "..", "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	recorded := recordedSeries(t)
	for line := range strings.Lines(string(before)) {
		name, labels, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, label := range append(strings.Split(labels, ","), "") {
			gone, mentioned := name+"{"+label+"}", "`"+name+"{"+label+"}`"
			if label == "" {
				gone, mentioned = name, "`"+name+"`"
			}
			now, there := recorded[name]
			if there && (label == "" || slices.Contains(now, label)) || strings.Contains(string(changelog), mentioned) {
				continue
			}
			t.Errorf("%s was recorded, and panels of people may read it: record it, or say in CHANGELOG.md what became of %s", gone, mentioned)
		}
	}
	var now strings.Builder
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		now.WriteString(name + " " + strings.Join(recorded[name], ",") + "\n")
	}
	if os.Getenv("UPDATE") != "" && !t.Failed() {
		if err := os.WriteFile(golden, []byte(now.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(before), now.String()); diff != "" {
		t.Errorf("(-before +now) UPDATE=1 accepts it:\n%s", diff)
	}
}
