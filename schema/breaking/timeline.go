package breaking

import (
	"reflect"
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/zone"
)

// timeline is a week on the clock of one time zone. The offsets of other zones are those
// of one month.
type timeline struct {
	zone   string
	offset map[string]time.Duration // to add to times of other zones
}

// timelines returns the timelines on which times can be compared: one if all times have
// the same zone, or else one for each month with other offsets, as DST changes them.
func timelines(all []model.Times) []timeline {
	out := timeline{zone: "UTC", offset: map[string]time.Duration{}}
	for i, t := range all {
		if i == 0 {
			out.zone = t.Timezone
		} else if t.Timezone != out.zone {
			return monthlyTimelines(all)
		}
	}
	return []timeline{out}
}

func monthlyTimelines(all []model.Times) []timeline {
	var out []timeline
	for month := time.January; month <= time.December; month++ {
		s := timeline{zone: "UTC", offset: map[string]time.Duration{}}
		for _, t := range all {
			if loc, known := zone.Load(t.Timezone); known {
				_, seconds := time.Date(2026, month, 15, 12, 0, 0, 0, loc).Zone()
				s.offset[t.Timezone] = time.Duration(-seconds) * time.Second
			}
		}
		if !slices.ContainsFunc(out, func(o timeline) bool { return reflect.DeepEqual(o, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// tiles returns the tiles of t on the timeline.
func (s timeline) tiles(t model.Times) model.Tiles { return t.Tiles().Shift(s.offset[t.Timezone]) }

// excluded returns the times of the exclusions of an SLO.
func (s timeline) excluded(slo model.SLO) model.Tiles {
	var out model.Tiles
	for _, e := range slo.Exclude {
		out = out.Or(s.tiles(e.At))
	}
	return out
}

// scheduledValue is a value from a schedule entry, or from the SLO itself, and the times
// at which it applies.
type scheduledValue struct {
	value float64
	entry int // -1: the SLO
	times model.Tiles
}

// allWeek is every time.
var allWeek = model.Times{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, To: 24 * time.Hour}.Tiles()

// scheduledValues returns the values of a field and their times. Later entries win.
func (s timeline) scheduledValues(slo model.SLO, base float64, value func(model.Entry) float64) []scheduledValue {
	var out []scheduledValue
	rest := allWeek
	for i, e := range slices.Backward(slo.Schedule) {
		if v := value(e); v != 0 {
			at := s.tiles(e.At)
			out = append(out, scheduledValue{v, i, at.And(rest)})
			rest = rest.Without(at)
		}
	}
	return append(out, scheduledValue{base, -1, rest})
}

// relaxation is the times at which less is promised than before, with the worst change.
type relaxation struct {
	was, is  scheduledValue
	timeline timeline
	times    model.Tiles
}

// worstRelaxation compares a field at all times of the week. It skips excluded times, and
// those that no schedule sets before or after.
func worstRelaxation(p sloPair, base func(model.SLO) float64, value func(model.Entry) float64, worse func(was, is float64) float64) (relaxation, bool) {
	var worst relaxation
	for _, s := range timelines(p.weekTimes()) {
		counted := allWeek.Without(s.excluded(p.before.slo)).Without(s.excluded(p.after.slo))
		now := relaxation{timeline: s}
		for _, was := range s.scheduledValues(p.before.slo, base(p.before.slo), value) {
			for _, is := range s.scheduledValues(p.after.slo, base(p.after.slo), value) {
				at := was.times.And(is.times).And(counted)
				if was.entry < 0 && is.entry < 0 || worse(was.value, is.value) <= 0 || at == (model.Tiles{}) {
					continue
				}
				now.times = now.times.Or(at)
				if worse(was.value, is.value) > worse(now.was.value, now.is.value) {
					now.was, now.is = was, is
				}
			}
		}
		if now.times.Length() > worst.times.Length() {
			worst = now
		}
	}
	return worst, worst.times != model.Tiles{}
}

// weekTimes are all times of the week in an SLO, before and after.
func (p sloPair) weekTimes() []model.Times {
	var all []model.Times
	for _, slo := range []model.SLO{p.after.slo, p.before.slo} {
		for _, e := range slo.Schedule {
			all = append(all, e.At)
		}
		for _, e := range slo.Exclude {
			all = append(all, e.At)
		}
	}
	return all
}
