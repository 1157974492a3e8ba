package generate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// numbers are fields that take a number, in a spec in which %s stands for it, and
// what they are tried with. Whether they are accepted is for the schema to say.
var numbers = map[string]struct {
	spec   string
	values []string
}{
	"objective":      {"objective: %s\n    window: 30d\n    sli: {events: {total: t, good: g}}", percentages},
	"objective 1h":   {"objective: %s\n    window: 1h\n    sli: {events: {total: t, bad: b}}", percentages},
	"objective time": {"objective: %s\n    window: 364d23h59m59s999ms\n    sli: {uptime: {expr: up}}", percentages},
	"schedule":       {"objective: 99\n    window: 7d\n    sli: {uptime: {expr: up}}\n    schedule: [{at: {days: [sat]}, objective: %s}]", percentages},
	"external":       {"objective: 99.99999\n    window: 30d\n    sli: {uptime: {expr: up}}\n    external: {audience: all, objective: %s}", percentages},
	"thresholds":     {"window: 30d\n    sli: {latency: {histogram: h, thresholds: [{objective: %s, threshold: 1s}, {objective: 50.5, threshold: 500ms}]}}", percentages},
	"needs":          {"objective: 99\n    window: 30d\n    sli: {uptime: {expr: up}}\ndependsOn: [{provider: {name: a, sla: 99.99999}, needs: %s}]", percentages},
	"sla":            {"objective: 99\n    window: 30d\n    sli: {uptime: {expr: up}}\ndependsOn: [{provider: {name: a, sla: %s}}]", percentages},
	"policy":         {"objective: 99\n    window: 30d\n    sli: {uptime: {expr: up}}\npolicy: [{below: %s, do: Stop.}]", append([]string{"-1000", "-999.9", "-0.1", "0", "0.1", "0.00001", "12.5"}, percentages...)},
	"window":         {"objective: 99.99999\n    window: %s\n    sli: {uptime: {expr: up}}", durations},
	"window low":     {"objective: 10.00001\n    window: %s\n    sli: {events: {total: t, bad: b}}", durations},
	"threshold":      {"objective: 99\n    window: 30d\n    sli: {latency: {histogram: h, threshold: %s}}", durations},
	"minFailures":    {"objective: 99\n    window: 30d\n    sli: {events: {total: t, bad: b}}\n    alerting: {minFailures: %s}", reals},
	"minFailures 1h": {"objective: 10.5\n    window: 1h\n    sli: {uptime: {expr: up}}\n    alerting: {minFailures: %s}", append([]string{"299", "310", "315", "320"}, reals...)},
	"minBudgetSpent": {"objective: 99\n    window: 30d\n    sli: {events: {total: t, bad: b}}\n    alerting: {minBudgetSpent: %s}", reals},
	"confidence":     {"objective: 99\n    window: 30d\n    sli: {events: {total: t, bad: b}}\n    alerting: {confidence: %s}", append([]string{"79.99999", "80", "99", "99.999", "99.99999"}, reals...)},
	"instances":      {"objective: 99\n    window: 30d\n    sli: {uptime: {expr: up, instances: %s}}", reals},
	"above":          {"objective: 99\n    window: 30d\n    sli: {threshold: {expr: up, above: %s}}", reals},
	"below":          {"objective: 99\n    window: 30d\n    sli: {threshold: {expr: up, below: %s}}", reals},
	"between":        {"objective: 99\n    window: 30d\n    sli: {threshold: {expr: up, above: 0.5, below: %s}}", reals},
	"weight":         {"objective: 99\n    window: 30d\n    sli: {journey: {all: [{events: {total: t, bad: b}, weight: %s}, {events: {total: u, bad: c}}]}}", reals},
	"traffic":        {"objective: 99.9\n    window: 30d\n    sli: {events: {total: t, bad: b}}\n    traffic: %s", []string{"1/d", "0.00000001/d", "0.1/s", "10000000/s", "0/s", "999999999/m", "1." + strings.Repeat("9", 50) + "/s"}},
	"is":             {"objective: 99.9\n    window: 30d\n    sli: {events: {total: t, bad: b}}\n    tests: [{name: a, errors: ['0%%:1h'], expect: [{at: 1h, value: 'vector(1) * %[1]s', is: %[1]s}]}]", reals[:8]},
}

var (
	percentages = []string{"10", "10.00001", "10.0000000001", "10.00000000000001", "12.34567", "33.33333", "50", "89.99999", "99.9", "99.99999", "99.999999", "99.99999999995", "99.99999999999999", "100"}
	reals       = []string{"0", "1", "0.5", "0.1234567", "1000", "123.456789012", "1e-9", "1e-300", "5e-324", "99999.99999", "100000", "100001", "1e9", "1e300", "1.7976931348623157e308", "-1", "-1e300"}
	durations   = []string{"1ms", "7ms", "1s", "59m59s999ms", "1h", "1h1ms", "1h7m", "5h59m", "23h59m59s", "24h", "1d1s", "6d23h", "29d23h59m", "30d1ms", "91d", "365d", "1y", "1y1s"}
)

// TestNumbers: for every number that is accepted, at any interval, there are files
// whose tests pass, and soon.
func TestNumbers(t *testing.T) {
	intervals := [][2]time.Duration{{30 * time.Second, time.Minute}, {time.Second, 5 * time.Second}, {2 * time.Minute, 4 * time.Minute}, {77 * time.Second, 7 * time.Second}}
	if testing.Short() {
		intervals = intervals[:1]
	}
	for field, number := range numbers {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			accepted := 0
			for _, value := range number.values {
				for _, interval := range intervals {
					project := schema.DefaultProject()
					project.Scrape, project.Evaluation = interval[0], interval[1]
					spec := "service: a\nslos:\n  x:\n    " + fmt.Sprintf(number.spec, value) + "\n"
					begin := time.Now()
					services, findings := schema.LoadSpecs(context.Background(), project, []read.Input{{File: "a.slo.yaml", Data: []byte(spec)}}, schema.Options{Workers: 1})
					if diag.HasErrors(findings) {
						continue
					}
					files, findings, err := generate.Generate(context.Background(), services, project, generate.Options{Workers: 1})
					if took := time.Since(begin); err != nil || took > 5*time.Second {
						t.Errorf("%s at %v: %s, %v", value, interval, took, err)
					}
					if diag.HasErrors(findings) {
						continue
					}
					accepted++
					for name := range files {
						if !strings.HasPrefix(name, "tests/") || interval != intervals[0] {
							continue // one interval will do for those that take time
						}
						for _, r := range runTests(files, []string{name}) {
							for _, f := range r.Findings() {
								t.Errorf("%s: %s: %s", value, f.Pos, f.Message)
							}
						}
					}
				}
			}
			if accepted == 0 {
				t.Error("nothing is accepted")
			}
		})
	}
}
