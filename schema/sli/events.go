package sli

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// Events counts bad among total events. Each is a selector, or PromQL in which
// $window stands for the range. Exactly one of Bad and Good is set.
type Events struct {
	Bad   string
	Good  string
	Total string
}

var _ = register(&Events{})

// Decode reads the block. An entry of a journey has only a total.
func (*Events) Decode(v Value, use DecodeContext) model.SLI {
	if !use.Entry {
		switch bad, good := v.Get("bad"), v.Get("good"); {
		case v.Missing("bad") && v.Missing("good"):
			v.Report(diag.MissingField, "events needs the field bad or the field good", "")
		case bad != nil && good != nil:
			good.Report(diag.InvalidValue, "events has both bad and good", "keep one: the other is the rest of total")
		}
	}
	return &Events{Bad: text(v, "bad"), Good: text(v, "good"), Total: text(v, "total")}
}

func (*Events) Variants(Value) ([]Variant, bool) { return nil, false }

func (*Events) Kind() string         { return "events" }
func (*Events) CountsTime() bool     { return false }
func (*Events) IsAvailability() bool { return true }

func (e *Events) Words() model.Words {
	if e.Good != "" {
		return model.Words{Events: "events", Good: "An event is good if it is counted as good."}
	}
	return model.Words{Events: "events", Good: "An event is good unless it is counted as bad."}
}

func (*Events) Limits() string      { return "" }
func (*Events) LimitsField() string { return "" }

func (e *Events) Measured(expr func(string) string, _ func(model.Part) string) string {
	return fmt.Sprintf("events %q %q %q", expr(e.Bad), expr(e.Good), expr(e.Total))
}

func (*Events) Compare(model.SLI) (weaker, stronger bool) { return false, false }

func (e *Events) Expressions() []model.Expression {
	return expressions("bad", e.Bad, "good", e.Good, "total", e.Total)
}

func (*Events) PartRefused(string) (why, instead string)     { return "", "" }
func (*Events) RawWindowRefused() string                     { return "" }
func (*Events) ScheduleThreshold() (quantity.Quantity, bool) { return quantity.Quantity{}, false }
func (*Events) Parts() []model.PartAt                        { return nil }
