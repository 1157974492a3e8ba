package ruletest

import (
	"cmp"
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
	"github.com/promslo/promslo/schema/model"
)

// tileInput describes tiles of one length that are the input of a test. The rules are
// evaluated once, just before the end.
type tileInput struct {
	tile     time.Duration
	interval time.Duration // between samples; a third of a tile
	last     time.Duration // time of the last sample, the end of a slot
	// The tile of one slot is missing, where tiles are recorded: else rates at each fifth minute
	// stand for tiles.
	holes bool
	hole  time.Duration // length of the slot that is missing; 0: that of a tile
	// Another service has other tiles, which nothing may read.
	neighbours bool
}

// end is when the rules are evaluated, while the last sample is within the look-back.
func (t tileInput) end() time.Duration { return t.last + tile }

// inHole reports whether a sample is missing: those of one slot are, and a read that goes
// beyond its slot finds others there.
func (t tileInput) inHole(at time.Duration) bool {
	from, to := t.missing()
	return t.holes && at >= from && at < to
}

// missing returns the slot whose samples are missing.
func (t tileInput) missing() (from, to time.Duration) {
	length := cmp.Or(t.hole, t.tile)
	from = t.last.Truncate(length) - 2*length
	return from, from + length
}

// hours is the input of what 5-minute tiles miss of each hour.
func (t tileInput) hours() tileInput {
	t.holes, t.hole = true, time.Hour
	return t
}

// ramp is a rate that grows from each sample to the next, and faster in the second
// half, so that all tiles and windows differ.
type ramp struct{ first, step float64 }

func (r ramp) at(t tileInput, at time.Duration) float64 {
	i := float64(at/t.interval - 1)
	return r.first + r.step*i + 2*r.step*max(0, i-t.bend())
}

// bend is the number of steps after which a ramp is steeper.
func (t tileInput) bend() float64 { return float64(int(t.last / t.interval / 2)) }

// values formats the ramp in promtool's notation, from a time on. There is no sample at
// time 0, the first evaluation.
func (r ramp) values(t tileInput, from time.Duration) string {
	text, before := "", 1
	skip := func(n int) {
		if n > 0 {
			text += fmt.Sprintf(" _x%d", n)
		}
	}
	// part adds the samples up to a number, between which the step is the same.
	part := func(first, last int) {
		first = max(first, int(from/t.interval))
		if first > last {
			return
		}
		skip(first - before)
		at := time.Duration(first) * t.interval
		text += " " + segment(r.at(t, at), r.at(t, at+t.interval)-r.at(t, at), last-first+1)
		before = last + 1
	}
	bend, all := int(t.bend())+1, int(t.last/t.interval)
	part(1, bend-1)
	if t.holes {
		hole, end := t.missing()
		part(bend, int((hole-1)/t.interval))
		part(int((end-1)/t.interval)+1, all)
	} else {
		part(bend, all)
	}
	if t.tile == tile {
		text += " stale"
	}
	return "_" + text
}

// lastBefore is the number of the last sample of a tile before an evaluation: 0, the first.
func (t tileInput) lastBefore(evaluation int) int {
	end := time.Duration(evaluation+1) * t.end()
	return int((end - tile).Truncate(t.tile) / t.interval)
}

// lastTiles formats one tile, of a rate, before each evaluation.
func (t tileInput) lastTiles(rates []float64) string {
	text, next := "", 0
	for i, rate := range rates {
		n := t.lastBefore(i)
		text += fmt.Sprintf(" _x%d %s", n-next, decimal(rate))
		if next = n + 1; t.tile == tile {
			text += " stale"
			next++
		}
	}
	return text[1:]
}

// thereAtEnds formats a value that is there at each of some evaluations.
func (t tileInput) thereAtEnds(evaluations int) string {
	text, next := "", 0
	for i := range evaluations {
		text += fmt.Sprintf(" _x%d 1x1", t.lastBefore(i)-next)
		next = t.lastBefore(i) + 2
	}
	return text[1:]
}

// valueAtEnd formats a value that is there when the rules are evaluated.
func (t tileInput) valueAtEnd(x float64) string {
	return fmt.Sprintf("_x%d %sx1", t.last/t.interval, decimal(x))
}

// slots calls f with the last sample of each slot of a window that has one, and the
// slot's begin, at which its tile ends.
func (t tileInput) slots(now, window time.Duration, f func(slot, sample time.Duration)) {
	for slot := t.last / t.tile * t.tile; slot >= 0 && slot > now-window; slot -= t.tile {
		sample := min(slot+t.tile-t.interval, t.last)
		if !t.holes {
			sample = slot
		}
		if sample > 0 && !t.inHole(sample) {
			f(slot, sample)
		}
	}
}

