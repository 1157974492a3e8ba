package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// draftSpec is a spec to paste.
type draftSpec struct {
	service, slo string
	objective    float64 // 0: not known
	window       string
	sli          []string // lines below sli
}

// statusLabels and codeLabels are where instrumentations say how a request ended.
var (
	statusLabels = []string{"code", "status", "status_code", "http_status_code", "http_response_status_code", "http.response.status_code", "response_code"}
	codeLabels   = []string{"grpc_code", "rpc_grpc_status_code", "rpc.grpc.status_code", "grpc_status"}
)

// matchPattern is a matcher as PromQL writes it, with or without quotes.
var matchPattern = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_.]*)(=~|!~|!=|=)(.*)$`)

// draft finds out what kind of SLI a metric is for.
func (o baselineOptions) draft(ctx context.Context, client *promapi.Client, w *workspace.Workspace) (draftSpec, error) {
	match, service, err := o.matchers()
	if err != nil {
		return draftSpec{}, err
	}
	d := draftSpec{service: service, slo: "availability", window: "30d"}
	at := o.server.now()
	labelsOf := func(metric string) ([]string, error) {
		selector, err := selectorOf(metric, o.match)
		if err != nil {
			return nil, err
		}
		names, err := client.LabelNames(ctx, []string{selector}, at.Add(-day), at)
		var out []string
		for _, n := range names {
			out = append(out, string(n))
		}
		return out, err
	}
	histogram := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(o.metric, "_bucket"), "_count"), "_sum")
	buckets, err := labelsOf(histogram + "_bucket")
	if err != nil {
		return d, err
	}
	if slices.Contains(buckets, "le") {
		d.slo = "latency"
		threshold, err := o.threshold(ctx, client, histogram, at)
		d.sli = []string{"latency:", "  histogram: " + quoted(histogram), match, "  threshold: " + threshold}
		return d, err
	}
	names, err := labelsOf(o.metric)
	if err != nil {
		return d, err
	}
	known := func(labels []string) string {
		i := slices.IndexFunc(labels, func(l string) bool { return slices.Contains(names, l) })
		if i < 0 {
			return ""
		}
		return labels[i]
	}
	switch status, code := known(statusLabels), known(codeLabels); {
	case len(names) == 0:
		return d, client.Errorf("it has no series %s with these labels in the last day", o.metric)
	case code != "":
		d.sli = []string{"grpc:", "  metric: " + quoted(o.metric), "  codeLabel: " + quoted(code), match}
	case status != "":
		d.sli = []string{"http:", "  metric: " + quoted(o.metric), "  statusLabel: " + quoted(status), match}
	case strings.HasSuffix(o.metric, "_total"):
		return d, fmt.Errorf("no label of %s says which events are bad (%s are known): write a spec with an SLI of the kind events", o.metric, strings.Join(append(statusLabels[:4:4], codeLabels[0]), ", "))
	default:
		selector, err := selectorOf(o.metric, o.match)
		if err != nil {
			return d, err
		}
		d.slo, d.sli = "uptime", []string{"uptime: {expr: " + quoted(selector) + "}"}
	}
	return d, nil
}

// matchers returns the field match of a spec, and a name for the service.
func (o baselineOptions) matchers() (field, service string, err error) {
	var parts []string
	for _, text := range o.match {
		m := matchPattern.FindStringSubmatch(text)
		if m == nil {
			return "", "", fmt.Errorf("--match %q: want LABEL=VALUE, such as job=users", text)
		}
		label, op, value := m[1], m[2], strings.Trim(m[3], `"`)
		if label == "job" && op == "=" {
			service = value
		}
		parts = append(parts, quoted(label)+": "+quoted(strings.TrimPrefix(op, "=")+value))
		if op == "=~" {
			parts[len(parts)-1] = quoted(label) + ": " + quoted(op+value)
		}
	}
	service = strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(cmp.Or(service, o.metric)), "-"), "-")
	if len(service) > 60 {
		service = strings.Trim(service[:60], "-")
	}
	if len(parts) == 0 {
		return "", cmp.Or(service, "service"), nil
	}
	return "  match: {" + strings.Join(parts, ", ") + "}", cmp.Or(service, "service"), nil
}

// selectorOf writes a selector of a metric, which is parsed so that nothing else can be in it.
func selectorOf(metric string, match []string) (string, error) {
	matchers := []*promql.Matcher{promql.Equal("__name__", metric)}
	for _, text := range match {
		m := matchPattern.FindStringSubmatch(text)
		if m == nil {
			return "", fmt.Errorf("--match %q: want LABEL=VALUE, such as job=users", text)
		}
		matcher, err := promql.NewMatcher(m[1], m[2], strings.Trim(m[3], `"`))
		if err != nil {
			return "", fmt.Errorf("--match %q: %w", text, err)
		}
		matchers = append(matchers, matcher)
	}
	return promql.Line(promql.Selecting(matchers)), nil
}

// threshold is the first boundary of a histogram below which 99 % of a day's requests were.
func (o baselineOptions) threshold(ctx context.Context, client *promapi.Client, histogram string, at time.Time) (string, error) {
	selector, err := selectorOf(histogram+"_bucket", o.match)
	if err != nil {
		return "", err
	}
	buckets, err := client.Range(ctx, "sum by (le) (rate("+selector+"[1h]))", at.Add(-day), at, time.Hour)
	if err != nil {
		return "", err
	}
	unit := "s"
	for suffix, short := range map[string]string{"_milliseconds": "ms", "_ms": "ms", "_microseconds": "us", "_us": "us", "_bytes": "B"} {
		if strings.HasSuffix(histogram, suffix) {
			unit = short
		}
	}
	out := ""
	for _, l := range latencies(seriesOf(buckets)) {
		if out = l.UpTo; l.Good >= 0.99 {
			break
		}
	}
	return cmp.Or(out, "1") + unit, nil
}

// text is the spec as YAML.
func (d draftSpec) text() string {
	objective := "99  # a guess: nothing on the ladder fits"
	if d.objective > 0 {
		objective = plan.Number(d.objective)
	}
	lines := []string{"service: " + d.service, "slos:", "  " + d.slo + ":", "    objective: " + objective, "    window: " + d.window, "    sli:"}
	for _, l := range d.sli {
		if l != "" {
			lines = append(lines, "      "+l)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// plainText needs no quotes in YAML.
var plainText = regexp.MustCompile(`^[a-zA-Z_/][a-zA-Z0-9_/.-]*$`)

// quoted is a text as YAML.
func quoted(text string) string {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
	default:
		if plainText.MatchString(text) {
			return text
		}
	}
	b, _ := json.Marshal(text) // YAML reads what JSON writes
	return string(b)
}
