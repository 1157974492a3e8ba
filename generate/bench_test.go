//go:build unix

package generate_test

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	prometheus "github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
)

const availability = `service: users
owner: identity-team
slos:
  availability:
    objective: 99.9
    window: 30d
    sli: {http: {metric: http_requests_total, match: {job: users}}}
`

// BenchmarkRuleCost counts the samples that Prometheus reads to keep the rules
// of one SLO up to date: availability, 99.9 % over 30 days, scraped every 30
// seconds. The raw series are one counter a pod and code, half of them with code
// 200 and half with 500. The history is full: 30 days of raw and recorded series.
//
// PROMSLO_PEERS names a directory with what other generators make of the same
// SLO: sloth/rules.yaml and pyrra/rules/availability.slo.yaml.
func BenchmarkRuleCost(b *testing.B) {
	w := tabwriter.NewWriter(os.Stderr, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintln(w, "raw series\trules of\trules\tsamples an hour\tof promslo's\tCPU an hour\tof promslo's\t")
	for _, pods := range []int{10, 1000} {
		b.Run(fmt.Sprint(2*pods), func(b *testing.B) {
			raw := rawSeries(b, pods)
			var ours evaluation
			for _, set := range ruleSets(b) {
				e := evaluate(b, set.groups, raw)
				if set.name == "promslo" {
					ours = e
				}
				fmt.Fprintf(w, "%d\t%s\t%d\t%.3f M\t%.1f×\t%.2f s\t%.1f×\t\n", 2*pods, set.name, e.rules,
					e.samples/1e6, e.samples/ours.samples, e.cpu, e.cpu/ours.cpu)
				b.ReportMetric(e.samples, set.name+"-samples/h")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

type ruleSet struct {
	name   string
	groups []rulefmt.RuleGroup
}

// ruleSets returns our rules, and then those of the peers.
func ruleSets(tb testing.TB) []ruleSet {
	tb.Helper()
	sets := []ruleSet{ours(tb, availability)}
	peers := os.Getenv("PROMSLO_PEERS")
	if peers == "" {
		return sets
	}
	read := func(name string) []rulefmt.RuleGroup {
		data, err := os.ReadFile(filepath.Join(peers, filepath.FromSlash(name)))
		if err != nil {
			tb.Fatal(err)
		}
		return parse(tb, data)
	}
	sloth := slices.DeleteFunc(read("sloth/rules.yaml"), func(g rulefmt.RuleGroup) bool {
		return !strings.HasSuffix(g.Name, "-users-availability")
	})
	return append(sets, ruleSet{"Sloth", sloth}, ruleSet{"Pyrra", read("pyrra/rules/availability.slo.yaml")})
}

// ours returns the rules of a spec.
func ours(tb testing.TB, spec string) ruleSet {
	tb.Helper()
	project := schema.DefaultProject()
	services, findings := schema.LoadSpecs(tb.Context(), project, []read.Input{{File: "users.slo.yaml", Data: []byte(spec)}}, schema.Options{})
	if len(findings) > 0 {
		tb.Fatal(findings)
	}
	files, findings, err := generate.Generate(tb.Context(), services, project, generate.Options{Only: []generate.Kind{generate.Rules}})
	if err != nil || len(findings) > 0 {
		tb.Fatal(err, findings)
	}
	return ruleSet{"promslo", parse(tb, files["rules/users.rules.yaml"])}
}

func parse(tb testing.TB, data []byte) []rulefmt.RuleGroup {
	tb.Helper()
	parsed, errs := promql.ParseRules(data)
	if len(errs) > 0 || len(parsed.Groups) == 0 {
		tb.Fatalf("no rules: %v", errs)
	}
	return parsed.Groups
}

const (
	scrape  = 30 * time.Second
	history = 30*24*time.Hour + 2*time.Hour // the longest range, and what moves it into the past
	global  = time.Minute                   // evaluation interval of groups that have none
	rounds  = 4                             // evaluations of each group
)

var now = time.Unix(0, 0).Add(history)

// rawSeries returns the counters. They share one column of times and one of
// values a code: the engine reads them all the same.
func rawSeries(b *testing.B, pods int) []simulate.Series {
	b.Helper()
	times := every(scrape)
	columns := map[string][]float64{"200": nil, "500": nil}
	for i := range times {
		columns["200"] = append(columns["200"], 2000*float64(i))
		columns["500"] = append(columns["500"], float64(i))
	}
	var all []simulate.Series
	for i := range pods {
		for code, values := range columns {
			all = append(all, simulate.Series{
				Labels: labels.FromStrings(labels.MetricName, "http_requests_total", "job", "users", "pod", fmt.Sprintf("users-%d", i), "code", code),
				Times:  times, Values: values,
			})
		}
	}
	return all
}

// every returns the times of samples from the start of the history up to now.
func every(interval time.Duration) []int64 {
	var times []int64
	for t := now.Add(-history); !t.After(now); t = t.Add(interval) {
		times = append(times, t.UnixMilli())
	}
	return times
}

// evaluation is what rules cost.
type evaluation struct {
	rules   int
	samples float64 // read an hour
	cpu     float64 // seconds an hour
}

// evaluate evaluates each group a few times at its own interval, up to now, and
// scales to an hour. A rule that records finds a history of its series: what
// it gives now, at every evaluation of the last 30 days.
func evaluate(b *testing.B, groups []rulefmt.RuleGroup, raw []simulate.Series) evaluation {
	b.Helper()
	engine := prometheus.NewEngine(prometheus.EngineOpts{
		MaxSamples:               math.MaxInt32,
		Timeout:                  time.Hour,
		NoStepSubqueryIntervalFn: func(int64) int64 { return global.Milliseconds() },
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		Parser:                   parser.NewParser(parser.Options{}),
	})
	storage := simulate.NewStorage()
	for _, s := range raw {
		if err := storage.Add(s); err != nil {
			b.Fatal(err)
		}
	}
	query := func(expr string, at time.Time) (prometheus.Vector, float64) {
		q, err := engine.NewInstantQuery(b.Context(), storage, nil, expr, at)
		if err != nil {
			b.Fatal(err)
		}
		defer q.Close()
		result := q.Exec(b.Context())
		read := float64(q.Stats().Samples.TotalSamples)
		if result.Err != nil {
			b.Fatal(result.Err)
		}
		if scalar, ok := result.Value.(prometheus.Scalar); ok {
			return prometheus.Vector{{T: scalar.T, F: scalar.V}}, read
		}
		vector, err := result.Vector()
		if err != nil {
			b.Fatal(err)
		}
		return slices.Clone(vector), read
	}

	for _, g := range groups {
		times := every(interval(g))
		for _, r := range g.Rules {
			if r.Record == "" {
				continue
			}
			vector, _ := query(r.Expr, now)
			if len(vector) == 0 {
				b.Fatalf("%s records nothing: what reads it would be too cheap", r.Record)
			}
			for _, sample := range vector {
				l := labels.NewBuilder(sample.Metric)
				l.Set(labels.MetricName, r.Record)
				for name, value := range r.Labels {
					l.Set(name, value)
				}
				if err := storage.Add(simulate.Series{Labels: l.Labels(), Times: times, Values: slices.Repeat([]float64{sample.F}, len(times))}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}

	var total evaluation
	for _, g := range groups {
		total.rules += len(g.Rules)
		perHour := float64(time.Hour) / float64(interval(g)) / rounds
		before := cpu(b)
		for i := range rounds {
			for _, r := range g.Rules {
				_, read := query(r.Expr, now.Add(-time.Duration(i)*interval(g)))
				total.samples += read * perHour
			}
		}
		total.cpu += (cpu(b) - before) * perHour
	}
	return total
}

func interval(g rulefmt.RuleGroup) time.Duration { return cmp.Or(time.Duration(g.Interval), global) }

// cpu returns the seconds of processor time that this process has taken.
func cpu(b *testing.B) float64 {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
