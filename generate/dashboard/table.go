package dashboard

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// cell is a column of the table of SLOs, in the order in which they stand.
type cell struct {
	of         string // label of slo:info; empty: the value of query
	query      promql.Expr
	name       string
	width      int
	properties []property
}

type tableOptions struct {
	FrameIndex int      `json:"frameIndex"`
	ShowHeader bool     `json:"showHeader"`
	CellHeight string   `json:"cellHeight"`
	SortBy     []sortBy `json:"sortBy"`
}

type sortBy struct {
	DisplayName string `json:"displayName"`
	Desc        bool   `json:"desc"`
}

// leastBudget sorts rows, those with the least budget first.
func leastBudget() transformation {
	return transformation{ID: "sortBy", Options: map[string]any{"fields": empty{}, "sort": []map[string]string{{"field": "Budget left"}}}}
}

// cells is how the cells of a table are drawn where a column does not say.
func cells() map[string]any {
	return map[string]any{"align": "auto", "filterable": true, "inspect": false, "cellOptions": map[string]string{"type": "auto"}}
}

// identityLabels are those of slo:info that the table shows or links by.
func identityLabels(s selection) []string {
	return []string{s.Label(plan.LabelID), s.Label(plan.LabelService), s.Label(plan.LabelName), s.Label(plan.LabelTier), s.Label(plan.LabelOwner), "window", "objective", plan.LabelDashboard, plan.LabelServiceDashboard}
}

// hidden columns hold what links need.
func hidden() property {
	return property{ID: "custom.hideFrom", Value: map[string]bool{"viz": true, "legend": true, "tooltip": true}}
}

func linked(title, address string) property {
	return property{ID: "links", Value: []dataLink{{Title: title, URL: address}}}
}

func number(unit string, decimals int) []property {
	return []property{{ID: "unit", Value: unit}, {ID: "decimals", Value: decimals}}
}

// columnsOf are the columns of a table of the SLOs that a selection finds. What matters most
// comes first: at 900 pixels there is room for half of them.
func columnsOf(s selection) []cell {
	gauge := map[string]any{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}
	background := map[string]any{"type": "color-background", "mode": "basic"}
	remaining := s.min(plan.BudgetRemaining)
	return []cell{
		{query: stateOf(s), name: "State", width: 95, properties: []property{{ID: "mappings", Value: stateMappings()}, {ID: "thresholds", Value: stateScale()}, {ID: "custom.cellOptions", Value: background}}},
		{of: s.Label(plan.LabelService), name: "Service", width: 130, properties: []property{linked("Overview of the service", "/d/${__data.fields."+plan.LabelServiceDashboard+"}?${datasource:queryparam}")}},
		{of: s.Label(plan.LabelName), name: "SLO", properties: []property{linked("Page of the SLO", "/d/${__data.fields."+plan.LabelDashboard+"}?${datasource:queryparam}")}},
		{query: remaining, name: "Budget left", width: 150, properties: append(number("percentunit", 1), property{ID: "min", Value: 0}, property{ID: "max", Value: 1}, property{ID: "thresholds", Value: budgetScale(nil)}, property{ID: "custom.cellOptions", Value: gauge})},
		{query: s.over1h(), name: "Burn 1h", width: 80, properties: append(number("suffix:×", 2), property{ID: "noValue", Value: "no events"})},
		{query: lasting(s), name: "Budget lasts", width: 100, properties: append(number("s", 1), property{ID: "mappings", Value: []mapping{valueMapping(map[string]displayText{"0": {Color: "dark-red", Text: "spent"}})}}, property{ID: "noValue", Value: "not burning"})},
		{query: s.min(plan.SLIRatio), name: "Good", width: 95, properties: append(number("percentunit", 4), property{ID: "noValue", Value: "no events"})},
		{of: "objective", name: "Objective %", width: 90},
		{of: "window", name: "Window", width: 75},
		{of: s.Label(plan.LabelTier), name: "Tier", width: 60},
		{of: s.Label(plan.LabelOwner), name: "Owner"},
		{query: s.min(plan.Coverage), name: "Measured", width: 85, properties: number("percentunit", 0)},
		{of: s.Label(plan.LabelID), properties: []property{hidden()}},
		{of: plan.LabelDashboard, properties: []property{hidden()}},
		{of: plan.LabelServiceDashboard, properties: []property{hidden()}},
	}
}

// over1h is the burn rate of the last hour.
func (s selection) over1h() promql.Expr {
	return s.max(plan.BurnRate, promql.Equal(s.Label(plan.LabelWindow), plan.Duration(time.Hour)))
}

// lasting is in how many seconds the budget is spent if the last hour goes on; 0 where it is,
// and nothing where nothing burns.
func lasting(s selection) promql.Expr {
	left := promql.Call("clamp_min", s.min(plan.BudgetRemaining), promql.Number(0))
	burning := promql.Op(s.over1h(), parser.GTR, promql.Number(0))
	seconds := promql.Op(promql.Op(left, parser.MUL, s.max(plan.PeriodSeconds), promql.On(s.by...)), parser.DIV, burning, promql.On(s.by...))
	spent := promql.Op(promql.Number(0), parser.MUL, promql.Op(s.min(plan.BudgetRemaining), parser.LTE, promql.Number(0)))
	return promql.Op(spent, parser.LOR, seconds)
}

// table lists the SLOs that a selection finds, those with the least budget first.
func table(s selection, title string) panel {
	info := s
	info.by = identityLabels(s)
	infos := latest(promql.Max(info.series(plan.Info), info.by...))
	infos.Format = "table"
	targets := []target{infos}
	type organized struct {
		ExcludeByName map[string]bool   `json:"excludeByName"`
		IndexByName   map[string]int    `json:"indexByName"`
		RenameByName  map[string]string `json:"renameByName"`
	}
	order := organized{map[string]bool{"Time": true, "Value #A": true}, map[string]int{}, map[string]string{}}
	var overrides []override
	for i, c := range columnsOf(s) {
		field := c.of
		if c.query != nil {
			t := latest(c.query)
			t.Format = "table"
			targets = append(targets, t)
			field = "Value #" + string(rune('A'+len(targets)-1))
		}
		order.IndexByName[field] = i
		shown := field
		if c.name != "" {
			order.RenameByName[field] = c.name
			shown = c.name
		}
		properties := c.properties
		if c.width > 0 {
			properties = append([]property{{ID: "custom.width", Value: c.width}}, properties...)
		}
		if len(properties) > 0 {
			overrides = append(overrides, column(shown, properties...))
		}
	}
	p := newPanel("table", title, fmt.Sprintf("SLOs, the least budget first. Of groups, clusters and pairs of servers the worst counts. %s", statesText()),
		field{NoValue: "no data", Custom: cells()}, targets...)
	p.FieldConfig.Overrides = overrides
	p.Options = tableOptions{ShowHeader: true, CellHeight: "sm", SortBy: []sortBy{}}
	p.Transformations = []transformation{{ID: "merge", Options: empty{}}, {ID: "organize", Options: order}, leastBudget()}
	return p
}
