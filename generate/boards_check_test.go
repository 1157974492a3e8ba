package generate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/testdata"
)

// grafana is what ids.mjs of testdata/pictures has read of npm @grafana/data.
type grafana struct {
	Units, Reducers, Transformations, ColorModes, Matchers []string
}

var knownToGrafana = sync.OnceValues(func() (grafana, error) {
	var known grafana
	data, err := os.ReadFile(filepath.Join(testdata.Dir(), "grafana", "ids.json"))
	if err != nil {
		return known, err
	}
	return known, json.Unmarshal(data, &known)
})

// boardChecker knows what dashboards may name.
type boardChecker struct {
	grafana
	model.LabelNames
	recorded *engine.Storage // a sample of each series that the rules record
	labels   map[string]map[string]bool
	engine   *promql.Engine
	uids     map[string]bool
	problems []string
}

var sampledAt = time.Unix(1_800_000_000, 0)

// newBoardChecker records a sample of each series of the rules. Groups have two values, and
// two clusters record.
func newBoardChecker(t testing.TB, project model.Project, made map[string][]byte) *boardChecker {
	t.Helper()
	known, err := knownToGrafana()
	if err != nil {
		t.Fatal(err)
	}
	c := &boardChecker{
		grafana: known, LabelNames: project.LabelNames, recorded: engine.NewStorage(), labels: map[string]map[string]bool{},
		engine: promql.NewEngine(time.Minute, 1_000_000), uids: map[string]bool{},
	}
	c.labels["slo:info"] = map[string]bool{c.Label(plan.LabelTier): true, c.Label(plan.LabelOwner): true} // where a service has them
	for name, data := range made {
		if strings.HasPrefix(name, "dashboards/") {
			var b struct{ UID string }
			if err := json.Unmarshal(data, &b); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			c.uids[b.UID] = true
			continue
		}
		if !strings.HasPrefix(name, "rules/") {
			continue
		}
		groups, errs := promql.ParseRules(data)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		grouped := map[string][]string{} // labels of groups, by the SLO
		for _, g := range groups.Groups {
			for _, r := range g.Rules {
				if r.Record == "slo:total_events:rate5m" {
					grouped[r.Labels[c.Label(plan.LabelID)]] = groupLabels(t, r.Expr)
				}
			}
		}
		for _, g := range groups.Groups {
			for _, r := range g.Rules {
				b := labels.NewBuilder(labels.FromMap(r.Labels)).Set("cluster", "eu")
				if r.Alert != "" {
					b.Set(labels.MetricName, "ALERTS").Set("alertname", r.Alert).Set("alertstate", "firing")
					b.Set(c.Label(plan.LabelID), c.sloOf(r.Expr)).Set(c.Label(plan.LabelService), "s").Set(c.Label(plan.LabelName), "n")
				} else {
					b.Set(labels.MetricName, r.Record)
				}
				if id := b.Get(c.Label(plan.LabelID)); !ungroupedSeries[r.Record] && r.Labels[c.Label(plan.LabelAlert)] != "no-data" {
					for _, label := range grouped[id] {
						b.Set(label, "a")
					}
				}
				c.add(t, b.Labels())
			}
		}
	}
	return c
}

var ungroupedSeries = map[string]bool{
	"slo:info": true, "slo:period:seconds": true, "slo:objective:ratio": true, "slo:excluded:bool": true, "slo:calendar_period:info": true,
	"slo:latency_threshold:seconds": true, "slo:size_threshold:bytes": true, "slo:utc_offset:seconds": true,
}

// sloOf is the SLO that the expression of an alert is about.
func (c *boardChecker) sloOf(expr string) string {
	if m := regexp.MustCompile(`\b` + c.Label(plan.LabelID) + `="([^"]*)"`).FindStringSubmatch(expr); m != nil {
		return m[1]
	}
	return ""
}

