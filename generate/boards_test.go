package generate_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/testdata"
)

var tContext = context.Background()

// grafanaSchemas are those of npm @grafana/schema, by "dashboard" and by kind of panel with
// "/options" or "/custom".
var grafanaSchemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	f, err := os.Open(filepath.Join(testdata.Dir(), "grafana", "schema.json"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		return nil, err
	}
	out := map[string]*jsonschema.Schema{}
	compile := func(name string, schema any) error {
		c := jsonschema.NewCompiler()
		if err := c.AddResource("mem://"+name, schema); err != nil {
			return err
		}
		compiled, err := c.Compile("mem://" + name)
		out[name] = compiled
		return err
	}
	for name, v := range doc.(object) {
		parts, ok := v.(object)
		if !ok {
			continue // where it comes from
		}
		if parts["$schema"] != nil {
			if err := compile(name, parts); err != nil {
				return nil, err
			}
			continue
		}
		for part, schema := range parts {
			if err := compile(name+"/"+part, schema); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
})

// schema checks a dashboard against Grafana's own schema.
func (c *boardChecker) schema(b object) {
	schemas, err := grafanaSchemas()
	if err != nil {
		c.say("%v", err)
		return
	}
	validate := func(name, of string, v any) {
		schema := schemas[name]
		if schema == nil || v == nil {
			return
		}
		if err := schema.Validate(v); err != nil {
			c.say("%s: %s: %v", of, name, err)
		}
	}
	validate("dashboard", "dashboard", withoutQueries(b))
	for _, p := range listAt(b, "panels") {
		kind := textAt(p, "type")
		validate(kind+"/options", textAt(p, "title"), at(p, "options"))
		validate(kind+"/custom", textAt(p, "title"), at(p, "fieldConfig", "defaults", "custom"))
		custom, _ := at(p, "fieldConfig", "defaults", "custom").(object)
		if custom = maps.Clone(custom); custom == nil {
			continue
		}
		for _, o := range listAt(p, "fieldConfig", "overrides") {
			for _, property := range listAt(o, "properties") {
				if own, ok := strings.CutPrefix(textAt(property, "id"), "custom."); ok {
					custom[own] = at(property, "value")
					validate(kind+"/custom", textAt(p, "title"), custom)
				}
			}
		}
	}
}

// withoutQueries leaves out what annotations have of their data source's own, of which
// Grafana's schema knows nothing.
func withoutQueries(b object) object {
	b = maps.Clone(b)
	var list []any
	for _, a := range listAt(b, "annotations", "list") {
		a := maps.Clone(a.(object))
		for _, own := range []string{"expr", "target", "titleFormat", "textFormat", "tagKeys"} {
			delete(a, own)
		}
		list = append(list, a)
	}
	if list != nil {
		b["annotations"] = object{"list": list}
	}
	return b
}

// dashboardsOf are the dashboards among the files of a tree, by name.
func dashboardsOf(made map[string][]byte) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(made)) {
		if strings.HasPrefix(name, "dashboards/") {
			names = append(names, name)
		}
	}
	return names
}

// TestDashboards: Grafana takes each dashboard, and each query reads what rules record.
func TestDashboards(t *testing.T) {
	for _, tree := range []string{"promises", "monorepo", "shop", "field", "otel", "house", "pictures/specs"} {
		t.Run(tree, func(t *testing.T) {
			t.Parallel()
			project, specs := inputs(t, tree)
			made := files(t, project, specs, 0, generate.Rules, generate.Dashboards)
			c := newBoardChecker(t, project, made)
			for _, name := range dashboardsOf(made) {
				for _, problem := range c.check(made[name]) {
					t.Errorf("%s: %s", name, problem)
				}
				if size := len(made[name]); size > 60_000 && name != "dashboards/accounts.regions.json" { // which ten labels split
					t.Errorf("%s has %d bytes", name, size)
				}
			}
		})
	}
}

