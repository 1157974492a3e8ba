package dashboard

import "github.com/grafana-tools/sdk"

// pluginVersion keeps Grafana from running the migrations of the angular panels
// on ours: a panel without it counts as one of version 6.1.
const pluginVersion = "12.0.0"

// panel is the SDK's common part without its legacy fields, and the parts that
// the SDK does not know or knows only as they were years ago.
type panel struct {
	sdk.CommonPanel

	Editable    removedField `json:"editable,omitempty"`
	Error       removedField `json:"error,omitempty"`
	IsNew       removedField `json:"isNew,omitempty"`
	Span        removedField `json:"span,omitempty"`
	Transparent removedField `json:"transparent,omitempty"`

	PluginVersion string       `json:"pluginVersion,omitempty"`
	TimeFrom      string       `json:"timeFrom,omitempty"` // shown instead of the dashboard's range, unless that is absolute
	Targets       []target     `json:"targets,omitempty"`
	FieldConfig   *fieldConfig `json:"fieldConfig,omitempty"`
	Options       any          `json:"options,omitempty"`

	Links           []link           `json:"links,omitempty"`
	Transformations []transformation `json:"transformations,omitempty"`

	// Rows only.
	Collapsed *bool   `json:"collapsed,omitempty"`
	Panels    []panel `json:"panels,omitzero"`
}

type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

func prometheus() source { return source{Type: "prometheus", UID: "${datasource}"} }

type target struct {
	Datasource   source `json:"datasource"`
	Expr         string `json:"expr"`
	Format       string `json:"format,omitempty"`
	Instant      bool   `json:"instant,omitempty"`
	Range        bool   `json:"range,omitempty"`
	LegendFormat string `json:"legendFormat,omitempty"`
	RefID        string `json:"refId"`
}

type fieldConfig struct {
	Defaults  field      `json:"defaults"`
	Overrides []override `json:"overrides"`
}

// field is the format and colour of values.
type field struct {
	Unit       string      `json:"unit,omitempty"`
	Decimals   *int        `json:"decimals,omitempty"`
	Min        *float64    `json:"min,omitempty"`
	Max        *float64    `json:"max,omitempty"`
	NoValue    string      `json:"noValue,omitempty"`
	Color      *color      `json:"color,omitempty"`
	Mappings   []mapping   `json:"mappings"`
	Thresholds *thresholds `json:"thresholds,omitempty"`
	Custom     any         `json:"custom,omitempty"`
}

type color struct {
	Mode       string `json:"mode"`
	FixedColor string `json:"fixedColor,omitempty"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

// step is a colour and the value from which it applies; the first has none.
type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

func from(value float64, color string) step { return step{Color: color, Value: &value} }

// scale colours values: base below the first step.
func scale(base string, steps ...step) *thresholds {
	return &thresholds{Mode: "absolute", Steps: append([]step{{Color: base}}, steps...)}
}

// mapping writes a text in place of a value.
type mapping struct {
	Type    string `json:"type"` // value, range, special
	Options any    `json:"options"`
}

type displayText struct {
	Color string `json:"color"`
	Index int    `json:"index"`
	Text  string `json:"text"`
}

// noDataMapping writes text for NaN and for no value at all. noValue does the latter
// too, but in the colour of the lowest threshold: "no events" in red.
func noDataMapping(text string) mapping {
	type options struct {
		Match  string      `json:"match"`
		Result displayText `json:"result"`
	}
	return mapping{Type: "special", Options: options{Match: "null+nan", Result: displayText{Color: "text", Index: 9, Text: text}}}
}

// rangeMapping maps values from a bound up to and including +Inf.
func rangeMapping(bound float64, result displayText) mapping {
	type options struct {
		From   float64     `json:"from"`
		To     *float64    `json:"to"`
		Result displayText `json:"result"`
	}
	return mapping{Type: "range", Options: options{From: bound, Result: result}}
}

// valueMapping maps single values.
func valueMapping(results map[string]displayText) mapping {
	return mapping{Type: "value", Options: results}
}

// dataLink leads from a value to a page about it.
type dataLink struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	TargetBlank bool   `json:"targetBlank,omitempty"`
}

// transformation changes what queries returned before it is drawn.
type transformation struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

// lines is how a time series is drawn. Grafana fills in what is left out.
type lines struct {
	DrawStyle         string        `json:"drawStyle,omitempty"`
	LineWidth         int           `json:"lineWidth,omitempty"`
	FillOpacity       int           `json:"fillOpacity,omitempty"`
	GradientMode      string        `json:"gradientMode,omitempty"`
	LineInterpolation string        `json:"lineInterpolation,omitempty"`
	ShowPoints        string        `json:"showPoints,omitempty"`
	AxisSoftMin       *float64      `json:"axisSoftMin,omitempty"`
	Stacking          *stacking     `json:"stacking,omitempty"`
	ScaleDistribution *distribution `json:"scaleDistribution,omitempty"`
	ThresholdsStyle   *drawn        `json:"thresholdsStyle,omitempty"`
}

type stacking struct {
	Mode  string `json:"mode"`
	Group string `json:"group"`
}

type distribution struct {
	Type string `json:"type"`
	Log  int    `json:"log,omitempty"`
}

type drawn struct {
	Mode string `json:"mode"`
}

// override changes the field of one target.
type override struct {
	Matcher    matcher    `json:"matcher"`
	Properties []property `json:"properties"`
}

type matcher struct {
	ID      string `json:"id"`
	Options string `json:"options"`
}

type property struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

func of(refID string, properties ...property) override {
	return override{Matcher: matcher{ID: "byFrameRefID", Options: refID}, Properties: properties}
}

// column changes a column of a table, by the name that it is shown with.
func column(name string, properties ...property) override {
	return override{Matcher: matcher{ID: "byName", Options: name}, Properties: properties}
}

func colored(name string) property {
	return property{ID: "color", Value: color{Mode: "fixed", FixedColor: name}}
}

func dashed() property {
	type lineStyle struct {
		Fill string `json:"fill"`
		Dash []int  `json:"dash"`
	}
	return property{ID: "custom.lineStyle", Value: lineStyle{Fill: "dash", Dash: []int{10, 10}}}
}