// groupLabels are the labels by which the rate of all events is split.
func groupLabels(t testing.TB, expr string) (out []string) {
	e, err := promql.Parse(expr)
	if err != nil {
		t.Fatal(err)
	}
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if a, ok := n.(*parser.AggregateExpr); ok && !a.Without && len(a.Grouping) > len(out) {
			out = a.Grouping
		}
		return nil
	})
	return slices.DeleteFunc(slices.Clone(out), func(l string) bool { return l == "le" })
}

func (c *boardChecker) add(t testing.TB, l labels.Labels) {
	name := l.Get(labels.MetricName)
	if c.labels[name] == nil {
		c.labels[name] = map[string]bool{}
	}
	l.Range(func(l labels.Label) { c.labels[name][l.Name] = true })
	series := engine.Series{Labels: l}
	for i := range 10 {
		series.Push(sampledAt.Add(time.Duration(i-9)*time.Minute).UnixMilli(), 0.5, nil)
	}
	if err := c.recorded.Add(series); err != nil && !strings.Contains(err.Error(), "already") {
		_ = err // two conditions of one alert are one series
	}
}

func (c *boardChecker) say(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// at, listAt and textAt read decoded JSON.

func at(v any, path ...string) any {
	for _, key := range path {
		o, ok := v.(object)
		if !ok {
			return nil
		}
		v = o[key]
	}
	return v
}

func listAt(v any, path ...string) []any {
	out, _ := at(v, path...).([]any)
	return out
}

func textAt(v any, path ...string) string {
	out, _ := at(v, path...).(string)
	return out
}

// check returns what is wrong with a dashboard.
func (c *boardChecker) check(data []byte) []string {
	c.problems = nil
	if key := duplicateKey(json.NewDecoder(bytes.NewReader(data))); key != "" {
		c.say("an object has %s twice", key)
	}
	var b object
	if err := json.Unmarshal(data, &b); err != nil {
		return []string{err.Error()}
	}
	c.schema(b)
	c.envelope(b)
	vars := c.variables(b)
	ids := map[any]bool{}
	for _, p := range listAt(b, "panels") {
		c.panel(p, vars)
		if ids[at(p, "id")] {
			c.say("id %v twice", at(p, "id"))
		}
		ids[at(p, "id")] = true
	}
	c.grid(b)
	for _, a := range listAt(b, "annotations", "list") {
		c.query(textAt(a, "expr"), "annotation", vars)
		if textAt(a, "expr") != textAt(a, "target", "expr") {
			c.say("an annotation has two queries")
		}
	}
	for _, l := range listAt(b, "links") {
		c.link(textAt(l, "url"), nil, vars)
	}
	return c.problems
}

func (c *boardChecker) envelope(b object) {
	if b["schemaVersion"] != 42.0 || b["editable"] != false {
		c.say("schemaVersion %v, editable %v", b["schemaVersion"], b["editable"])
	}
	if uid := textAt(b, "uid"); uid == "" || len(uid) > 40 || strings.Trim(uid, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		c.say("uid %q", uid)
	}
	if tags := listAt(b, "tags"); len(tags) == 0 || tags[0] != "promslo" {
		c.say("tags %v", tags)
	}
	for _, key := range []string{"__inputs", "id", "slug", "rows", "style", "originalTitle", "hideControls", "sharedCrosshair"} {
		if _, found := b[key]; found {
			c.say("has %s", key)
		}
	}
	for _, key := range []string{"title", "description"} {
		if textAt(b, key) == "" {
			c.say("no %s", key)
		}
	}
}

// variables returns the values that variables have in queries.
func (c *boardChecker) variables(b object) map[string]string {
	vars := map[string]string{"datasource": "prometheus"}
	first := true
	for _, v := range listAt(b, "templating", "list") {
		name := textAt(v, "name")
		if first && (name != "datasource" || textAt(v, "type") != "datasource" || at(v, "query") != "prometheus") {
			c.say("the first variable is no data source")
		}
		if first {
			first = false
			continue
		}
		query := textAt(v, "query", "query")
		c.datasource(v, "variable "+name)
		if m := regexp.MustCompile(`^label_values\(([\w:]+), ([\w.]+)\)$`).FindStringSubmatch(query); m != nil {
			if m[2] != "cluster" && !c.labels[m[1]][m[2]] {
				c.say("variable %s: %s has no label %s", name, m[1], m[2])
			}
			vars[name] = ".*"
			continue
		}
		expr, ok := strings.CutPrefix(query, "query_result(")
		if !ok || !strings.HasSuffix(expr, ")") {
			c.say("variable %s: query %s", name, query)
			continue
		}
		result := c.query(strings.TrimSuffix(expr, ")"), "variable "+name, vars)
		regex, err := regexp.Compile(strings.Trim(textAt(v, "regex"), "/"))
		if err != nil {
			c.say("variable %s: %v", name, err)
			continue
		}
		for _, s := range result {
			if m := regex.FindStringSubmatch(asGrafanaShows(s.Metric)); len(m) == 2 {
				vars[name] = m[1]
			}
		}
		if len(result) > 0 && vars[name] == "" {
			c.say("variable %s finds no value in %s", name, result[0].Metric)
		}
	}
	return vars
}

// asGrafanaShows is a result as a variable's regular expression sees it.
func asGrafanaShows(l labels.Labels) string {
	var parts []string
	l.Range(func(l labels.Label) { parts = append(parts, l.Name+`="`+l.Value+`"`) })
	return "{" + strings.Join(parts, ",") + "} 0.5 1800000000000"
}

func (c *boardChecker) datasource(v any, of string) {
	if textAt(v, "datasource", "type") != "prometheus" || textAt(v, "datasource", "uid") != "${datasource}" {
		c.say("%s: data source %v", of, at(v, "datasource"))
	}
}

var usedVariable = regexp.MustCompile(`\$(\w+)|\$\{(\w+)[^}]*\}`)

// query parses a query, checks that it reads recorded series by labels that they have, and
// returns its result on the samples.
func (c *boardChecker) query(expr, of string, vars map[string]string) promql.Vector {
	expr = usedVariable.ReplaceAllStringFunc(expr, func(s string) string {
		m := usedVariable.FindStringSubmatch(s)
		value, ok := vars[m[1]+m[2]]
		if !ok {
			c.say("%s: there is no variable %s", of, s)
		}
		return value
	})
	e, err := promql.Parse(expr)
	if err != nil {
		c.say("%s: %v", of, err)
		return nil
	}
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			have := c.labels[n.Name]
			if have == nil && n.Name != "ALERTS" && n.Name != "slo:excluded:bool" {
				c.say("%s reads %s, which no rule records", of, n.Name)
				return nil
			}
			found := n.Name == "ALERTS" || n.Name == "slo:excluded:bool" || strings.Contains(n.String(), c.Label(plan.LabelWindow)+`="6h"`)
			for _, m := range n.LabelMatchers {
				if have != nil && !have[m.Name] && m.Value != "" && m.Value != ".*" {
					c.say("%s: %s has no label %s", of, n.Name, m.Name)
				}
				if m.Name == c.Label(plan.LabelID) && n.Name == "ALERTS" && m.Type == labels.MatchEqual && !c.has("slo:info", m) {
					c.say("%s: alerts of %s", of, m)
				}
			}
			if !found && !c.hasAll(n) {
				c.say("%s: %s finds nothing", of, n)
			}
		case *parser.AggregateExpr:
			for _, label := range n.Grouping {
				known := false
				parser.Inspect(n.Expr, func(n parser.Node, _ []parser.Node) error {
					if s, ok := n.(*parser.VectorSelector); ok {
						known = known || c.labels[s.Name][label] || s.Name == "ALERTS" || s.Name == "slo:excluded:bool"
					}
					return nil
				})
				if !known {
					c.say("%s: groups by %s, a label that %s has not", of, label, n.Expr)
				}
			}
		}
		return nil
	})
	result, err := c.engine.Instant(tContext, c.recorded, expr, sampledAt)
	if err != nil {
		c.say("%s: %v", of, err)
	}
	return result
}