// newTileInput returns tiles that cover a little more than any window of the service,
// so that its SLOs share a file. Those of a calendar end with a whole period.
func (c *sloTests) newTileInput(length time.Duration) tileInput {
	t := tileInput{tile: length, interval: length / 3, holes: length > tile || c.slo.ShortTiles()}
	if c.slo.Calendar != "" && c.slo.Tile == length {
		t.last = ceil(c.slo.Period-model.Day, length)
		for c.slo.CalendarPeriodAt(unix(c.evaluationTime(t))) == c.slo.CalendarPeriodAt(unix(c.evaluationTime(t)+length)) {
			t.last += length
		}
		c.suite.fileNames[t.end()] = "tiles-" + string(c.slo.Calendar)
		return t
	}
	t.last = 2 * time.Hour
	for _, slo := range c.suite.service.SLOs {
		other := sloTests{slo: slo}
		windows := other.tileWindows(length)
		if slo.RawWindow && slo.Tile == length {
			windows = append(windows, slo.Period)
		}
		for _, w := range windows {
			t.last = max(t.last, ceil(w+w/10, length))
		}
	}
	if length == tile { // an hour is recorded when it is over for five minutes
		t.last = ceil(t.last, time.Hour) + 25*time.Minute
	}
	c.suite.fileNames[t.end()] = "tiles-" + plan.Duration(length)
	return t
}

// tileName returns the name of the series of tiles, or of the rate that stands for them.
func (c *sloTests) tileName(events plan.Events, length time.Duration) string {
	if length == tile && !c.slo.ShortTiles() {
		return events.Rate(length)
	}
	return events.Tile(length)
}

// addTileOf adds tiles to the input.
func (b *builder) addTileOf(events plan.Events, t tileInput, r ramp, from time.Duration) {
	b.addNamed(b.tileName(events, t.tile), t, r, from)
}

// addNamed adds a series to the input, and maybe a different one of another service.
func (b *builder) addNamed(name string, t tileInput, r ramp, from time.Duration) {
	b.addRecorded(name, 0, r.values(t, from))
	if t.neighbours {
		b.addOtherService(name, 0, ramp{5e5, 7}.values(t, 0))
	}
}

// addTiles adds all that is recorded of tiles to the input.
func (b *builder) addTiles(t tileInput, r tileRamps) {
	from := time.Duration(0)
	if b.ratesFillTiles(t.tile) {
		from = r.scheduledFrom
	}
	b.addTileOf(plan.TotalEvents, t, r.total, from)
	b.addTileOf(plan.BadEvents, t, r.bad, from)
	if b.slo.ObjectiveVaries() && r.scheduledFrom <= t.last {
		b.addTileOf(plan.AllowedEvents, t, r.allowed, r.scheduledFrom)
		b.addTileOf(plan.ScheduledEvents, t, r.scheduled, r.scheduledFrom)
	}
	if t.tile == tile && b.slo.ShortTiles() {
		now := t
		now.holes = false
		b.addNamed(plan.TotalRate5m, now, r.totalNow, 0)
		b.addNamed(plan.BadRate5m, now, r.badNow, 0)
		if b.slo.ObjectiveVaries() {
			b.addNamed(plan.AllowedRate5m, now, r.allowedNow, 0)
		}
	}
	if t.tile > tile && b.slo.TilesOnly {
		// In the first five minutes of a slot its 5-minute tiles are not summed yet.
		for _, events := range []plan.Events{plan.TotalEvents, plan.BadEvents} {
			b.addRecorded(events.Tile(tile), 0, fmt.Sprintf("_x%d 5", t.last/t.interval-1))
		}
	}
	if t.tile == tile && b.slo.SumsMissed() {
		hours := t.hours()
		b.addNamed(plan.TotalEvents.Missed(), hours, r.missedTotal, 0)
		b.addNamed(plan.BadEvents.Missed(), hours, r.missedBad, 0)
	}
	if b.slo.Tile == t.tile && t.neighbours {
		b.addOtherService(plan.TotalSum, b.slo.Period, fmt.Sprintf("_x%d 0", t.last/t.interval))
	}
	if b.slo.Calendar != "" {
		b.addCalendarPeriods(t)
	}
}

// addCalendarPeriods adds the calendar period of each tile to the input.
func (b *builder) addCalendarPeriods(t tileInput) {
	period := func(n int) int64 {
		slot := time.Duration(n) * t.interval / t.tile * t.tile
		return b.slo.CalendarPeriodAt(unix(slot - t.tile/2))
	}
	series := withName(plan.CalendarPeriod, sli.Series(b.slo.Identity()))
	if b.slo.ForCustomers {
		window := sli.Series{b.slo.Label(plan.LabelWindow): b.slo.WindowLabel(b.slo.Period)}
		series = withName(plan.ExternalPeriod, sli.Series(b.slo.Identity()).With(window))
	}
	all := int(t.last / t.interval)
	for first := 1; first <= all; {
		n := 1
		for first+n <= all && period(first+n) == period(first) {
			n++
		}
		labelled := series.With(sli.Series{b.slo.Label(plan.LabelPeriod): fmt.Sprint(period(first))})
		b.addInput(labelled, fmt.Sprintf("_x%d 1x%d stale", first, n-1))
		first += n
	}
}

// addOtherService adds a recorded series of an SLO of another service, with the ID that tells it
// apart.
func (b *builder) addOtherService(name string, window time.Duration, values string) {
	other := b.labels(name, window).With(sli.Series{b.slo.Label(plan.LabelID): "neighbour/slo"})
	delete(other, b.slo.Label(plan.LabelService))
	delete(other, b.slo.Label(plan.LabelName))
	b.addInput(withName(name, other), values)
}
