package sli

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/quantity"
)

// Journey counts the journeys through several services that fail in any of them.
type Journey struct {
	Entry *model.Part  // counts started journeys, its SLI has no bad events; nil: the events of all parts are counted
	All   []model.Part // each must succeed
}

var _ = register(&Journey{})

func (*Journey) Decode(v Value, _ DecodeContext) model.SLI {
	out := &Journey{}
	if entry := v.Field("entry"); entry != nil {
		checkOneKind(entry, "entry", PartKinds(), "a journey")
		out.Entry = &model.Part{SLO: text(entry, "slo"), SLI: decode(entry, DecodeContext{Entry: true}), Weight: 1}
	}
	all := v.Field("all")
	if all == nil {
		return out
	}
	if len(all.Items()) == 0 {
		all.Report(diag.InvalidValue, "all is empty", "list the parts of the journey, such as {slo: cart/availability}")
	}
	for i, item := range all.Items() {
		// Invalid parts are kept, so that the others keep their index.
		part := model.Part{Weight: 1}
		if !item.Invalid() {
			checkOneKind(item, fmt.Sprintf("entry %d of all", i+1), PartKinds(), "a part")
			part.SLO, part.SLI = text(item, "slo"), decode(item, DecodeContext{Part: true})
			if w := item.Field("weight"); w != nil {
				part.Weight, _ = w.Number()
			}
		}
		out.All = append(out.All, part)
	}
	return out
}

func (*Journey) Variants(Value) ([]Variant, bool) { return nil, false }

func (*Journey) Kind() string         { return "journey" }
func (*Journey) CountsTime() bool     { return false }
func (*Journey) IsAvailability() bool { return true }

func (j *Journey) Words() model.Words {
	if j.Entry != nil {
		return model.Words{Events: "journeys", Good: "A journey is good if it fails in none of its parts."}
	}
	return model.Words{Events: "events", Good: "An event is good unless it is a bad one of a part."}
}

func (*Journey) Limits() string      { return "" }
func (*Journey) LimitsField() string { return "" }

// Measured does not depend on the order of parts.
func (j *Journey) Measured(_ func(string) string, part func(model.Part) string) string {
	parts := []string{"begins with anything"}
	if j.Entry != nil {
		parts[0] = "begins with " + part(*j.Entry)
	}
	for _, p := range j.All {
		parts = append(parts, part(p))
	}
	slices.Sort(parts[1:])
	return fmt.Sprintf("journey %q", parts)
}

func (*Journey) Compare(model.SLI) (weaker, stronger bool) { return false, false }

func (*Journey) Expressions() []model.Expression { return nil }

func (*Journey) PartRefused(slo string) (why, instead string) {
	if slo != "" {
		return slo + " is a journey, which cannot be a part of another", "list its parts here"
	}
	return "a journey cannot be a part of another", "list its parts here"
}

func (*Journey) RawWindowRefused() string                     { return "" }
func (*Journey) ScheduleThreshold() (quantity.Quantity, bool) { return quantity.Quantity{}, false }

func (j *Journey) Parts() []model.PartAt {
	var out []model.PartAt
	if j.Entry != nil {
		out = append(out, model.PartAt{Part: j.Entry, Entry: true, Path: []string{"journey", "entry"}})
	}
	for i := range j.All {
		out = append(out, model.PartAt{Part: &j.All[i], Path: []string{"journey", "all", strconv.Itoa(i)}})
	}
	return out
}
