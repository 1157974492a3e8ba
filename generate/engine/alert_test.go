package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// TestAlertStates writes a timeline as state letters by minute: "." inactive,
// "p" pending, "F" firing.
func TestAlertStates(t *testing.T) {
	tests := []struct {
		name, rule, values, want string
	}{
		{"at once", "", "0 1 1 0 1", ".FF.F"},
		{"for", "for: 2m", "0 1 1 1 1 0", ".ppFF."},
		{"for, interrupted", "for: 2m", "1 1 0 1 1 1 0", "pp.ppF."},
		{"for between steps", "for: 90s", "1 1 1 1", "ppFF"},
		{"for, missing sample", "for: 2m", "1 1 _ 1", "ppFF"}, // look-back bridges it
		{"keep", "keep_firing_for: 2m", "1 0 0 0 0", "FFF.."},
		{"keep, back in time", "keep_firing_for: 2m", "1 0 0 1 0 0 0 0", "FFFFFF.."}, // kept 1m, then anew: 2 steps
		{"keep shorter than a step", "keep_firing_for: 30s", "1 0 0", "FF."},
		{"keep does not hold a pending one", "for: 2m, keep_firing_for: 5m", "1 1 0 0", "pp.."},
		{"for and keep", "for: 1m, keep_firing_for: 2m", "1 1 0 0 0 1 1", "pFFF.pF"},
		{"to the end", "", "0 0 1", "..F"},
	}
	for _, test := range tests {
		for _, way := range []string{"replay", "step by step"} {
			t.Run(test.name+"/"+way, func(t *testing.T) {
				rule := "{alert: A, expr: input > 0, " + test.rule + "}"
				if test.rule == "" {
					rule = "{alert: A, expr: input > 0}"
				}
				rules := []string{rule}
				if way == "step by step" {
					rules = append(rules, "{record: self, expr: self}")
				}
				in := input(t, len(test.want)-1, "groups:\n"+group("g", rules...), "input "+test.values)
				result := run(t, in)
				got := strings.Repeat(".", len(test.want))
				for _, line := range result.Timelines() {
					for _, s := range line.Spans {
						to := len(got)
						if !s.To.IsZero() {
							to = int(s.To.Sub(epoch).Minutes())
						}
						for i := int(s.From.Sub(epoch).Minutes()); i < to; i++ {
							got = got[:i] + map[State]string{Pending: "p", Firing: "F"}[s.State] + got[i+1:]
						}
					}
				}
				if got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
				for i, letter := range test.want {
					at := epoch.Add(time.Duration(i) * time.Minute)
					var state State
					for _, a := range result.Alerts(at.Add(59*time.Second), "A") {
						state = a.State
					}
					if want := map[rune]State{'p': Pending, 'F': Firing}[letter]; state != want {
						t.Errorf("minute %d: %q, want %q", i, state, want)
					}
				}
			})
		}
	}
}

func TestAlertTemplates(t *testing.T) {
	in := input(t, 5, "groups:\n"+group("g",
		`{alert: A, expr: input > 1, keep_firing_for: 5m, labels: {i: "", size: '{{ if gt $value 5.0 }}big{{ end }}'}, annotations: {text: '{{ $labels.i }} in {{ $externalLabels.region }}: {{ $value }} {{ $externalURL }}', plain: as is}}`,
		`{alert: Q, expr: input > 1, annotations: {text: '{{ with query "sum(input)" }}{{ . | first | value }}{{ end }}'}}`,
	), `input{i="1"} 1 2 3 8 1`)
	in.ExternalLabels = map[string]string{"region": "north"}
	in.ExternalURL = "https://p.example.com"
	result := run(t, in)
	describe := func(minute int, name string) string {
		var out []string
		for _, a := range result.Alerts(epoch.Add(time.Duration(minute)*time.Minute), name) {
			out = append(out, fmt.Sprintf("%s %s %v", a.Labels, a.Annotations, a.Value))
		}
		return strings.Join(out, "\n")
	}
	for _, test := range []struct {
		minute     int
		name, want string
	}{
		{0, "A", ""},
		{1, "A", `{alertname="A"} {plain="as is", text="1 in north: 2 https://p.example.com"} 2`},
		{2, "A", `{alertname="A"} {plain="as is", text="1 in north: 3 https://p.example.com"} 3`},
		{4, "A", `{alertname="A"} {plain="as is", text="1 in north: 3 https://p.example.com"} 3
{alertname="A", size="big"} {plain="as is", text="1 in north: 8 https://p.example.com"} 8`},
		{2, "Q", `{alertname="Q", i="1"} {text="3"} 3`},
		{3, "Q", `{alertname="Q", i="1"} {text="8"} 8`},
		{-1, "", ""},
	} {
		if got := describe(test.minute, test.name); got != test.want {
			t.Errorf("minute %d:\n%s\nwant\n%s", test.minute, got, test.want)
		}
	}
	// A label that expands to nothing stays as it is written in ALERTS, as in Prometheus.
	vector, err := result.Query(t.Context(), `ALERTS{alertname="A"}`, epoch.Add(time.Minute))
	if err != nil || len(vector) != 1 {
		t.Fatal(vector, err)
	}
	want := labels.FromStrings(labels.MetricName, "ALERTS", "alertname", "A", "alertstate", "firing", "size", "{{ if gt $value 5.0 }}big{{ end }}")
	if !labels.Equal(vector[0].Metric, want) {
		t.Errorf("%s, want %s", vector[0].Metric, want)
	}
}
