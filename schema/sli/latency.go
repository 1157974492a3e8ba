package sli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// Latency counts requests slower, or larger, than Threshold.
type Latency struct {
	Histogram string // without _bucket
	Match     Match
	Threshold quantity.Quantity
	Unit      quantity.Unit       // of the histogram's boundaries
	Assumed   bool                // nothing says the unit
	Native    bool                // a native histogram, which allows any threshold
	Buckets   []quantity.Quantity // known boundaries, ascending, if Threshold is to be interpolated between them
}

var _ = register(&Latency{})

// Decode reads the block. An entry of a journey has no threshold, a part has one.
func (*Latency) Decode(v Value, use DecodeContext) model.SLI {
	out := &Latency{Histogram: text(v, "histogram"), Match: match(v), Native: flag(v, "native")}
	unit := unitOf(v, out.Histogram)
	out.Unit, out.Assumed = unit.Unit, unit.assumed
	t := v.Field("threshold")
	if t != nil {
		out.Threshold, _ = t.Quantity("threshold")
	}
	if use.Entry {
		return out
	}
	several := v.Get("thresholds")
	switch {
	case v.Missing("threshold") && v.Missing("thresholds"):
		v.Report(diag.MissingField, "latency needs the field threshold or the field thresholds", "")
	case several != nil && v.Get("threshold") != nil:
		several.Report(diag.InvalidValue, "latency has both threshold and thresholds", "keep one")
	}
	all := use.ScheduleThresholds
	switch {
	case several != nil && use.Part:
		several.Report(diag.InvalidValue, "a part has one threshold, not several", "write `threshold`")
	case v.Field("thresholds") != nil:
		for _, t := range all {
			t.Report(diag.InvalidValue, "a schedule cannot change one of several thresholds", "give the entry an objective, or make each threshold an SLO of its own")
		}
		all = nil
		for _, item := range v.Field("thresholds").Items() {
			if t := item.Field("threshold"); t != nil && !item.Invalid() {
				all = append(all, t)
			}
		}
	}
	if t != nil && !t.Invalid() {
		all = append(all, t)
	}
	all = slices.DeleteFunc(slices.Clone(all), func(t Value) bool { return !unit.fits(t, "threshold") })
	if boundaries, interpolate := buckets(v, unit), flag(v, "interpolate"); boundaries != nil {
		for _, t := range all {
			checkBoundary(t, boundaries, interpolate)
		}
		if interpolate {
			out.Buckets = boundaries
		}
	}
	return out
}

// Variants returns a copy of the SLI for each of thresholds.
func (l *Latency) Variants(v Value) (all []Variant, several bool) {
	list := v.Field("thresholds")
	if list == nil {
		return nil, v.Get("thresholds") != nil
	}
	if len(list.Items()) == 0 {
		list.Report(diag.InvalidValue, "thresholds is empty", "list objectives and thresholds such as {objective: 95, threshold: 400ms}")
	}
	for _, item := range list.Items() {
		objective, threshold := item.Field("objective"), item.Field("threshold")
		if objective == nil || threshold == nil {
			continue
		}
		one := *l
		one.Threshold, _ = threshold.Quantity("threshold")
		percent, _ := objective.Number()
		all = append(all, Variant{SLI: &one, Objective: percent, Threshold: strings.ToLower(one.Threshold.String()), Value: threshold})
	}
	return all, true
}

func (*Latency) Kind() string         { return "latency" }
func (*Latency) CountsTime() bool     { return false }
func (*Latency) IsAvailability() bool { return false }

func (l *Latency) Words() model.Words {
	takes := "it takes "
	if l.Unit.IsSize() {
		takes = "its size is "
	}
	return model.Words{Events: "requests", Good: "A request is good if " + takes + l.Limits() + "."}
}

func (l *Latency) Limits() string    { return "at most " + l.Threshold.String() }
func (*Latency) LimitsField() string { return "threshold" }

func (l *Latency) Measured(func(string) string, func(model.Part) string) string {
	return fmt.Sprintf("latency %s in %s %q %t %v", l.Histogram, l.Unit, l.Match.sorted(), l.Native, l.Buckets)
}

func (l *Latency) Compare(was model.SLI) (weaker, stronger bool) {
	old := was.(*Latency).Threshold
	same := l.Threshold.Size == old.Size // else it measures something else
	return same && l.Threshold.Amount > old.Amount, same && l.Threshold.Amount < old.Amount
}

func (l *Latency) Expressions() []model.Expression {
	return expressions("match", l.Match.selector(l.Histogram))
}

func (*Latency) PartRefused(string) (why, instead string)       { return "", "" }
func (*Latency) RawWindowRefused() string                       { return "" }
func (l *Latency) ScheduleThreshold() (quantity.Quantity, bool) { return l.Threshold, true }
func (*Latency) Parts() []model.PartAt                          { return nil }
