package dashboard

import (
	"github.com/grafana-tools/sdk"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// drawing is what the panels of an SLO's page are made of.
type drawing struct {
	grid
	slo  plan.SLO
	s    selection
	dims []dimension
}

// page is all that is known of one SLO.
func page(s plan.Service, slo plan.SLO, header string) board {
	b := newBoard(slo.Page(), "SLO: "+escapeTitle(slo.FullName()), header)
	b.Links = append([]link{linkTo("Service", "/d/"+s.Pages.Service(s.Name), "Overview of the service", false)}, linksOf(s)...)
	if s.Tier != "" {
		b.Tags = append(b.Tags, s.Tier)
	}
	d := &drawing{slo: slo, s: ofSLO(slo, s.ExternalLabels), dims: dimensionsOf(s.ExternalLabels, slo.GroupBy)}
	for i, dim := range d.dims {
		b.Templating.List = append(b.Templating.List, worst(slo, dim, d.dims[:i]))
	}
	if slo.Calendar != "" {
		now := "now/" + calendarUnit(slo.Calendar)
		b.Time = sdk.Time{From: now, To: now} // the whole period on the axis
	}
	for _, a := range slo.Alerts {
		if len(a.Pairs) > 0 {
			b.Annotations.List = append(b.Annotations.List, d.firingAnnotation(a))
		}
	}
	if slo.Schedule.Excludes() {
		b.Annotations.List = append(b.Annotations.List, regions("Excluded", "nothing counts", "purple",
			promql.Op(d.s.max(plan.ExcludedBool), parser.GTR, promql.Number(0))))
	}
	d.now()
	d.row("Budget")
	d.budget()
	if len(slo.GroupBy) > 0 {
		d.add(d.groups(), columns, 9)
	}
	if len(slo.Pairs) > 0 {
		d.row("Alerts")
		d.burn()
	}
	d.row("Events")
	d.events()
	d.row("About")
	d.about(s, header)
	b.Panels = d.panels
	return b
}

// row begins a section.
func (d *drawing) row(title string) {
	d.x, d.y, d.height = 0, d.bottom(), 0
	d.id++
	open := false
	row := panel{Collapsed: &open, Panels: []panel{}}
	row.Type, row.ID, row.Title = "row", d.id, title
	row.place(0, d.y, columns, 1)
	d.panels = append(d.panels, row)
	d.y++
}

// recent is the time that panels of a page about a calendar period show, as that shows the
// whole period by itself.
func (d *drawing) recent(p panel) panel {
	if d.slo.Calendar != "" {
		p.TimeFrom = "24h"
	}
	return p
}

// over is the greatest of a series over a window.
func (d *drawing) over(name string, window string) promql.Expr {
	return d.s.max(name, promql.Equal(d.slo.Label(plan.LabelWindow), window))
}

// calendarUnit is Grafana's letter for a calendar period.
func calendarUnit(c model.Calendar) string {
	return map[model.Calendar]string{model.Week: "w", model.Month: "M", model.Quarter: "Q", model.Year: "y"}[c]
}

// firingAnnotation marks the time during which an alert fires.
func (d *drawing) firingAnnotation(a plan.Alert) annotation {
	color := severityColor(a.Severity)
	return regions(title(a.Severity)+"s", string(a.Severity), color, d.s.firing(a.Kind()))
}

// regions mark the times at which an expression has a result.
func regions(name, label, color string, e promql.Expr) annotation {
	expr := text(e)
	return annotation{
		Annotation: sdk.Annotation{
			Name: name, Datasource: prometheus(), Enable: true, IconColor: color, Expr: expr, TitleFormat: label,
		},
		Target: target{Datasource: prometheus(), Expr: expr, RefID: "Anno", Range: true},
	}
}
