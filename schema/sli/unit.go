package sli

import (
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/quantity"
)

// unit is that of a histogram, and where it is from.
type unit struct {
	quantity.Unit
	histogram string
	assumed   bool // neither the name nor the spec says it
}

// unitOf returns the unit of a histogram. The name and the spec may not say two.
func unitOf(v Value, histogram string) unit {
	said, named, known := quantity.Unit(text(v, "unit")), quantity.Named(histogram), quantity.Known(histogram)
	switch {
	case said != "" && named != "" && said != named:
		v.Field("unit").Report(diag.InvalidValue, fmt.Sprintf("unit is %s, and the name %s says %s", said, diag.Shorten(histogram), named), "remove unit")
		return unit{Unit: named, histogram: histogram}
	case said != "":
		return unit{Unit: said, histogram: histogram}
	case known != "":
		return unit{Unit: known, histogram: histogram}
	}
	return unit{Unit: quantity.Seconds, histogram: histogram, assumed: true}
}

// fits reports a duration where the histogram measures sizes, and vice versa.
func (u unit) fits(v Value, name string) bool {
	q, ok := quantity.Parse(v.Text())
	if !ok || q.Size == u.IsSize() {
		return ok
	}
	is, instead := "a size", "write a duration such as 300ms"
	if u.IsSize() {
		is, instead = "a duration", "write a size such as 1MB"
	}
	measures := fmt.Sprintf("measures %s", u.Unit)
	if u.assumed {
		measures, instead = "is taken to measure seconds, as nothing says its unit", "add `unit: bytes`, or "+instead
	}
	v.Report(diag.InvalidValue, fmt.Sprintf("%s is %s, and %s %s", name, is, diag.Shorten(u.histogram), measures), instead)
	return false
}
