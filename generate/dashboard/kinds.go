package dashboard

import (
	"strings"

	"github.com/promslo/promslo/generate/promql"
)

// newPanel starts a panel that has data.
func newPanel(kind, title, description string, f field, targets ...target) panel {
	if f.Mappings == nil {
		f.Mappings = []mapping{}
	}
	for i := range targets {
		targets[i].RefID = string(rune('A' + i))
	}
	var p panel
	p.Type, p.Title, p.Description = kind, title, &description
	p.Datasource = prometheus()
	p.PluginVersion = pluginVersion
	p.Targets = targets
	p.FieldConfig = &fieldConfig{Defaults: f, Overrides: []override{}}
	return p
}

// latest asks for the value at the end of the range only.
func latest(e promql.Expr) target {
	return target{Datasource: prometheus(), Expr: text(e), Instant: true}
}

// series asks for values over the range.
func series(e promql.Expr, legend string) target {
	return target{Datasource: prometheus(), Expr: text(e), Range: true, LegendFormat: legend}
}

// variableMark stands for the dollar of a variable in the value of a matcher: no text of a
// spec has such a character, as names have none.
const variableMark = "\x00"

// text prints an expression so that Grafana finds no variable in it but ours. Outside of
// quoted strings PromQL has neither `$` nor `[[`; within, both can be escaped.
func text(e promql.Expr) string {
	return strings.NewReplacer("$", `\x24`, "[[", `\x5b[`, `\x00`, "$").Replace(e.String())
}

// atLeast draws what is less than a value there. A logarithmic axis has no 0, and Grafana draws
// a line below that of one which is linear near 0 (symlog).
func atLeast(value float64, e promql.Expr) promql.Expr {
	return promql.Call("clamp_min", e, promql.Number(value))
}

// logarithmic is an axis whose field has a minimum. Grafana knows no soft maximum of it.
func logarithmic() *distribution { return &distribution{Type: "log", Log: 10} }

type statOptions struct {
	ReduceOptions reduce `json:"reduceOptions"`
	Orientation   string `json:"orientation"`
	TextMode      string `json:"textMode"`
	ColorMode     string `json:"colorMode"`
	GraphMode     string `json:"graphMode"`
	JustifyMode   string `json:"justifyMode"`
	WideLayout    bool   `json:"wideLayout"`

	Text *textSize `json:"text,omitempty"`

	ShowPercentChange      bool   `json:"showPercentChange"`
	PercentChangeColorMode string `json:"percentChangeColorMode"`
}

// textSize is in pixels; what is left out fits the panel.
type textSize struct {
	TitleSize int `json:"titleSize,omitempty"`
	ValueSize int `json:"valueSize,omitempty"`
}

type reduce struct {
	Calcs  []string `json:"calcs"`
	Fields string   `json:"fields"`
	Values bool     `json:"values"`
}

// stat shows one value. Paint says what takes the threshold's colour: "value",
// "background" or "none".
func stat(title, description, paint string, f field, t target) panel {
	p := newPanel("stat", title, description, f, t)
	graph := "none"
	if t.Range {
		graph = "area"
	}
	p.Options = statOptions{
		ReduceOptions: reduce{Calcs: []string{"lastNotNull"}},
		Orientation:   "auto", TextMode: "value", ColorMode: paint, GraphMode: graph, JustifyMode: "center", WideLayout: true,
		PercentChangeColorMode: "standard",
	}
	return p
}

type graphOptions struct {
	Legend  legend  `json:"legend"`
	Tooltip tooltip `json:"tooltip"`
}

type legend struct {
	Calcs       []string `json:"calcs"`
	DisplayMode string   `json:"displayMode"`
	Placement   string   `json:"placement"`
	ShowLegend  bool     `json:"showLegend"`
	SortBy      string   `json:"sortBy,omitempty"`
	SortDesc    bool     `json:"sortDesc,omitempty"`
}

type tooltip struct {
	Mode string `json:"mode"`
	Sort string `json:"sort"`
}

// graph draws values over time, with a legend of one line below.
func graph(title, description string, f field, targets ...target) panel {
	p := newPanel("timeseries", title, description, f, targets...)
	p.Options = graphOptions{
		Legend:  legend{Calcs: []string{}, DisplayMode: "list", Placement: "bottom", ShowLegend: true},
		Tooltip: tooltip{Mode: "multi", Sort: "desc"},
	}
	return p
}

// textPanel shows Markdown, which must be safe already.
func textPanel(title, description, content string) panel {
	type options struct {
		Mode    string `json:"mode"`
		Content string `json:"content"`
	}
	var p panel
	p.Type, p.Title, p.Description = "text", title, &description
	p.PluginVersion = pluginVersion
	p.Options = options{Mode: "markdown", Content: content}
	return p
}

func ptr[T any](v T) *T { return &v }
