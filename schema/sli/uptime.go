package sli

import (
	"fmt"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
	"github.com/promslo/promslo/schema/words"
)

// Uptime counts the time during which too few instances are up.
type Uptime struct {
	Expr string // 0/1 PromQL with a series for each instance
	// Share of the instances that must be up, above 0 to 1; 0: any of them.
	Share float64
}

var _ = register(&Uptime{})

func (*Uptime) Decode(v Value, _ DecodeContext) model.SLI {
	out := &Uptime{Expr: text(v, "expr")}
	if i := v.Field("instances"); i != nil {
		share, number := i.Number()
		switch {
		case number:
			out.Share = share
		case i.Text() == "all":
			out.Share = 1
		}
	}
	return out
}

func (*Uptime) Variants(Value) ([]Variant, bool) { return nil, false }

func (*Uptime) Kind() string         { return "uptime" }
func (*Uptime) CountsTime() bool     { return true }
func (*Uptime) IsAvailability() bool { return true }

func (u *Uptime) Words() model.Words {
	return model.Words{Events: "the time", Good: "Time is good with " + u.Limits() + " up."}
}

func (u *Uptime) Limits() string {
	switch u.Share {
	case 0:
		return "at least one instance"
	case 1:
		return "all instances"
	}
	return "at least " + words.Percent(100*u.Share) + " of the instances"
}

func (*Uptime) LimitsField() string { return "instances" }

func (u *Uptime) Measured(expr func(string) string, _ func(model.Part) string) string {
	return fmt.Sprintf("uptime %q", expr(u.Expr))
}

func (u *Uptime) Compare(was model.SLI) (weaker, stronger bool) {
	old := was.(*Uptime).Share
	return u.Share < old, u.Share > old
}

func (u *Uptime) Expressions() []model.Expression { return expressions("expr", u.Expr) }

func (u *Uptime) PartRefused(slo string) (why, instead string) { return refuseTimePart(u.Kind(), slo) }
func (*Uptime) RawWindowRefused() string                       { return measuresTimeMessage }
func (*Uptime) ScheduleThreshold() (quantity.Quantity, bool)   { return quantity.Quantity{}, false }
func (*Uptime) Parts() []model.PartAt                          { return nil }
