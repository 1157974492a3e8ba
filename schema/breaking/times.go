package breaking

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
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

func scheduleRelaxed(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if reflect.DeepEqual(p.before.slo.Schedule, p.after.slo.Schedule) {
			continue
		}
		tell := func(r relaxed, text func(float64) string) {
			is, was, at := text(r.is.value), text(r.was.value), when(r.at, r.scale.zone)
			place := p.after.at("schedule")
			if r.is.entry >= 0 {
				place = p.after.at("schedule", strconv.Itoa(r.is.entry))
			}
			report(change{
				at: place, subject: p.after.name(), before: was, after: is + " " + at, hit: c.hit(p, "promised is "+is+" at times"),
				message:    fmt.Sprintf("%s promises less at some times: %s, and not %s, %s", p.after.name(), is, was, at),
				suggestion: "agree on it with the consumers first",
			})
		}
		if r, found := relaxation(p, func(s model.SLO) float64 { return s.Objective }, func(e model.Entry) float64 { return e.Objective },
			func(was, is float64) float64 { return was - is }); found {
			tell(r, words.Percent)
		}
		threshold := func(s model.SLO) float64 {
			d, _ := s.SLI.ScheduleThreshold()
			return float64(d)
		}
		if threshold(p.before.slo) == 0 || threshold(p.after.slo) == 0 {
			continue
		}
		if r, found := relaxation(p, threshold, func(e model.Entry) float64 { return float64(e.Threshold) },
			func(was, is float64) float64 { return is - was }); found {
			tell(r, func(d float64) string { return words.Duration(time.Duration(d)) })
		}
	}
}

func exclusionWidened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if reflect.DeepEqual(p.before.slo.Exclude, p.after.slo.Exclude) {
			continue
		}
		var worst relaxed
		for _, s := range scales(p.times()) {
			if at := s.excluded(p.after.slo).Without(s.excluded(p.before.slo)); at.Length() > worst.at.Length() {
				worst = relaxed{scale: s, at: at}
			}
		}
		if at := when(worst.at, worst.scale.zone); worst.at != (model.Tiles{}) {
			report(change{
				at: p.after.at("exclude"), subject: p.after.name(), before: "the promise", after: "nothing " + at, hit: c.hit(p, "promised is nothing at times"),
				message:    fmt.Sprintf("%s promises nothing at some more times: %s", p.after.name(), at),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}

// maintenanceAdded reports dated times in which nothing counts, unless they lie
// within others that were there.
func maintenanceAdded(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		for i, m := range p.after.slo.Maintenance {
			if slices.ContainsFunc(p.before.slo.Maintenance, func(old model.Maintenance) bool {
				return !m.From.Before(old.From) && !m.To.After(old.To)
			}) {
				continue
			}
			const layout = "2006-01-02 15:04"
			span := m.From.Format(layout) + " to " + m.To.Format(layout) + " UTC"
			report(change{
				at: p.after.at("maintenance", strconv.Itoa(i)), subject: p.after.name(), before: "the promise", after: "nothing from " + span, hit: c.hit(p, "promised is nothing for that time"),
				message:    fmt.Sprintf("%s promises nothing from %s", p.after.name(), span),
				suggestion: "tell the consumers",
			})
		}
	}
}
