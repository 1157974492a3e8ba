package lint

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// override is one field of the entries of a schedule. Only entries in the same time zone
// can be compared.
type override struct {
	name    string
	value   func(model.Entry) float64
	entries []model.Entry
	pos     func(entry int) diag.Pos
	all     []model.Tiles // times of each entry
	visible []model.Tiles // without times at which a later entry sets the field
}

// eachOverride calls f for both fields of every schedule.
func eachOverride(s Input, f func(override)) {
	s.eachSLO(func(service model.Service, slo model.SLO) {
		if len(slo.Schedule) == 0 {
			return
		}
		for _, o := range []override{
			{name: "objective", value: func(e model.Entry) float64 { return e.Objective }},
			{name: "threshold", value: func(e model.Entry) float64 { return e.Threshold.Base() }},
		} {
			o.entries = slo.Schedule
			o.pos = func(entry int) diag.Pos {
				return service.Source.At("slos", slo.Key, "schedule", strconv.Itoa(entry), o.name)
			}
			o.computeVisible()
			f(o)
		}
	})
}

// computeVisible computes at which times each entry applies.
func (o *override) computeVisible() {
	o.all, o.visible = make([]model.Tiles, len(o.entries)), make([]model.Tiles, len(o.entries))
	later := map[string]model.Tiles{} // by time zone
	for i := len(o.entries) - 1; i >= 0; i-- {
		e := o.entries[i]
		o.all[i] = e.At.Tiles()
		if o.value(e) != 0 {
			o.visible[i] = o.all[i].Without(later[e.At.Timezone])
			later[e.At.Timezone] = later[e.At.Timezone].Or(o.all[i])
		}
	}
}

// scheduleNever reports entries that later entries override at all times.
func scheduleNever(s Input, report Report) {
	eachOverride(s, func(o override) {
		for i, e := range o.entries {
			if o.value(e) != 0 && o.visible[i] == (model.Tiles{}) {
				report(o.pos(i), fmt.Sprintf("the %s of %s never applies: later entries cover all its times", o.name, entryName(e, i)),
					"remove it, or put the entry after those")
			}
		}
	})
}

// scheduleOverlap reports entries that overlap unless one is within the other.
func scheduleOverlap(s Input, report Report) {
	eachOverride(s, func(o override) {
		for j, b := range o.entries {
			for i, a := range o.entries[:j] {
				both := o.all[i].And(o.visible[j])
				if both == (model.Tiles{}) || o.all[i].Without(o.all[j]) == (model.Tiles{}) || o.all[j].Without(o.all[i]) == (model.Tiles{}) ||
					o.visible[i] == (model.Tiles{}) || o.value(a) == o.value(b) || a.At.Timezone != b.At.Timezone {
					continue
				}
				report(o.pos(j), fmt.Sprintf("%s overlaps %s of line %d, which has another %s: %s wins, as the later", entryName(b, j), entryName(a, i), o.pos(i).Line, o.name, entryName(b, j)),
					"end one where the other begins")
			}
		}
	})
}

// entryName returns the name of an entry, or else its number.
func entryName(e model.Entry, index int) string {
	return cmp.Or(e.Name, fmt.Sprintf("entry %d", index+1))
}