// mistakes are single ones, each of which must be seen.
var mistakes = map[string]struct {
	board  string // shop.paging unless given
	change func(b object)
}{
	"an unknown field of the dashboard":              {change: set("x", "rowz")},
	"an old schema":                                  {change: set(36.0, "schemaVersion")},
	"a dashboard that can be edited":                 {change: set(true, "editable")},
	"inputs of an export":                            {change: set([]any{}, "__inputs")},
	"a uid that is too long":                         {change: set(strings.Repeat("x", 41), "uid")},
	"no tag":                                         {change: set([]any{}, "tags")},
	"no description":                                 {change: panelSet("Budget left", nil, "description")},
	"a kind of panel that is gone":                   {change: panelSet("Budget left", "singlestat", "type")},
	"an id twice":                                    {change: panelSet("Budget left", 1.0, "id")},
	"panels that overlap":                            {change: panelSet("Budget left", 0.0, "gridPos", "x")},
	"a panel beside the grid":                        {change: panelSet("Budget left", 22.0, "gridPos", "x")},
	"a data source of an import":                     {change: panelSet("Budget left", "${DS_PROMETHEUS}", "datasource", "uid")},
	"the data source of a query":                     {change: targetSet("Budget left", "abc", "datasource", "uid")},
	"a query that does not parse":                    {change: targetSet("Budget left", "min(", "expr")},
	"a metric that no rule records":                  {change: replace("Budget left", "slo:error_budget_remaining:ratio", "slo:budget:ratio")},
	"an SLO that there is not":                       {change: replace("Budget left", "shop/paging", "shop/pagin")},
	"a window that is not recorded":                  {change: replace("Good over 30d", "min(", `min(0 * slo:sli:ratio{slo_window="29d"} or `)},
	"a label that the rules do not give":             {change: replace("Budget left", "slo_id=", `tier="P0",slo_id=`)},
	"a grouping by a label that is not there":        {board: "_fleet", change: replace("SLOs", "by (slo_id)", "by (slo)")},
	"a variable that is not declared":                {change: replace("Budget left", "$cluster", "$clusters")},
	"a refId twice":                                  {change: targetsSame("Budget lasts")},
	"a query that is neither instant nor range":      {change: targetSet("Budget left", nil, "instant")},
	"a legend of a label that is not there":          {board: "shop", change: targetSet("Budget left", "{{slo}}", "legendFormat")},
	"an unknown unit":                                {change: panelSet("Budget left", "percentunits", "fieldConfig", "defaults", "unit")},
	"decimals that hide the objective":               {change: panelSet("Good over 30d", 0.0, "fieldConfig", "defaults", "decimals")},
	"no decimals":                                    {change: panelSet("Good over 30d", nil, "fieldConfig", "defaults", "decimals")},
	"an unknown reducer":                             {change: panelSet("Budget left", []any{"latest"}, "options", "reduceOptions", "calcs")},
	"an unknown colour mode":                         {change: panelSet("Events per second", "palette", "fieldConfig", "defaults", "color", "mode")},
	"an unknown option":                              {change: panelSet("Budget left", true, "options", "sparkline")},
	"an option of a wrong type":                      {change: panelSet("Budget left", "yes", "options", "wideLayout")},
	"an unknown draw style":                          {change: panelSet("Events per second", "area", "fieldConfig", "defaults", "custom", "drawStyle")},
	"an unknown property of a field":                 {change: panelSet("Events per second", 1.0, "fieldConfig", "defaults", "custom", "lineSize")},
	"thresholds that descend":                        {change: stepsReversed("Budget left")},
	"an override of an absent query":                 {change: overrideSet("Events per second", "Z", "matcher", "options")},
	"an override by an unknown matcher":              {change: overrideSet("Events per second", "byRef", "matcher", "id")},
	"an override of an unknown property":             {change: overrideSet("Events per second", []any{object{"id": "custom.lineSize", "value": 1.0}}, "properties")},
	"an override of an absent column":                {board: "_fleet", change: overrideSet("SLOs", "Stat", "matcher", "options")},
	"an unknown transformation":                      {board: "_fleet", change: transformationSet(0, "mergeAll", "id")},
	"a column of a transformation that is not there": {board: "_fleet", change: transformationSet(1, object{"Value #Z": "Good"}, "options", "renameByName")},
	"a table sorted by an absent column":             {board: "_fleet", change: transformationSet(2, []any{object{"field": "Budget"}}, "options", "sort")},
	"a query of a table in the format of series":     {board: "_fleet", change: targetSet("SLOs", nil, "format")},
	"a link to no dashboard":                         {change: func(b object) { listAt(b, "links")[0].(object)["url"] = "/d/slo-nothing" }},
	"a link by an absent column":                     {board: "_fleet", change: replaceAll("__data.fields.dashboard", "__data.fields.page")},
	"a variable of a label that slo:info has not":    {board: "_fleet", change: replaceAll("label_values(slo:info, owner)", "label_values(slo:info, team)")},
}