func (c *boardChecker) has(name string, m *labels.Matcher) bool {
	for _, s := range c.recorded.ByHash {
		if s.Labels.Get(labels.MetricName) == name && m.Matches(s.Labels.Get(m.Name)) {
			return true
		}
	}
	return false
}

func (c *boardChecker) hasAll(n *parser.VectorSelector) bool {
	for _, s := range c.recorded.ByHash {
		if promql.Matches(n.LabelMatchers, s.Labels) {
			return true
		}
	}
	return false
}

var panelKinds = []string{"stat", "timeseries", "table", "state-timeline", "text", "row"}

// ownProperties are those of overrides that belong to a kind of panel; the others are in
// standardProperties.
var (
	standardProperties = []string{"unit", "decimals", "min", "max", "color", "thresholds", "mappings", "noValue", "displayName", "links"}
	ownProperties      = map[string][]string{
		"timeseries": {"lineWidth", "fillOpacity", "lineStyle", "lineInterpolation", "axisPlacement", "axisSoftMax", "axisSoftMin", "scaleDistribution", "thresholdsStyle", "drawStyle"},
		"table":      {"width", "minWidth", "cellOptions", "hideFrom"},
	}
	cellTypes = []string{"auto", "gauge", "color-background", "color-text"}
)

func (c *boardChecker) panel(p any, vars map[string]string) {
	of := fmt.Sprintf("%s (%v)", textAt(p, "title"), at(p, "id"))
	kind := textAt(p, "type")
	if !slices.Contains(panelKinds, kind) {
		c.say("%s: kind %q", of, kind)
	}
	if textAt(p, "title") == "" || (textAt(p, "description") == "") != (kind == "row") {
		c.say("%s: description %q", of, textAt(p, "description"))
	}
	for _, key := range []string{"error", "editable", "isNew", "span", "transparent", "renderer"} {
		if at(p, key) != nil {
			c.say("%s has %s", of, key)
		}
	}
	for _, l := range listAt(p, "links") {
		c.link(textAt(l, "url"), nil, vars)
	}
	targets := listAt(p, "targets")
	if kind == "row" || kind == "text" {
		return
	}
	c.datasource(p, of)
	if len(targets) == 0 {
		c.say("%s has no query", of)
	}
	refs, fields := map[string]bool{}, map[string]bool{}
	for _, target := range targets {
		c.datasource(target, of)
		ref := textAt(target, "refId")
		if refs[ref] || ref == "" {
			c.say("%s: refId %q twice", of, ref)
		}
		refs[ref] = true
		if (at(target, "instant") == true) == (at(target, "range") == true) {
			c.say("%s: query %s is neither instant nor range, or both", of, ref)
		}
		result := c.query(textAt(target, "expr"), of, vars)
		if (textAt(target, "format") == "table") != (kind == "table") {
			c.say("%s: format %q", of, textAt(target, "format"))
		}
		value := "Value"
		if len(targets) > 1 {
			value += " #" + ref
		}
		fields["Time"], fields[value] = true, true
		named := map[string]bool{}
		for _, s := range result {
			s.Metric.Range(func(l labels.Label) { fields[l.Name], named[l.Name] = true, true })
		}
		if named["service_dashboard"] { // it is slo:info
			fields[c.Label(plan.LabelTier)], fields[c.Label(plan.LabelOwner)] = true, true
		}
		for _, m := range regexp.MustCompile(`\{\{(.+?)\}\}`).FindAllStringSubmatch(textAt(target, "legendFormat"), -1) {
			if len(result) > 0 && !named[m[1]] {
				c.say("%s: its legend names %s, which %s has not", of, m[1], result[0].Metric)
			}
		}
	}
	shown := c.transformed(p, fields, of)
	c.fields(p, refs, shown, of)
	for _, o := range listAt(p, "fieldConfig", "overrides") {
		for _, property := range listAt(o, "properties") {
			if at(property, "id") == "links" {
				for _, l := range listAt(property, "value") {
					c.link(textAt(l, "url"), fields, vars)
				}
			}
		}
	}
	for _, calc := range append(listAt(p, "options", "reduceOptions", "calcs"), listAt(p, "options", "legend", "calcs")...) {
		if !slices.Contains(c.Reducers, calc.(string)) {
			c.say("%s: reducer %v", of, calc)
		}
	}
	for _, by := range listAt(p, "options", "sortBy") {
		if !shown[textAt(by, "displayName")] {
			c.say("%s is sorted by %v, which it has not", of, textAt(by, "displayName"))
		}
	}
	c.digits(p, of)
}

