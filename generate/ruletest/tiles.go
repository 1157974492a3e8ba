package ruletest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
)

// tiling is the tiles of one length that a test gives as recorded, up to the one
// evaluation of the rules, just before its end.
type tiling struct {
	tile     time.Duration
	interval time.Duration // between samples; some of them are between two tiles
	last     time.Duration // time of the last sample, that of a tile
}

// end is when the rules are evaluated, before a sample of the last tile would be
// too old to be seen.
func (t tiling) end() time.Duration { return t.last + tile }

// ramp is a rate that grows from each sample to the next, and faster in the
// second half, so that every tile and every window has another one.
type ramp struct{ first, step float64 }

func (r ramp) at(t tiling, at time.Duration) float64 {
	i := float64(at/t.interval - 1)
	return r.first + r.step*i + 2*r.step*max(0, i-t.bend())
}

// bend is the number of steps after which a ramp is steeper.
func (t tiling) bend() float64 { return float64(int(t.last / t.interval / 2)) }

// values writes the ramp in promtool's notation. There is nothing at time 0, when
// rules are evaluated, too.
func (r ramp) values(t tiling) string {
	first, all := int(t.bend())+1, int(t.last/t.interval)
	text := "_ " + segment(r.first, r.step, first)
	text += " " + segment(r.first+r.step*float64(first+2), 3*r.step, all-first)
	if t.tile == tile {
		text += " stale"
	}
	return text
}

// atLast writes a value for the last tile alone.
func (t tiling) atLast(x float64) string {
	text := fmt.Sprintf("_x%d %s", t.last/t.interval, decimal(x))
	if t.tile == tile {
		text += " stale"
	}
	return text
}

// ramps are rates over tiles by their names, those over 5 minutes.
type ramps map[string]ramp

// ramps returns the rates of the SLO; only a schedule has a rate that is allowed.
func (c *cases) ramps(total, bad, allowed ramp) ramps {
	rates := ramps{plan.TotalRate5m: total, plan.BadRate5m: bad}
	if c.slo.Scheduled() {
		rates[plan.AllowedRate5m] = allowed
	}
	return rates
}

// tiles adds the tests of windows that are summed from recorded tiles: burn
// rates, counts, and what is known of the period. What was recorded for a long
// time is given, and the rules are evaluated once.
func (c *cases) tiles() {
	for _, length := range []time.Duration{tile, time.Hour} {
		if windows := c.summed(length); len(windows) > 0 {
			t := c.tiling(length)
			c.tilesChange(t, windows)
			c.halfAnEvent(t, windows)
			c.tilesIdle(t, windows)
		}
	}
}

