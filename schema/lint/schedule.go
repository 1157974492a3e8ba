package lint

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// override is one field of the entries of a schedule. Only entries of the same
// time zone can be compared on the clock of one week.
type override struct {
	name    string
	value   func(model.Entry) float64
	entries []model.Entry
	at      func(entry int) diag.Pos
	all     []model.Tiles // times of each entry
	visible []model.Tiles // those at which no later entry sets the field
}

// overrides calls f with both fields of every schedule.
func overrides(s Subject, f func(override)) {
	s.each(func(service model.Service, slo model.SLO) {
		if len(slo.Schedule) == 0 {
			return
		}
		for _, o := range []override{
			{name: "objective", value: func(e model.Entry) float64 { return e.Objective }},
			{name: "threshold", value: func(e model.Entry) float64 { return float64(e.Threshold) }},
		} {
			o.entries = slo.Schedule
			o.at = func(entry int) diag.Pos {
				return service.Source.At("slos", slo.Key, "schedule", strconv.Itoa(entry), o.name)
			}
			o.lay()
			f(o)
		}
	})
}

// lay works out which entry wins when.
func (o *override) lay() {
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

// scheduleNever reports entries whose value others cover at all times.
func scheduleNever(s Subject, report Report) {
	overrides(s, func(o override) {
		for i, e := range o.entries {
			if o.value(e) != 0 && o.visible[i] == (model.Tiles{}) {
				report(o.at(i), fmt.Sprintf("the %s of %s never applies: later entries cover all its times", o.name, called(e, i)),
					"remove it, or put the entry after those")
			}
		}
	})
}

// scheduleOverlap reports entries that overlap without one being an exception of
// the other.
func scheduleOverlap(s Subject, report Report) {
	overrides(s, func(o override) {
		for j, b := range o.entries {
			for i, a := range o.entries[:j] {
				both := o.all[i].And(o.visible[j])
				if both == (model.Tiles{}) || o.all[i].Without(o.all[j]) == (model.Tiles{}) || o.all[j].Without(o.all[i]) == (model.Tiles{}) ||
					o.visible[i] == (model.Tiles{}) || o.value(a) == o.value(b) || a.At.Timezone != b.At.Timezone {
					continue
				}
				report(o.at(j), fmt.Sprintf("%s overlaps %s of line %d, which has another %s: %s wins, as the later", called(b, j), called(a, i), o.at(i).Line, o.name, called(b, j)),
					"end one where the other begins")
			}
		}
	})
}

// called returns what to call the entry at an index.
func called(e model.Entry, index int) string {
	return cmp.Or(e.Name, fmt.Sprintf("entry %d", index+1))
}