// transformed returns the names of fields that are drawn.
func (c *boardChecker) transformed(p any, fields map[string]bool, of string) map[string]bool {
	out := maps.Clone(fields)
	for _, t := range listAt(p, "transformations") {
		if !slices.Contains(c.Transformations, textAt(t, "id")) {
			c.say("%s: transformation %v", of, at(t, "id"))
		}
		for _, by := range listAt(t, "options", "sort") {
			if !out[textAt(by, "field")] {
				c.say("%s is sorted by %v, which it has not", of, textAt(by, "field"))
			}
		}
		for _, key := range []string{"excludeByName", "indexByName", "renameByName"} {
			named, _ := at(t, "options", key).(object)
			for field, to := range named {
				switch {
				case !fields[field]:
					c.say("%s: %s names %s, which no query returns: there are %v", of, key, field, slices.Sorted(maps.Keys(fields)))
				case key == "excludeByName":
					delete(out, field)
				case key == "renameByName":
					delete(out, field)
					out[to.(string)] = true
				}
			}
		}
	}
	return out
}

// fields checks the formats of values.
func (c *boardChecker) fields(p any, refs, shown map[string]bool, of string) {
	c.format(at(p, "fieldConfig", "defaults"), of)
	for _, o := range listAt(p, "fieldConfig", "overrides") {
		options := textAt(o, "matcher", "options")
		switch id := textAt(o, "matcher", "id"); {
		case !slices.Contains(c.Matchers, id):
			c.say("%s: matcher %q", of, id)
		case id == "byFrameRefID" && !refs[options], id == "byName" && !shown[options]:
			c.say("%s: an override of %s, which it has not", of, options)
		}
		for _, property := range listAt(o, "properties") {
			id := textAt(property, "id")
			if own, ok := strings.CutPrefix(id, "custom."); ok {
				if !slices.Contains(ownProperties[textAt(p, "type")], own) {
					c.say("%s: property %s", of, id)
				}
				if own == "cellOptions" && !slices.Contains(cellTypes, textAt(property, "value", "type")) {
					c.say("%s: cells %v", of, at(property, "value"))
				}
				continue
			}
			if !slices.Contains(standardProperties, id) {
				c.say("%s: property %s", of, id)
			}
			c.format(object{id: at(property, "value")}, of)
		}
	}
}