// summed returns the windows that are summed from tiles of a length, in ascending order.
func (c *cases) summed(length time.Duration) []time.Duration {
	var out []time.Duration
	for _, w := range slices.Concat(c.slo.Burns(), c.slo.Sums()) {
		if c.slo.Lag(w) > 0 && c.slo.TileOf(w) == length && (w != c.slo.Period || !c.slo.Raw) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// tiling returns tiles for somewhat longer than any window of the service, so
// that its SLOs share a file; those of a calendar end with a whole period.
func (c *cases) tiling(length time.Duration) tiling {
	t := tiling{tile: length, interval: tile / 2}
	if length == time.Hour {
		t.interval = time.Hour / 2
	}
	if c.slo.Calendar != "" && c.slo.Tile == length {
		t.last = ceil(c.slo.Period-day, length)
		for c.slo.PeriodAt(middle(t.end())) == c.slo.PeriodAt(middle(t.end()+length)) {
			t.last += length
		}
		c.suite.names[t.end()] = "tiles-" + string(c.slo.Calendar)
		return t
	}
	t.last = time.Hour + 2*tile // a rate over an hour is summed from tiles, too
	for _, slo := range c.suite.service.SLOs {
		other := cases{slo: slo}
		for _, w := range other.summed(length) {
			t.last = max(t.last, ceil(w+w/10, length))
		}
	}
	c.suite.names[t.end()] = "tiles-" + plan.Duration(length)
	return t
}

// tilesChange: tiles that all differ, so that a window of another length, or a
// tile more or less, has another burn rate.
func (c *cases) tilesChange(t tiling, windows []time.Duration) {
	rates := c.ramps(ramp{1e6, 100}, ramp{1000, 3}, ramp{2000, 11})
	b := c.given("sums over tiles of "+plan.Duration(t.tile), t.end(), t.interval)
	b.tiles(t, rates)
	if c.slo.Scheduled() && !c.slo.Derived && t.tile == tile && !c.zeroAtFirst() {
		objective := ramp{0.5, 1e-5}
		b.record(plan.Objective, 0, objective.values(t))
		b.record(plan.TotalRate1h, 0, fmt.Sprintf("_x%d 1000x1", t.last/t.interval))
		left, tiles := c.over(t, time.Hour, ramps{plan.TotalRate5m: objective})
		b.series(t.end(), plan.AllowedRate1h, 0, 1000*(1-left.total/float64(tiles)))
	}
	seconds := t.tile.Seconds()
	for _, w := range windows {
		sum, tiles := c.over(t, w, rates)
		burning := sum
		if c.slo.Moving(w) {
			burning = c.moving(t, w, rates)
		}
		if slices.Contains(c.slo.Burns(), w) {
			b.series(t.end(), plan.BurnRate, w, burning.burn())
		}
		if slices.Contains(c.slo.Ratios(), w) {
			b.series(t.end(), plan.BadRatio, w, burning.bad/burning.total)
		}
		if slices.Contains(c.slo.Sums(), w) {
			b.series(t.end(), plan.BadSum, w, sum.bad*seconds)
		}
		if w != c.slo.Period {
			continue
		}
		b.series(t.end(), plan.TotalSum, w, sum.total*seconds)
		if c.slo.Scheduled() {
			b.series(t.end(), plan.AllowedSum, w, sum.allowed*seconds)
		}
		b.series(t.end(), plan.SLIRatio, w, 1-sum.bad/sum.total)
		b.series(t.end(), plan.Remaining, 0, 1-sum.burn())
		if c.slo.Calendar == "" {
			b.series(t.end(), plan.Projected, 0, sum.total/float64(tiles)*w.Seconds()*c.budget(c.evaluated(t)))
		}
	}
	if t.tile == tile && c.slo.Derived {
		sum, _ := c.over(t, time.Hour, rates)
		b.series(t.end(), plan.TotalRate1h, 0, sum.total/12)
		b.series(t.end(), plan.BadRate1h, 0, sum.bad/12)
		if c.slo.Scheduled() {
			b.series(t.end(), plan.AllowedRate1h, 0, sum.allowed/12)
		}
	}
}

// tilesIdle: without traffic nothing burns, the budget is full and nothing is
// NaN. Traffic without a count of bad events says nothing about the budget.
func (c *cases) tilesIdle(t tiling, windows []time.Duration) {
	b := c.given("without traffic nothing burns", t.end(), t.interval)
	b.tiles(t, c.ramps(ramp{}, ramp{}, ramp{}))
	for _, w := range windows {
		if slices.Contains(c.slo.Burns(), w) {
			b.absent(t.end(), plan.BurnRate, w)
		}
		if slices.Contains(c.slo.Ratios(), w) {
			b.absent(t.end(), plan.BadRatio, w)
		}
	}
	if !slices.Contains(windows, c.slo.Period) {
		return
	}
	b.series(t.end(), plan.Remaining, 0, 1)
	b.absent(t.end(), plan.SLIRatio, c.slo.Period)

	b = c.given("without a count of bad events nobody knows the budget", t.end(), t.interval)
	b.tiles(t, ramps{plan.TotalRate5m: {1e6, 100}})
	b.absent(t.end(), plan.Remaining, 0)
	b.absent(t.end(), plan.SLIRatio, c.slo.Period)
}

// halfAnEvent: however little traffic there is, it counts.
func (c *cases) halfAnEvent(t tiling, windows []time.Duration) {
	b := c.given("half an event that fails burns as much as all", t.end(), t.interval)
	half := t.atLast(0.5 / t.tile.Seconds())
	for _, rate := range []string{plan.TotalRate5m, plan.BadRate5m, plan.AllowedRate5m} {
		if rate != plan.AllowedRate5m || c.slo.Scheduled() {
			b.record(c.rate(rate, t), 0, half)
		}
	}
	if c.slo.Calendar != "" {
		b.calendar(t)
	}
	burn := 1 / c.slo.Budget
	if c.slo.Scheduled() {
		burn = 1
	}
	for _, w := range windows {
		if slices.Contains(c.slo.Burns(), w) {
			b.series(t.end(), plan.BurnRate, w, burn)
		}
		if slices.Contains(c.slo.Ratios(), w) {
			b.series(t.end(), plan.BadRatio, w, 1)
		}
	}
	if slices.Contains(windows, c.slo.Period) {
		b.series(t.end(), plan.Remaining, 0, 1-burn)
		b.series(t.end(), plan.SLIRatio, c.slo.Period, 0)
	}
}

// rate returns the name of the rate over tiles, given that over those of 5 minutes.
func (c *cases) rate(rate5m string, t tiling) string {
	hourly := map[string]string{plan.TotalRate5m: plan.TotalRate1h, plan.BadRate5m: plan.BadRate1h, plan.AllowedRate5m: plan.AllowedRate1h}
	if t.tile == time.Hour {
		return hourly[rate5m]
	}
	return rate5m
}

// tiles gives a test tiles, and others of an SLO that has nothing to do with it.
func (b *builder) tiles(t tiling, rates ramps) {
	for _, rate5m := range slices.Sorted(maps.Keys(rates)) {
		name := b.cases.rate(rate5m, t)
		b.record(name, 0, rates[rate5m].values(t))
		b.neighbour(name, 0, ramp{5e5, 7}.values(t))
	}
	if b.slo.Tile == t.tile {
		b.neighbour(plan.TotalSum, b.slo.Period, fmt.Sprintf("_x%d 0", t.last/t.interval))
	}
	if b.slo.Calendar != "" {
		b.calendar(t)
	}
}

// calendar gives a test the number of the calendar period at each sample.
func (b *builder) calendar(t tiling) {
	series := named(plan.CalendarPeriod, b.labels(plan.CalendarPeriod, 0))
	b.give(series.With(sli.Series{plan.LabelTimezone: b.slo.Clock.Timezone}), b.periods(t))
}

// periods writes the number of the calendar period at each sample.
func (b *builder) periods(t tiling) string {
	text, n := "_", 0
	for at := t.interval; at <= t.last; at += t.interval {
		n++
		if at == t.last || b.slo.PeriodAt(middle(at)) != b.slo.PeriodAt(middle(at+t.interval)) {
			text += fmt.Sprintf(" %dx%d", b.slo.PeriodAt(middle(at)), n-1)
			n = 0
		}
	}
	return text
}

// neighbour gives a test a recorded series of an SLO that has nothing to do with it.
func (b *builder) neighbour(name string, window time.Duration, values string) {
	other := sli.Series{plan.LabelID: "neighbour/slo", plan.LabelService: "neighbour", plan.LabelName: "slo"}
	b.give(named(name, b.labels(name, window).With(other)), values)
}

// evaluated is when the rules are evaluated.
func (c *cases) evaluated(t tiling) time.Duration { return t.end() - ahead - c.suite.service.Offset }

// over adds up the rates of the tiles in a window, and counts the tiles.
func (c *cases) over(t tiling, window time.Duration, rates ramps) (sum tally, tiles int) {
	now := c.evaluated(t)
	period := c.slo.PeriodAt(middle(now))
	for at := min(t.last, now/t.tile*t.tile); at > max(0, now-window); at -= t.tile {
		if window == c.slo.Period && c.slo.Calendar != "" && c.slo.PeriodAt(middle(at)) != period {
			continue
		}
		sum.add(c.tally(t, at, rates))
		tiles++
	}
	return sum, tiles
}

// moving adds up the samples in a window that moves with every evaluation.
func (c *cases) moving(t tiling, window time.Duration, rates ramps) (sum tally) {
	now := c.evaluated(t)
	for at := t.last; at > now-(window-tile); at -= t.interval {
		sum.add(c.tally(t, at, rates))
	}
	return sum
}

func (c *cases) tally(t tiling, at time.Duration, rates ramps) tally {
	total := rates[plan.TotalRate5m].at(t, at)
	sum := tally{rates[plan.BadRate5m].at(t, at), total, total * c.slo.Budget}
	if allowed, scheduled := rates[plan.AllowedRate5m]; scheduled {
		sum.allowed = allowed.at(t, at)
	}
	return sum
}
