package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// picture is a dashboard as somebody sees it.
type picture struct {
	name      string
	dashboard string
	width     int
	theme     string
	clusters  bool              // two clusters record
	pair      bool              // two servers record the same
	variables map[string]string // what the reader chose
}

// seen is what render.mjs draws.
type seen struct {
	Width     int                `json:"width"`
	Theme     string             `json:"theme"`
	From      int64              `json:"from"`
	To        int64              `json:"to"`
	Dashboard json.RawMessage    `json:"dashboard"`
	Data      map[string]answers `json:"data"`  // by the id of the panel
	Texts     map[string]string  `json:"texts"` // of text panels, with variables filled in
}

type answers struct {
	From   int64   `json:"from"`
	To     int64   `json:"to"`
	Frames []frame `json:"frames"`
	Error  string  `json:"error,omitempty"`
}

type frame struct {
	RefID  string  `json:"refId"`
	Fields []field `json:"fields"`
}

type field struct {
	Name   string            `json:"name"`
	Type   string            `json:"type"`
	Labels map[string]string `json:"labels,omitempty"`
	Values []any             `json:"values"`
	Config map[string]any    `json:"config"`
}

// dashboard is what of a dashboard matters to its queries.
type dashboard struct {
	Time       struct{ From, To string }
	Templating struct {
		List []struct {
			Name, Type, Regex, AllValue string
			IncludeAll                  bool
			Query                       any
		}
	}
	Panels []panel
}

type panel struct {
	ID       int
	Type     string
	TimeFrom string
	GridPos  struct{ W int }
	Options  struct{ Content string }
	Targets  []struct {
		RefID, Expr, Format, LegendFormat string
		Instant                           bool
	}
	Panels []panel
}

// evaluate answers the queries of a dashboard.
func (p picture) evaluate(ctx context.Context, data []byte, from *engine.Storage) (seen, error) {
	var d dashboard
	if err := json.Unmarshal(data, &d); err != nil {
		return seen{}, err
	}
	q := queries{engine: promql.NewEngine(evaluation, 50_000_000), storage: from, variables: map[string]string{}}
	for _, v := range d.Templating.List {
		value, chosen := p.variables[v.Name]
		switch {
		case chosen:
		case v.Type == "datasource":
			value = "prometheus"
		case v.IncludeAll:
			value = v.AllValue
		case v.Type == "query":
			first, err := q.first(ctx, v.Query, v.Regex)
			if err != nil {
				return seen{}, err
			}
			value = first
		}
		q.variables[v.Name] = value
	}
	out := seen{Width: p.width, Theme: p.theme, Dashboard: data, Data: map[string]answers{}, Texts: map[string]string{}}
	start, end := moment(d.Time.From, false), moment(d.Time.To, true)
	out.From, out.To = start.UnixMilli(), end.UnixMilli()
	var visit func(panels []panel)
	visit = func(panels []panel) {
		for _, panel := range panels {
			id := strconv.Itoa(panel.ID)
			if panel.Type == "text" {
				out.Texts[id] = q.interpolate(panel.Options.Content, 0)
			}
			from, to := start, end
			if panel.TimeFrom != "" {
				from, to = moment("now-"+panel.TimeFrom, false), now
			}
			out.Data[id] = q.answer(ctx, panel, from, to, p.width)
			visit(panel.Panels)
		}
	}
	visit(d.Panels)
	return out, nil
}

type queries struct {
	engine    *promql.Engine
	storage   *engine.Storage
	variables map[string]string
}

var variable = regexp.MustCompile(`\$\{(\w+)(?::\w+)?\}|\$(\w+)`)

func (q queries) interpolate(text string, span time.Duration) string {
	return variable.ReplaceAllStringFunc(text, func(s string) string {
		m := variable.FindStringSubmatch(s)
		name := m[1] + m[2]
		if name == "__range" {
			return fmt.Sprintf("%ds", int(span.Seconds()))
		}
		if v, ok := q.variables[name]; ok {
			return v
		}
		return s
	})
}

// first is what a variable shows before anybody chose.
func (q queries) first(ctx context.Context, query any, regex string) (string, error) {
	text := query.(map[string]any)["query"].(string)
	expr, ok := strings.CutPrefix(text, "query_result(")
	if !ok {
		return "", fmt.Errorf("no query_result: %s", text)
	}
	vector, err := q.engine.Instant(ctx, q.storage, q.interpolate(strings.TrimSuffix(expr, ")"), 0), now)
	if err != nil || len(vector) == 0 {
		return "", err
	}
	shown := fmt.Sprintf("%s %v %d", vector[0].Metric, vector[0].F, now.UnixMilli())
	if m := regexp.MustCompile(strings.Trim(regex, "/")).FindStringSubmatch(shown); len(m) > 1 {
		return m[1], nil
	}
	return "", fmt.Errorf("%s does not match %s", shown, regex)
}

