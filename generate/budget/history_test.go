package budget

import (
	"math"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) // a Sunday

// hours returns days of 100 requests an hour, of which 1 in 100 may fail and one a day
// does, at noon.
func hours(days int) History {
	h := History{Start: start, Step: time.Hour}
	for i := range 24 * days {
		slot := Slot{Total: 100, Allowed: 1, Measured: true}
		if i%24 == 12 {
			slot.Bad = 1
		}
		h.Slots = append(h.Slots, slot)
	}
	return h
}

// TestRolling follows a budget through an outage of an hour. A week allows 168 bad
// requests; 7 fail anyway. 100 more at 10:00 on day 9 leave 168 − 107 = 61 (36.3 %),
// until they leave the window on day 16 at 11:00.
func TestRolling(t *testing.T) {
	h := hours(12)
	h.Slots[24*9+10].Bad = 100
	week := Period{Length: 7 * model.Day}
	sums := h.Periods(week)
	for i, want := range map[int]float64{24*8 - 1: 1 - 7.0/168, 24*9 + 9: 1 - 7.0/168, 24*9 + 10: 1 - 107.0/168, 24*12 - 1: 1 - 107.0/168} {
		if got := sums[i].Remaining(); math.Abs(got-want) > 1e-9 {
			t.Errorf("after hour %d %v is left, want %v", i, got, want)
		}
	}
	for _, c := range []struct {
		below        float64
		since, until time.Duration // of the start; 0: none
	}{
		{0.5, (24*9 + 10) * time.Hour, (24*16 + 11) * time.Hour},
		{0.363, 0, 0}, // 61/168 = 0.36309…
		{0.38, (24*9 + 10) * time.Hour, (24*16 + 11) * time.Hour},
		{0.99, 0, 0}, // on usual days less is left
	} {
		since, ok := h.Since(week, c.below)
		if c.below == 0.99 {
			if _, ends := h.Until(week, c.below); !ok || ends {
				t.Errorf("below %v: since %v, and it ends (%v)", c.below, since, ends)
			}
			continue
		}
		if ok != (c.since != 0) || ok && !since.Equal(start.Add(c.since)) {
			t.Errorf("below %v since %v (%v), want %v", c.below, since, ok, start.Add(c.since))
		}
		if until, ends := h.Until(week, c.below); ok && (!ends || !until.Equal(start.Add(c.until))) {
			t.Errorf("below %v until %v (%v), want %v", c.below, until, ends, start.Add(c.until))
		}
	}
}

// TestCalendar checks that a month's budget is full again when the next one begins.
func TestCalendar(t *testing.T) {
	h := hours(20)
	h.Slots[24*2].Bad = 5000 // of 744 that the whole month allows
	clock, err := plan.NewClock("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	month := PeriodOf(plan.SLO{Period: 31 * model.Day, Calendar: model.Month, Clock: clock})
	// April begins at 22:00 UTC, as clocks are put forward on 29 March.
	april := time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)
	if got := month.begin(april); !got.Equal(time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("March began at %s", got)
	}
	if since, ok := h.Since(month, 0); !ok || !since.Equal(start.Add(48*time.Hour)) {
		t.Errorf("spent since %s (%v)", since, ok)
	}
	if until, ok := h.Until(month, 0); !ok || !until.Equal(april.Add(time.Hour)) {
		t.Errorf("spent until %s (%v), want %s", until, ok, april.Add(time.Hour))
	}
}

// TestIdle checks that what is left of sums that came and went is no budget.
func TestIdle(t *testing.T) {
	h := hours(1)
	for i := range h.Slots {
		h.Slots[i].Bad, h.Slots[i].Allowed = 0.1, 0.3
	}
	h.Slots = append(h.Slots, make([]Slot, 48)...)
	last := h.Periods(Period{Length: model.Day})[71]
	if got := last.Remaining(); got != 1 || last.Coverage() != 0 || last.Of != 24 {
		t.Errorf("%v is left of an idle day: %+v", got, last)
	}
}
