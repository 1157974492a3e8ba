package engine

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/template"

	"github.com/promslo/promslo/generate/promql"
)

var templated = promql.Sample{F: 12345.678, Metric: labels.FromStrings("job", "users", "instance", "a:80", "long", strings.Repeat("x", 40_000))}

func answer(_ context.Context, expr string, _ time.Time) (promql.Vector, error) {
	if expr == "bad" {
		return nil, fmt.Errorf("no PromQL")
	}
	return promql.Vector{
		{F: 2, Metric: labels.FromStrings("job", "b")},
		{F: 1, Metric: labels.FromStrings("job", "a")},
		{H: &histogram.FloatHistogram{Count: 3, Sum: math.Pi}, Metric: labels.FromStrings("job", "c")},
	}, nil
}

func newTemplates() templates {
	return templates{alert: "A", externalLabels: map[string]string{"cluster": "eu"}, externalURL: "http://x", rewritten: new(sync.Map)}
}

var column = regexp.MustCompile(`:1:\d+:`)

// A template that is rewritten to count what it does says what Prometheus's says.
func TestMeteredTemplates(t *testing.T) {
	texts := []string{
		"plain", "{{ $value }}", `{{ $value | printf "%.2f" }} and {{ printf "%5.1f%%" $value }}`,
		`{{ range query "up" }}{{ .Labels.job }}={{ .Value }}, {{ else }}none{{ end }}`,
		`{{ range $i, $s := query "up" | sortByLabel "job" -}} {{ $i }}:{{ $s | label "job" }} {{- end }}!`,
		`{{ with query "up" }}{{ . | first | value | humanize }}{{ else with $labels }}{{ .job }}{{ else }}no{{ end }}`,
		`{{ range 5 }}{{ . }}{{ if eq . 2 }}{{ continue }}{{ else if eq . 3 }}{{ break }}{{ end }},{{ end }}`,
		`{ {{- " x" }}{{/* nothing */}}{ not an action } {{ "{{" }}`,
		`{{ define "a" }}<{{ .arg0 }} {{ .arg1 }}>{{ end }}{{ template "a" (args 1 "two") }}{{ block "b" $labels.job }}({{ . }}){{ end }}{{ template "none" }}`,
		`{{ define "n" }}n{{ end }}{{ template "n" }}`,
		`{{ $x := 1 }}{{ $x = printf "%d%d" $x $x }}{{ $x }}`,
		`{{ reReplaceAll "(u)s" "$1$1-" $labels.job }}{{ match "^a" $labels.instance }}{{ $labels.nothing }}|{{ $labels.job | toUpper | title }}`,
		`{{ (query "up" | first).Labels.job }} {{ len $labels }} {{ index $labels "job" }} {{ slice $labels.job 1 3 }}`,
		`{{ print 1 2 "x" }}{{ println "y" }}{{ html "<a>" }}{{ js "'" }}{{ urlquery "a b" }}{{ "a b" | urlQueryEscape }}`,
		`{{ and 1 0 }}{{ or "" "b" }}{{ not true }}{{ humanizeDuration 3700 }}{{ (toTime 1).Unix }}{{ toDuration 90 }}{{ -1 }}{{ 'a' }}{{ 1e3 }}`,
		`{{ range $k, $v := $labels }}{{ $k }}{{ len $v }} {{ end }}{{ range $externalLabels }}{{ . }}{{ end }}{{ $externalURL }}`,
		`{{ range $x := query "up" }}{{ with $x.Value }}{{ . }}{{ end }}{{ end }}{{ safeHtml "<" }}{{ stripPort $labels.instance }}`,
		// The name of an SLO may be a number, which prints as it is.
		`{{ with printf "slo:objective:ratio{slo_id=\"k405090199\",job=%q}" $labels.job | query }}{{ . | first | value | printf "%5.1f" }}{{ end }}`,
		// Errors:
		`{{ query "bad" }}`, `{{ first 1 }}`, `{{ $labels.job.x }}`, `{{ reReplaceAll "(" "" "x" }}`, `{{ printf 1 }}`, `{{ nothing }}`, `{{ if }}`,
		`{{ externalURL }}`, `{{ index $labels 1 }}`, `{{ nil }}`, `{{ args 1 | printf "%s" }}`, `{{ define "__alert_A" }}x{{ end }}`, `{{ template "" }}`,
	}
	for _, text := range texts {
		x := newTemplates()
		data := template.AlertTemplateData(templated.Metric.Map(), x.externalLabels, x.externalURL, templated)
		want, err := template.NewTemplateExpander(t.Context(), definitions+text, "__alert_A", data, model.Time(1000), answer, nil, nil).Expand()
		if err != nil {
			want = failedTemplate(err)
		}
		if !isTemplate(text) {
			want = text
		}
		got := x.expand(t.Context(), answer, 1000, templated, text)
		if hasAny(text, loops) { // the column of an error may be another
			got, want = column.ReplaceAllString(got, ""), column.ReplaceAllString(want, "")
		}
		if got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// Whatever a template does, it ends soon.
func TestEndlessTemplates(t *testing.T) {
	nest := func(n int, open, body string) string {
		return strings.Repeat(open, n) + body + strings.Repeat("{{end}}", n)
	}
	var tree strings.Builder
	for i := range 40 {
		fmt.Fprintf(&tree, `{{define "t%d"}}{{template "t%d"}}{{template "t%d"}}{{end}}`, i, i+1, i+1)
	}
	for name, text := range map[string]string{
		"range":              `{{ range 1000000000 }}{{ end }}`,
		"range of variables": `{{ $n := 1000000000 }}{{ range $i := $n }}{{ end }}`,
		"range of ranges":    nest(9, "{{range 99}}", ""),
		"range of durations": `{{ range toDuration 100 }}{{ end }}`,
		"range of times":     `{{ range (toTime 1000000000).Unix }}{{ end }}`,
		"long text":          `{{ range 1000 }}` + strings.Repeat("x", 10_000) + `{{ end }}`,
		"labels":             `{{ range 10000 }}{{ $labels.long }}{{ end }}`,
		"labels in a row":    strings.Repeat(`{{ $labels.long }}`, 3000),
		"upper":              strings.Repeat(`{{ $x := $labels.long | toUpper }}`, 1000),
		"width":              strings.Repeat(`{{ printf "%999999d" 1 }}`, 100),
		"width of argument":  strings.Repeat(`{{ printf "%*d" 999999 1 }}`, 100),
		"many verbs":         `{{ printf "` + strings.Repeat("%[1]s", 10_000) + `" $labels.long }}`,
		"doubling":           `{{ $x := "x" }}` + strings.Repeat(`{{ $x = printf "%s%s" $x $x }}`, 40),
		"doubling by print":  `{{ $x := "x" }}` + strings.Repeat(`{{ $x = print $x $x }}`, 40),
		"doubling of maps":   `{{ $x := args 1 1 }}` + strings.Repeat(`{{ $x = args $x $x }}`, 60) + `{{ $x }}`,
		"calls":              tree.String() + `{{define "t40"}}{{end}}{{template "t0"}}`,
		"recursion":          `{{define "r"}}{{template "r"}}{{template "r"}}{{end}}{{template "r"}}`,
		"replacements":       `{{ reReplaceAll "" "` + strings.Repeat("y", 10_000) + `" $labels.long }}`,
		"own name":           `{{ range 100000000 }}{{ metered_turns 0 0 }}{{ end }}`,
		"negative":           `{{ metered_turns -1000000000 1000000000 }}{{ range 1000000000 }}{{ end }}`,
		"regular expression": `{{ reReplaceAll "` + strings.Repeat("x{1000}", 1000) + `" "" "x" }}`,
		"queries":            `{{ range 100000 }}{{ range query "up" }}{{ end }}{{ end }}`,
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			got := newTemplates().expand(t.Context(), answer, 0, templated, text)
			if !strings.Contains(got, errExpansion.Error()) {
				t.Errorf("it makes %.300s", got)
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it takes %s", took)
			}
		})
	}
}