func (q queries) answer(ctx context.Context, p panel, from, to time.Time, width int) answers {
	out := answers{From: from.UnixMilli(), To: to.UnixMilli()}
	points := width * p.GridPos.W / 24
	step := max(evaluation, (to.Sub(from) / time.Duration(max(1, points))).Round(evaluation))
	for _, t := range p.Targets {
		expr := q.interpolate(t.Expr, to.Sub(from))
		var rows promql.Result
		if t.Instant {
			vector, err := q.engine.Instant(ctx, q.storage, expr, earlier(to, now))
			if err != nil {
				out.Error = err.Error()
				return out
			}
			for _, s := range vector {
				row := promql.Row{Metric: s.Metric}
				promql.Append(&row, s)
				rows = append(rows, row)
			}
		} else {
			var err error
			rows, err = q.engine.Range(ctx, q.storage, expr, from.Truncate(step), earlier(to, now).Truncate(step), step)
			if err != nil {
				out.Error = err.Error()
				return out
			}
		}
		if t.Format == "table" {
			value := "Value"
			if len(p.Targets) > 1 {
				value = "Value #" + t.RefID
			}
			out.Frames = append(out.Frames, table(rows, t.RefID, value))
			continue
		}
		for _, row := range rows {
			out.Frames = append(out.Frames, curve(row, t.RefID, t.LegendFormat, step))
		}
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// curve is a series as the data source returns it.
func curve(row promql.Row, ref, legend string, step time.Duration) frame {
	times := field{Name: "Time", Type: "time", Config: map[string]any{"interval": step.Milliseconds()}, Values: []any{}}
	values := field{Name: "Value", Type: "number", Labels: row.Metric.Map(), Config: map[string]any{"displayNameFromDS": legendOf(row.Metric, legend)}, Values: []any{}}
	last := int64(0)
	for _, point := range row.Floats {
		if gap := point.T - last; last > 0 && gap > step.Milliseconds() {
			times.Values, values.Values = append(times.Values, last+step.Milliseconds()), append(values.Values, nil)
		}
		times.Values, values.Values, last = append(times.Values, point.T), append(values.Values, number(point.F)), point.T
	}
	return frame{RefID: ref, Fields: []field{times, values}}
}

var legendLabel = regexp.MustCompile(`\{\{\s*(.+?)\s*\}\}`)

func legendOf(l labels.Labels, legend string) string {
	if legend == "" || legend == "__auto" {
		return l.String()
	}
	return legendLabel.ReplaceAllStringFunc(legend, func(s string) string { return l.Get(legendLabel.FindStringSubmatch(s)[1]) })
}

// table has a row for each series and a column for each label.
func table(rows promql.Result, ref, value string) frame {
	names := map[string]bool{}
	for _, row := range rows {
		row.Metric.Range(func(l labels.Label) { names[l.Name] = true })
	}
	var sorted []string
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	fields := []field{{Name: "Time", Type: "time", Config: map[string]any{}, Values: []any{}}}
	for _, name := range sorted {
		fields = append(fields, field{Name: name, Type: "string", Config: map[string]any{"filterable": true}, Values: []any{}})
	}
	fields = append(fields, field{Name: value, Type: "number", Config: map[string]any{}, Values: []any{}})
	for _, row := range rows {
		fields[0].Values = append(fields[0].Values, row.Floats[0].T)
		for i, name := range sorted {
			fields[i+1].Values = append(fields[i+1].Values, row.Metric.Get(name))
		}
		fields[len(fields)-1].Values = append(fields[len(fields)-1].Values, number(row.Floats[0].F))
	}
	return frame{RefID: ref, Fields: fields}
}

// number is a value that JSON can hold.
func number(x float64) any {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "+Inf"
	}
	return x
}

// moment reads Grafana's now, now-24h and now/M; an end with a slash is that of the unit.
func moment(text string, end bool) time.Time {
	rest := strings.TrimPrefix(text, "now")
	if i := strings.LastIndex(rest, "now"); i >= 0 { // a panel's now-now/M
		rest = rest[i+3:]
	}
	if ago, ok := strings.CutPrefix(rest, "-"); ok {
		n, _ := strconv.Atoi(ago[:len(ago)-1])
		units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': day}
		return now.Add(-time.Duration(n) * units[ago[len(ago)-1]])
	}
	years, months, days := 0, 0, 0
	start := now
	switch rest {
	case "/y":
		start, years = time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC), 1
	case "/M":
		start, months = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC), 1
	case "/Q":
		start, months = time.Date(now.Year(), (now.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC), 3
	case "/w":
		start, days = now.Truncate(7*day), 7
	}
	if end {
		return start.AddDate(years, months, days)
	}
	return start
}
