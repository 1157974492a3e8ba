package sli

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// Gauge counts the time of instances: of Total that there are at a moment, some are bad.
// Each is a selector of gauges, or PromQL that adds gauges up. Exactly one of Bad and Good
// is set.
type Gauge struct {
	Bad   string
	Good  string
	Total string
}

var _ = register(&Gauge{})

func (*Gauge) Decode(v Value, _ DecodeContext) model.SLI {
	switch bad, good := v.Get("bad"), v.Get("good"); {
	case v.Missing("bad") && v.Missing("good"):
		v.Report(diag.MissingField, "gauge needs the field bad or the field good", "")
	case bad != nil && good != nil:
		good.Report(diag.InvalidValue, "gauge has both bad and good", "keep one: the other is the rest of total")
	}
	return &Gauge{Bad: text(v, "bad"), Good: text(v, "good"), Total: text(v, "total")}
}

func (*Gauge) Variants(Value) ([]Variant, bool) { return nil, false }

func (*Gauge) Kind() string         { return "gauge" }
func (*Gauge) CountsTime() bool     { return true }
func (*Gauge) IsAvailability() bool { return true }

func (g *Gauge) Words() model.Words {
	if g.Good != "" {
		return model.Words{Events: "the time of all instances", Good: "The time of an instance is good while it is counted as good."}
	}
	return model.Words{Events: "the time of all instances", Good: "The time of an instance is good unless it is counted as bad."}
}

func (*Gauge) Limits() string      { return "" }
func (*Gauge) LimitsField() string { return "" }

func (g *Gauge) Measured(expr func(string) string, _ func(model.Part) string) string {
	return fmt.Sprintf("gauge %q %q %q", expr(g.Bad), expr(g.Good), expr(g.Total))
}

func (*Gauge) Compare(model.SLI) (weaker, stronger bool) { return false, false }

func (g *Gauge) Expressions() []model.Expression {
	return expressions("bad", g.Bad, "good", g.Good, "total", g.Total)
}

func (g *Gauge) PartRefused(slo string) (why, instead string) { return refuseTimePart(g.Kind(), slo) }
func (*Gauge) RawWindowRefused() string                       { return measuresTimeMessage }
func (*Gauge) ScheduleThreshold() (quantity.Quantity, bool)   { return quantity.Quantity{}, false }
func (*Gauge) Parts() []model.PartAt                          { return nil }