func (c *boardChecker) format(f any, of string) {
	if unit := textAt(f, "unit"); unit != "" && !slices.Contains(c.Units, unit) && !strings.HasPrefix(unit, "suffix:") && !strings.HasPrefix(unit, "time:") {
		c.say("%s: unit %q", of, unit)
	}
	if mode := textAt(f, "color", "mode"); at(f, "color") != nil && !slices.Contains(c.ColorModes, mode) {
		c.say("%s: colours by %q", of, mode)
	}
	last := math.Inf(-1)
	for i, s := range listAt(f, "thresholds", "steps") {
		value, ok := at(s, "value").(float64)
		if ok == (i == 0) || ok && value <= last {
			c.say("%s: step %d at %v after %v", of, i, at(s, "value"), last)
		}
		if ok {
			last = value
		}
	}
	if low, ok := at(f, "min").(float64); ok {
		if high, ok := at(f, "max").(float64); ok && high <= low {
			c.say("%s: from %v to %v", of, low, high)
		}
	}
}

// digits checks that a percentage near the objective is not rounded to it.
func (c *boardChecker) digits(p any, of string) {
	defaults := at(p, "fieldConfig", "defaults")
	if textAt(p, "type") != "stat" || textAt(defaults, "unit") != "percentunit" {
		return
	}
	decimals, ok := at(defaults, "decimals").(float64)
	if !ok {
		c.say("%s: no decimals for a percentage", of)
		return
	}
	for _, s := range listAt(defaults, "thresholds", "steps") {
		if value, ok := at(s, "value").(float64); ok && value < 1 {
			if shown, _ := strconv.ParseFloat(strconv.FormatFloat(100*value, 'f', int(decimals), 64), 64); math.Abs(shown-100*value) > 1e-9 {
				c.say("%s: %v decimals hide %v", of, decimals, value)
			}
		}
	}
}