func TestDashboardMistakes(t *testing.T) {
	project, specs := inputs(t, "pictures/specs")
	made := files(t, project, specs, 0, generate.Rules, generate.Dashboards)
	c := newBoardChecker(t, project, made)
	for what, m := range mistakes {
		if m.board == "" {
			m.board = "shop.paging"
		}
		data := made["dashboards/"+m.board+".json"]
		var b object
		if err := json.Unmarshal(data, &b); err != nil {
			t.Fatal(err)
		}
		before, _ := json.Marshal(b)
		m.change(b)
		after, _ := json.Marshal(b)
		if string(before) == string(after) {
			t.Errorf("%s: nothing was changed", what)
		}
		found := c.check(after)
		if len(found) == 0 {
			t.Errorf("%s is not seen", what)
		}
		t.Logf("%s: %q", what, found)
	}
	// One that decoded JSON cannot have.
	twice := strings.Replace(string(made["dashboards/shop.paging.json"]), `"editable": false`, `"editable": false, "editable": false`, 1)
	if len(c.check([]byte(twice))) == 0 {
		t.Error("a key twice is not seen")
	}
}

// set changes a field of an object, or removes it.
func set(value any, path ...string) func(object) {
	return func(b object) {
		for _, key := range path[:len(path)-1] {
			b = b[key].(object)
		}
		if last := path[len(path)-1]; value == nil {
			delete(b, last)
		} else {
			b[last] = value
		}
	}
}

// inPanel changes the panel with a title.
func inPanel(title string, change func(object)) func(object) {
	return func(b object) {
		for _, p := range listAt(b, "panels") {
			if textAt(p, "title") == title {
				change(p.(object))
			}
		}
	}
}

func panelSet(title string, value any, path ...string) func(object) {
	return inPanel(title, set(value, path...))
}

func targetSet(title string, value any, path ...string) func(object) {
	return inPanel(title, func(p object) { set(value, path...)(listAt(p, "targets")[0].(object)) })
}

func overrideSet(title string, value any, path ...string) func(object) {
	return inPanel(title, func(p object) { set(value, path...)(listAt(p, "fieldConfig", "overrides")[0].(object)) })
}

func transformationSet(n int, value any, path ...string) func(object) {
	return inPanel("SLOs", func(p object) {
		if textAt(p, "type") == "table" {
			set(value, path...)(listAt(p, "transformations")[n].(object))
		}
	})
}

func targetsSame(title string) func(object) {
	return inPanel(title, func(p object) { listAt(p, "targets")[1].(object)["refId"] = "A" })
}

func stepsReversed(title string) func(object) {
	return inPanel(title, func(p object) { slices.Reverse(listAt(p, "fieldConfig", "defaults", "thresholds", "steps")[1:]) })
}

func replace(title, old, with string) func(object) {
	return inPanel(title, func(p object) {
		for _, target := range listAt(p, "targets") {
			target.(object)["expr"] = strings.ReplaceAll(textAt(target, "expr"), old, with)
		}
	})
}

func replaceAll(old, with string) func(object) {
	return func(b object) {
		data, _ := json.Marshal(b)
		clear(b)
		_ = json.Unmarshal([]byte(strings.ReplaceAll(string(data), old, with)), &b)
	}
}
