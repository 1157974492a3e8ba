package sli

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/words"
)

// Threshold counts the time during which a value is out of bounds.
type Threshold struct {
	Expr  string   // PromQL of one value
	Above *float64 // good values are above; nil: no lower bound
	Below *float64 // good values are below; nil: no upper bound
}

var _ = register(&Threshold{})

func (*Threshold) Decode(v Value, _ DecodeContext) model.SLI {
	if v.Missing("above") && v.Missing("below") {
		v.Report(diag.MissingField, "threshold needs the field above or the field below", "")
	}
	out := &Threshold{Expr: text(v, "expr"), Above: number(v, "above"), Below: number(v, "below")}
	if out.Above != nil && out.Below != nil && *out.Above >= *out.Below {
		above, below := v.Field("above"), v.Field("below")
		below.Report(diag.InvalidValue, fmt.Sprintf("no value is above %s and below %s", diag.Shorten(above.Text()), diag.Shorten(below.Text())), "good values lie between above and below")
	}
	return out
}

// number returns the number of a field, nil if it is missing.
func number(v Value, key string) *float64 {
	f := v.Field(key)
	if f == nil {
		return nil
	}
	n, _ := f.Number()
	return &n
}

func (*Threshold) Variants(Value) ([]Variant, bool) { return nil, false }

func (*Threshold) Kind() string         { return "threshold" }
func (*Threshold) CountsTime() bool     { return true }
func (*Threshold) IsAvailability() bool { return false }

func (t *Threshold) Words() model.Words {
	return model.Words{Events: "the time", Good: "Time is good while the value is " + t.Limits() + "."}
}

func (t *Threshold) Limits() string {
	var bounds []string
	if t.Above != nil {
		bounds = append(bounds, "above "+words.Number(*t.Above))
	}
	if t.Below != nil {
		bounds = append(bounds, "below "+words.Number(*t.Below))
	}
	return strings.Join(bounds, " and ")
}

func (*Threshold) LimitsField() string { return "" }

func (t *Threshold) Measured(expr func(string) string, _ func(model.Part) string) string {
	return fmt.Sprintf("threshold %q", expr(t.Expr))
}

func (t *Threshold) Compare(was model.SLI) (weaker, stronger bool) {
	old := was.(*Threshold)
	from := cmp.Compare(boundOrInf(t.Above, -1), boundOrInf(old.Above, -1))
	to := cmp.Compare(boundOrInf(t.Below, 1), boundOrInf(old.Below, 1))
	return from < 0 || to > 0, from > 0 || to < 0
}

// boundOrInf returns a bound, or infinity with a sign if it is nil.
func boundOrInf(b *float64, sign int) float64 {
	if b == nil {
		return math.Inf(sign)
	}
	return *b
}

func (t *Threshold) Expressions() []model.Expression { return expressions("expr", t.Expr) }

func (t *Threshold) PartRefused(slo string) (why, instead string) {
	return refuseTimePart(t.Kind(), slo)
}
func (*Threshold) RawWindowRefused() string                     { return measuresTimeMessage }
func (*Threshold) ScheduleThreshold() (quantity.Quantity, bool) { return quantity.Quantity{}, false }
func (*Threshold) Parts() []model.PartAt                        { return nil }