// grid checks that panels lie within the grid and none on another.
func (c *boardChecker) grid(b object) {
	taken := map[[2]int]any{}
	for _, p := range listAt(b, "panels") {
		n := func(key string) int { f, _ := at(p, "gridPos", key).(float64); return int(f) }
		x, y, w, h := n("x"), n("y"), n("w"), n("h")
		if x < 0 || y < 0 || w <= 0 || h <= 0 || x+w > 24 {
			c.say("panel %v at %v", at(p, "id"), at(p, "gridPos"))
			continue
		}
		for i := x; i < x+w; i++ {
			for j := y; j < y+h; j++ {
				if other := taken[[2]int{i, j}]; other != nil {
					c.say("panels %v and %v overlap", other, at(p, "id"))
					return
				}
				taken[[2]int{i, j}] = at(p, "id")
			}
		}
	}
}

var ofField = regexp.MustCompile(`\$\{__data\.fields\.([\w.]+)\}`)

// link checks that a link within Grafana leads to a dashboard that there is.
func (c *boardChecker) link(address string, fields map[string]bool, vars map[string]string) {
	for _, m := range ofField.FindAllStringSubmatch(address, -1) {
		if !fields[m[1]] {
			c.say("a link names %s, which no query returns", m[1])
		}
	}
	rest := ofField.ReplaceAllString(address, "")
	for _, m := range usedVariable.FindAllStringSubmatch(rest, -1) {
		if _, ok := vars[m[1]+m[2]]; !ok {
			c.say("a link has the unknown variable %s", m[0])
		}
	}
	uid, ok := strings.CutPrefix(address, "/d/")
	if ok && !strings.Contains(uid, "$") && !c.uids[uid] {
		c.say("a link to %s, which is no dashboard", address)
	}
	if !ok && !strings.HasPrefix(address, "/explore?") && !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		c.say("a link to %q", address)
	}
}

// duplicateKey reads one value and returns a key that one of its objects has twice.
func duplicateKey(d *json.Decoder) string {
	token, err := d.Token()
	if err != nil {
		return ""
	}
	open, ok := token.(json.Delim)
	if !ok {
		return ""
	}
	seen := map[any]bool{}
	found := ""
	for d.More() {
		if open == '{' {
			key, _ := d.Token()
			if seen[key] {
				found = fmt.Sprint(key)
			}
			seen[key] = true
		}
		if key := duplicateKey(d); key != "" {
			found = key
		}
	}
	_, _ = d.Token()
	return found
}
