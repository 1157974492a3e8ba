// Package sli holds the kinds of SLI as specs have them, a file for each: its fields
// and how they are decoded, its words, and what makes it weaker or stronger.
//
// In: values of a spec that the CUE schema allows. Out: a model.SLI. A kind is known
// to everything else by the methods of Kind alone; what it counts in PromQL says
// the file of the same name in generate/sli.
package sli

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Kind is a kind of SLI. Its zero value answers for all of the kind.
type Kind interface {
	model.SLI
	// Decode reads the block of the kind.
	Decode(v Value, use Use) model.SLI
	// Several tells whether a block makes several SLOs, and returns what they differ in.
	Several(v Value) (all []Variant, several bool)
}

// Use is what an SLI is decoded for: that of an SLO, unless it is a part.
type Use struct {
	Part, Entry bool
	Scheduled   []Value // thresholds of the SLO's schedule
}

// Variant is one of several SLOs that a block makes.
type Variant struct {
	SLI       model.SLI
	Objective float64 // percent of good events
	Threshold string  // after which the SLO is called
	At        Value   // of the threshold
}

// Value is a value of a spec. What was reported as wrong is not seen, unless it says so.
type Value interface {
	Keys() []string         // of a map, those of wrong values too
	Field(key string) Value // nil: missing or wrong
	Any(key string) Value   // nil: missing
	Lacks(key string) bool  // it is missing, and not just misspelt
	Items() []Value         // of a list, those that are wrong too
	Wrong() bool            // it was reported
	Intact() bool           // neither it nor what is below it was reported
	Text() string           // as it was written
	Number() (float64, bool)
	Texts() map[string]string
	// Duration parses a duration, and reports one out of range. The name says in the
	// message what it is.
	Duration(name string, least, most time.Duration) (d time.Duration, ok bool)
	Report(rule diag.ID, message, suggestion string)
}

// kinds are all kinds of SLI by name.
var kinds = map[string]Kind{}

// register adds a kind.
func register(k Kind) Kind {
	kinds[k.Kind()] = k
	return k
}

// Of returns the kind of a name.
func Of(name string) (Kind, bool) {
	k, known := kinds[name]
	return k, known
}

// Kinds returns the names of all kinds, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// PartKinds returns what a part of a journey may be, sorted.
func PartKinds() []string {
	names := slices.DeleteFunc(Kinds(), func(name string) bool {
		why, _ := kinds[name].PartRefused("")
		return why != ""
	})
	return slices.Sorted(slices.Values(append(names, "slo")))
}

// Decode reads the SLI of an SLO. Scheduled are the thresholds of its schedule.
func Decode(v Value, scheduled []Value) model.SLI {
	oneKind(v, "sli", Kinds(), "an SLO of its own")
	out := decode(v, Use{Scheduled: scheduled})
	if out == nil || !v.Intact() || slices.ContainsFunc(v.Keys(), changeable) {
		return out
	}
	for _, t := range scheduled {
		names := slices.DeleteFunc(Kinds(), func(name string) bool { return !changeable(name) })
		t.Report(diag.InvalidValue, "a schedule can change the threshold of a "+strings.Join(names, " or ")+" SLI only", "give the entry an objective")
	}
	return out
}

// changeable tells whether a kind has a threshold that a schedule may change.
func changeable(name string) bool {
	kind, known := kinds[name]
	if !known {
		return false
	}
	_, ok := kind.ScheduleThreshold()
	return ok
}

// Several tells whether an SLI that stands in a map makes several SLOs, and returns
// what they differ in.
func Several(of model.SLI, v Value) (all []Variant, several bool) {
	if v == nil {
		return nil, false
	}
	for _, key := range v.Keys() {
		kind, known := kinds[key]
		if same, ok := of.(Kind); ok && same.Kind() == key {
			kind = same
		}
		if known {
			if all, several = kind.Several(v.Any(key)); several {
				return all, true
			}
		}
	}
	return nil, false
}

// decode reads the block of the kind in a map.
func decode(v Value, use Use) model.SLI {
	var out model.SLI
	for _, key := range v.Keys() {
		if k, known := kinds[key]; known && v.Field(key) != nil {
			out = k.Decode(v.Field(key), use)
		}
	}
	return out
}

// oneKind checks that exactly one of some kinds stands in an SLI. Other fields
// have been reported, or are none.
func oneKind(v Value, name string, allowed []string, instead string) {
	found := slices.DeleteFunc(slices.Clone(v.Keys()), func(key string) bool { return !slices.Contains(allowed, key) })
	switch {
	case len(found) > 1:
		v.Report(diag.SLIKinds, name+" has more than one kind: "+strings.Join(found, ", "), "keep one, and make "+instead+" of each other")
	case len(found) == 0 && v.Intact():
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

// match returns the matchers of a block, label → value.
func match(v Value) map[string]string {
	if m := v.Field("match"); m != nil {
		return m.Texts()
	}
	return nil
}

// timeRefused says why an SLI that counts time is no part of a journey.
func timeRefused(kind, slo string) (why, instead string) {
	if slo != "" {
		return slo + countsTime, "name an SLO that counts events"
	}
	return kind + countsTime, ""
}

const countsTime = " counts time, and a journey counts events"

// measuresTime is why the period of an SLI that counts time is not read from counters.
const measuresTime = "measures time"

// expression is PromQL without regard to how its lines are broken.
func expression(text string) string { return strings.Join(strings.Fields(text), " ") }
