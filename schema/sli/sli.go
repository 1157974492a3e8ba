// Package sli has the kinds of SLI, a file for each: how it is decoded, how it is
// described, and what makes it weaker or stronger.
//
// In: values of a spec that the CUE schema allows. Out: a model.SLI. Other packages know a
// kind only by the methods of Kind; its PromQL is in the file of the same name in
// generate/sli.
package sli

import (
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// Kind is a kind of SLI. The methods that do not depend on fields work on its zero value.
type Kind interface {
	model.SLI
	// Decode reads the block of the kind.
	Decode(v Value, use DecodeContext) model.SLI
	// Variants reports whether a block makes several SLOs, and returns them.
	Variants(v Value) (all []Variant, several bool)
}

// DecodeContext is where an SLI is: in an SLO, or in a journey as a part or the entry.
type DecodeContext struct {
	Part, Entry        bool
	ScheduleThresholds []Value // thresholds of the SLO's schedule
}

// Variant is one of several SLOs that a block makes.
type Variant struct {
	SLI       model.SLI
	Objective float64 // percent of good events
	Threshold string  // suffix of the SLO's name
	Value     Value   // the threshold in the spec
}

// Value is a value of a spec. Methods skip invalid values unless they say otherwise.
type Value interface {
	Keys() []string          // of a map, including those of invalid values
	Field(key string) Value  // nil: missing or invalid
	Get(key string) Value    // nil: missing
	Missing(key string) bool // absent, and not just misspelt
	IsList() bool
	Items() []Value // of a list, including invalid ones
	Invalid() bool  // has been reported
	AllValid() bool // neither it nor a child has been reported
	Text() string   // as written
	Number() (float64, bool)
	// Quantity parses a threshold and reports one out of range. The message calls it name.
	Quantity(name string) (q quantity.Quantity, ok bool)
	Report(rule diag.ID, message, suggestion string)
}

// kinds are all kinds of SLI by name.
var kinds = map[string]Kind{}

// register adds a kind.
func register(k Kind) Kind {
	kinds[k.Kind()] = k
	return k
}

// KindOf returns the kind with a name.
func KindOf(name string) (Kind, bool) {
	k, known := kinds[name]
	return k, known
}

// Kinds returns the names of all kinds, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// PartKinds returns the kinds that a part of a journey may have, sorted, with "slo".
func PartKinds() []string {
	names := slices.DeleteFunc(Kinds(), func(name string) bool {
		why, _ := kinds[name].PartRefused("")
		return why != ""
	})
	return slices.Sorted(slices.Values(append(names, "slo")))
}

// Decode reads the SLI of an SLO. Scheduled are the thresholds of its schedule.
func Decode(v Value, scheduled []Value) model.SLI {
	checkOneKind(v, "sli", Kinds(), "an SLO of its own")
	out := decode(v, DecodeContext{ScheduleThresholds: scheduled})
	if out == nil || !v.AllValid() || slices.ContainsFunc(v.Keys(), hasScheduleThreshold) {
		return out
	}
	for _, t := range scheduled {
		names := slices.DeleteFunc(Kinds(), func(name string) bool { return !hasScheduleThreshold(name) })
		t.Report(diag.InvalidValue, "a schedule can change the threshold of a "+strings.Join(names, " or ")+" SLI only", "give the entry an objective")
	}
	return out
}

// hasScheduleThreshold reports whether a kind has a threshold that a schedule may change.
func hasScheduleThreshold(name string) bool {
	kind, known := kinds[name]
	if !known {
		return false
	}
	_, ok := kind.ScheduleThreshold()
	return ok
}

// Variants reports whether the SLI in v makes several SLOs, and returns them.
func Variants(of model.SLI, v Value) (all []Variant, several bool) {
	if v == nil {
		return nil, false
	}
	for _, key := range v.Keys() {
		kind, known := kinds[key]
		if same, ok := of.(Kind); ok && same.Kind() == key {
			kind = same
		}
		if known {
			if all, several = kind.Variants(v.Get(key)); several {
				return all, true
			}
		}
	}
	return nil, false
}

// decode reads the block of the kind in a map.
func decode(v Value, use DecodeContext) model.SLI {
	var out model.SLI
	for _, key := range v.Keys() {
		if k, known := kinds[key]; known && v.Field(key) != nil {
			out = k.Decode(v.Field(key), use)
		}
	}
	return out
}

// checkOneKind requires exactly one of the allowed kinds. Unknown fields have already been
// reported.
func checkOneKind(v Value, name string, allowed []string, instead string) {
	found := slices.DeleteFunc(slices.Clone(v.Keys()), func(key string) bool { return !slices.Contains(allowed, key) })
	switch {
	case len(found) > 1:
		v.Report(diag.SLIKinds, name+" has more than one kind: "+strings.Join(found, ", "), "keep one, and make "+instead+" of each other")
	case len(found) == 0 && v.AllValid():
		v.Report(diag.SLIKinds, name+" has no kind", "give one of "+strings.Join(allowed, ", "))
	}
}

// text returns the text of a field, empty if it is missing.
func text(v Value, key string) string {
	if f := v.Field(key); f != nil {
		return f.Text()
	}
	return ""
}

func flag(v Value, key string) bool { return text(v, key) == "true" }

// refuseTimePart returns why an SLI that counts time cannot be a part of a journey.
func refuseTimePart(kind, slo string) (why, instead string) {
	if slo != "" {
		return slo + countsTimeMessage, "name an SLO that counts events"
	}
	return kind + countsTimeMessage, ""
}

const countsTimeMessage = " counts time, and a journey counts events"

// measuresTimeMessage is why the period of an SLI that counts time is not read from counters.
const measuresTimeMessage = "measures time"

// expressions returns those of pairs of a field and its text that are there.
func expressions(pairs ...string) (out []model.Expression) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, model.Expression{Field: pairs[i], Text: pairs[i+1]})
		}
	}
	return out
}
