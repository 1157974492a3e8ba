package plan

import (
	"slices"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Windows beyond an hour are summed from tiles: counts of slots of the clock that
// follow each other without a gap. An hourly tile is read from the raw counters at
// the full hour, however late the rule runs, so a restart loses nothing that was scraped.

const (
	// minHourlyPeriod is the shortest rolling period that is summed from hourly tiles:
	// its figures lag by at most 1/672 of it, and 15 minutes.
	minHourlyPeriod = 28 * model.Day
	// HoursEvery is the interval of the rules that record hourly tiles, TilesEvery that
	// of tiles of 15 and 30 minutes.
	HoursEvery, TilesEvery = 15 * time.Minute, 5 * time.Minute
)

// tileOfPeriod returns the length of the tiles that add up to the period. Those of a
// calendar period begin and end when it does, in zones that are half an hour off, too.
func (s SLO) tileOfPeriod() time.Duration {
	switch {
	case s.Calendar != "":
		return s.Clock.Slot()
	case s.Period >= minHourlyPeriod:
		return time.Hour
	default:
		return BaseWindow
	}
}

// TileLength returns the length of the recorded tiles that a window is summed from:
// 5 minutes up to a day, 1 hour beyond, and for the period as planned.
func (s SLO) TileLength(window time.Duration) time.Duration {
	switch {
	case window == s.Period:
		return s.Tile
	case window > model.Day:
		return time.Hour
	default:
		return BaseWindow
	}
}

// ShortTiles reports whether 5-minute tiles are recorded, as what counts or what is
// allowed depends on the time. Else the rate over the last 5 minutes, at every fifth
// minute, stands for them.
func (s SLO) ShortTiles() bool { return s.TilesOnly || s.ObjectiveVaries() }

// LongTiles returns the lengths of the other tiles that are recorded, in ascending
// order: an hour, and that of the period and of the periods of promises to customers.
func (s SLO) LongTiles() []time.Duration {
	lengths := []time.Duration{time.Hour, s.Tile}
	for _, of := range s.CustomerPeriods() {
		lengths = append(lengths, of.Tile)
	}
	return slices.DeleteFunc(sortedUnique(lengths), func(length time.Duration) bool { return length == BaseWindow })
}

// CountsWholeHours reports whether the raw counters tell the events of an hour, if none of
// it is excluded. Else what counts may change within it.
func (s SLO) CountsWholeHours() bool { return len(s.Schedule.Thresholds) == 0 && !s.SLI.Retried }

// SumsMissed reports whether the period adds what its 5-minute tiles miss. What is
// read from short tiles alone has no hourly tiles that know better, and in less than a
// day the next hours come too late.
func (s SLO) SumsMissed() bool {
	return s.Tile == BaseWindow && s.Period >= model.Day && s.CountsWholeHours() && !s.RawWindow
}

// Reach is the longest time that the period takes: an hour more than its days where
// clocks go back.
func (s SLO) Reach() time.Duration {
	if s.Calendar != "" && len(s.Clock.Transitions) > 0 {
		return s.Period + time.Hour
	}
	return s.Period
}

// RecordsProjected reports whether the projected budget of the period is recorded. Else it
// is the budget of the events of the period, divided by its coverage.
func (s SLO) RecordsProjected() bool { return s.Calendar != "" || s.RawWindow }
