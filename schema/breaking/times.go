package breaking

import (
	"reflect"
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/zone"
)

// scale is the clock of one time zone, at one moment, onto which times of others are
// laid.
type scale struct {
	zone   string
	offset map[string]time.Duration // of other zones, how much earlier their clocks show a time
}

// scales returns the scales on which times can be compared. One is enough where
// there is one zone; else what the clocks of two zones show together changes with
// their clocks, and a scale for each month of a year has it.
func scales(all []model.Times) []scale {
	out := scale{zone: "UTC", offset: map[string]time.Duration{}}
	for i, t := range all {
		if i == 0 {
			out.zone = t.Timezone
		} else if t.Timezone != out.zone {
			return monthly(all)
		}
	}
	return []scale{out}
}

func monthly(all []model.Times) []scale {
	var out []scale
	for month := time.January; month <= time.December; month++ {
		s := scale{zone: "UTC", offset: map[string]time.Duration{}}
		for _, t := range all {
			if loc, known := zone.Load(t.Timezone); known {
				_, seconds := time.Date(2026, month, 15, 12, 0, 0, 0, loc).Zone()
				s.offset[t.Timezone] = time.Duration(-seconds) * time.Second
			}
		}
		if !slices.ContainsFunc(out, func(o scale) bool { return reflect.DeepEqual(o, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// tiles lays times onto the scale.
func (s scale) tiles(t model.Times) model.Tiles { return t.Tiles().Shift(s.offset[t.Timezone]) }

// excluded are the times in which nothing counts.
func (s scale) excluded(slo model.SLO) model.Tiles {
	var out model.Tiles
	for _, e := range slo.Exclude {
		out = out.Or(s.tiles(e.At))
	}
	return out
}

// level is a value and when it holds, by an entry of a schedule or, at other times,
// by the SLO itself.
type level struct {
	value float64
	entry int // -1: the SLO
	at    model.Tiles
}

// allWeek is every time.
var allWeek = model.Times{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, To: 24 * time.Hour}.Tiles()

// levels returns when which value of a field holds. Later entries win.
func (s scale) levels(slo model.SLO, base float64, value func(model.Entry) float64) []level {
	var out []level
	rest := allWeek
	for i, e := range slices.Backward(slo.Schedule) {
		if v := value(e); v != 0 {
			at := s.tiles(e.At)
			out = append(out, level{v, i, at.And(rest)})
			rest = rest.Without(at)
		}
	}
	return append(out, level{base, -1, rest})
}

// relaxed is when less is promised than before, and the worst of it.
type relaxed struct {
	was, is level
	scale   scale
	at      model.Tiles
}

// relaxation compares a field tile by tile. What holds without the schedules
// both before and after is no matter of theirs, and neither are times that do not count.
func relaxation(p pair, base func(model.SLO) float64, value func(model.Entry) float64, worse func(was, is float64) float64) (relaxed, bool) {
	var worst relaxed
	for _, s := range scales(p.times()) {
		counted := allWeek.Without(s.excluded(p.before.slo)).Without(s.excluded(p.after.slo))
		now := relaxed{scale: s}
		for _, was := range s.levels(p.before.slo, base(p.before.slo), value) {
			for _, is := range s.levels(p.after.slo, base(p.after.slo), value) {
				at := was.at.And(is.at).And(counted)
				if was.entry < 0 && is.entry < 0 || worse(was.value, is.value) <= 0 || at == (model.Tiles{}) {
					continue
				}
				now.at = now.at.Or(at)
				if worse(was.value, is.value) > worse(now.was.value, now.is.value) {
					now.was, now.is = was, is
				}
			}
		}
		if now.at.Length() > worst.at.Length() {
			worst = now
		}
	}
	return worst, worst.at != model.Tiles{}
}

// times are all times of the week in an SLO, before and after.
func (p pair) times() []model.Times {
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
