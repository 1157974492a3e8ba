package dashboard

import (
	"github.com/grafana-tools/sdk"
	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
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

	Query      any          `json:"query"`
	Refresh    int          `json:"refresh"`
	Options    []sdk.Option `json:"options"`
	Current    any          `json:"current"`
	AllValue   string       `json:"allValue,omitempty"`
	Datasource *source      `json:"datasource,omitempty"`
	Order      *int         `json:"sort,omitempty"`
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

// Tag is on every dashboard of promslo, and finds the others.
const Tag = "promslo"

// newBoard is a dashboard without panels.
func newBoard(uid, title, header string) board {
	return board{
		Board: sdk.Board{
			UID:           uid,
			Title:         title,
			Tags:          []string{Tag},
			Timezone:      "browser",
			Refresh:       &sdk.BoolString{Value: "1m"},
			SchemaVersion: schemaVersion,
			Time:          sdk.Time{From: "now-24h", To: "now"},
			GraphTooltip:  1, // one crosshair through all panels
		},
		Description: header,
		Links:       []link{},
		Panels:      []panel{},
		Templating:  list{List: []variable{datasourceVariable()}},
		Annotations: annotations{List: []annotation{}},
	}
}

// linkTo leads to another page.
func linkTo(title, address, tooltip string, elsewhere bool) link {
	return link{
		Link: sdk.Link{Title: title, Type: "link"},
		Icon: "external link", TargetBlank: elsewhere, KeepTime: false, Tags: []string{}, URL: address, Tooltip: tooltip,
	}
}

// linksOf lead from a page of a service to those around it.
func linksOf(s plan.Service) []link {
	out := []link{}
	if s.Pages.Shared {
		out = append(out, linkTo("All SLOs", "/d/"+s.Pages.Fleet(), "Overview of all services", false))
	}
	if address, ok := markdown.URL(s.Contacts["runbook"]); ok {
		out = append(out, linkTo("Runbook", address, "What to do when an alert fires", true))
	}
	if s.Pages.Contracts != "" {
		if address, ok := markdown.URL(s.Pages.Contracts + "/" + s.Name + ".contract.md"); ok {
			out = append(out, linkTo("Contract", address, "What the service promises", true))
		}
	}
	return out
}
