package sli

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// Ratio counts time by a ratio that somebody else computes: a moment is bad by the share
// of Errors, or good by that of Success. Exactly one of the two is set.
type Ratio struct {
	Errors  string // PromQL of one value from 0 to 1
	Success string
}

var _ = register(&Ratio{})

func (*Ratio) Decode(v Value, _ DecodeContext) model.SLI {
	switch errors, success := v.Get("errors"), v.Get("success"); {
	case v.Missing("errors") && v.Missing("success"):
		v.Report(diag.MissingField, "ratio needs the field errors or the field success", "")
	case errors != nil && success != nil:
		success.Report(diag.InvalidValue, "ratio has both errors and success", "keep one: the other is 1 less it")
	}
	return &Ratio{Errors: text(v, "errors"), Success: text(v, "success")}
}

func (*Ratio) Variants(Value) ([]Variant, bool) { return nil, false }

func (*Ratio) Kind() string         { return "ratio" }
func (*Ratio) CountsTime() bool     { return true }
func (*Ratio) IsAvailability() bool { return true }

func (r *Ratio) Words() model.Words {
	if r.Success != "" {
		return model.Words{Events: "the time", Good: "Time is good by the ratio of success."}
	}
	return model.Words{Events: "the time", Good: "Time is bad by the ratio of errors."}
}

func (*Ratio) Limits() string      { return "" }
func (*Ratio) LimitsField() string { return "" }

func (r *Ratio) Measured(expr func(string) string, _ func(model.Part) string) string {
	return fmt.Sprintf("ratio %q %q", expr(r.Errors), expr(r.Success))
}

func (*Ratio) Compare(model.SLI) (weaker, stronger bool) { return false, false }

func (r *Ratio) Expressions() []model.Expression {
	return expressions("errors", r.Errors, "success", r.Success)
}

func (r *Ratio) PartRefused(slo string) (why, instead string) { return refuseTimePart(r.Kind(), slo) }
func (*Ratio) RawWindowRefused() string                       { return measuresTimeMessage }
func (*Ratio) ScheduleThreshold() (quantity.Quantity, bool)   { return quantity.Quantity{}, false }
func (*Ratio) Parts() []model.PartAt                          { return nil }
