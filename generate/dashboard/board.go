package dashboard

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/grafana-tools/sdk"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

// schemaVersion is the last of Grafana's dashboard API v1.
const schemaVersion = 42

// removedField hides a field of the SDK that Grafana no longer knows: of two fields
// with one JSON name encoding/json takes the outer, and omits it when nil.
type removedField = *struct{}

// empty is {}.
type empty struct{}

// board is the SDK's envelope without its legacy fields and with what it lacks.
type board struct {
	sdk.Board

	Slug            removedField `json:"slug,omitempty"`
	OriginalTitle   removedField `json:"originalTitle,omitempty"`
	Style           removedField `json:"style,omitempty"`
	HideControls    removedField `json:"hideControls,omitempty"`
	SharedCrosshair removedField `json:"sharedCrosshair,omitempty"`
	Rows            removedField `json:"rows,omitempty"`
	Version         removedField `json:"version,omitempty"` // counted by the server

	Description string      `json:"description"`
	Timepicker  empty       `json:"timepicker"`
	Links       []link      `json:"links"`
	Panels      []panel     `json:"panels"`
	Templating  list        `json:"templating"`
	Annotations annotations `json:"annotations"`
}

type list struct {
	List []variable `json:"list"`
}

// variable is a template variable.
type variable struct {
	sdk.TemplateVar

	AllFormat   removedField `json:"allFormat,omitempty"`
	MultiFormat removedField `json:"multiFormat,omitempty"`
	AllValue    removedField `json:"allValue,omitempty"`
	Datasource  removedField `json:"datasource,omitempty"`
	Sort        removedField `json:"sort,omitempty"`

	Refresh int          `json:"refresh"`
	Options []sdk.Option `json:"options"`
	Current sdk.Option   `json:"current"`
}

type annotations struct {
	List []annotation `json:"list"`
}

// annotation marks spans of time in every panel.
type annotation struct {
	sdk.Annotation

	ShowLine  removedField `json:"showLine,omitempty"`
	LineColor removedField `json:"lineColor,omitempty"`
	IconSize  removedField `json:"iconSize,omitempty"`
	Query     removedField `json:"query,omitempty"`
	Step      removedField `json:"step,omitempty"`
	TextField removedField `json:"textField,omitempty"`
	TagsField removedField `json:"tagsField,omitempty"`
	Tags      removedField `json:"tags,omitempty"`
	Type      removedField `json:"type,omitempty"`

	// Grafana up to 11 reads Expr, later versions read Target.
	Target target `json:"target"`
}

// link is a link in the dashboard's head. Grafana wants every field.
type link struct {
	sdk.Link

	AsDropdown  bool     `json:"asDropdown"`
	Icon        string   `json:"icon"`
	KeepTime    bool     `json:"keepTime"`
	Tags        []string `json:"tags"`
	TargetBlank bool     `json:"targetBlank"`
	Tooltip     string   `json:"tooltip"`
	URL         string   `json:"url"`
}

// tag is on every dashboard of promslo, and finds the others.
const tag = "promslo"

// newBoard lays out one section per SLO. Only the first is open: the queries of
// a closed one are not sent, which is what makes a hundred SLOs bearable.
func newBoard(s plan.Service, generated string) board {
	b := board{
		Board: sdk.Board{
			UID:           plan.DashboardUID(s.Name),
			Title:         "SLOs: " + escapeTitle(s.Name),
			Tags:          []string{tag},
			Timezone:      "browser",
			Refresh:       &sdk.BoolString{Value: "1m"},
			SchemaVersion: schemaVersion,
			Time:          sdk.Time{From: "now-24h", To: "now"},
			GraphTooltip:  1, // one crosshair through all panels
		},
		Description: generated,
		Links:       links(s),
		Panels:      []panel{},
		Templating: list{List: []variable{{
			TemplateVar: sdk.TemplateVar{Name: "datasource", Label: "Data source", Type: "datasource", Query: "prometheus"},
			Refresh:     1,
			Options:     []sdk.Option{},
			// Grafana's own default if that is a Prometheus, else the first one that is.
			Current: sdk.Option{Text: "default", Value: "default"},
		}}},
		Annotations: annotations{List: []annotation{
			alertAnnotation(s, plan.Page, "red"),
			alertAnnotation(s, plan.Ticket, "orange"),
		}},
	}
	if s.Tier != "" {
		b.Tags = append(b.Tags, s.Tier)
	}
	y := 0
	for i, slo := range s.SLOs {
		row, body := section(s, slo, generated, uint(i), y)
		if i == 0 {
			b.Panels = append(append(b.Panels, row), body.panels...)
			y = body.bottom()
			continue
		}
		closed := true
		row.Collapsed, row.Panels = &closed, body.panels
		b.Panels = append(b.Panels, row)
		y++
	}
	return b
}

// links lead to the dashboards of the other services and to the runbook.
func links(s plan.Service) []link {
	out := []link{{
		Link:       sdk.Link{Title: "SLO dashboards", Type: "dashboards"},
		AsDropdown: true, KeepTime: true, Tags: []string{tag}, Icon: "external link",
		Tooltip: "SLO dashboards of all services",
	}}
	if address, ok := markdown.URL(s.Contacts["runbook"]); ok {
		out = append(out, link{
			Link: sdk.Link{Title: "Runbook", Type: "link"},
			Icon: "doc", TargetBlank: true, Tags: []string{}, URL: address,
			Tooltip: "What to do when an alert fires",
		})
	}
	return out
}

// alertAnnotation marks the time during which alerts of a severity fire.
func alertAnnotation(s plan.Service, severity plan.Severity, color string) annotation {
	ids := regexp.QuoteMeta(s.Name) + "/.+"
	for _, slo := range s.SLOs {
		if !strings.HasPrefix(slo.ID, s.Name+"/") {
			ids += "|" + regexp.QuoteMeta(slo.ID)
		}
	}
	ofService := labels.MustNewMatcher(labels.MatchRegexp, plan.LabelID, ids)
	e := text(firing(severity.Label(s.Severities), ofService))
	return annotation{
		Annotation: sdk.Annotation{
			Name: fmt.Sprintf("%ss", title(severity)), Datasource: prometheus(), Enable: true, IconColor: color, Expr: e,
			TitleFormat: title(severity), TextFormat: "{{" + plan.LabelID + "}}", TagKeys: plan.LabelID,
		},
		Target: target{Datasource: prometheus(), Expr: e, RefID: "Anno", Range: true},
	}
}

// firing selects the firing alerts of a severity.
func firing(severity string, of *promql.Matcher) promql.Expr {
	return promql.Selector("ALERTS", promql.Equal("alertstate", "firing"), promql.Equal(plan.LabelSeverity, severity), of)
}
