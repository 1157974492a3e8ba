package model

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTiles holds the sets of tiles against their definition, tile by tile.
func TestTiles(t *testing.T) {
	for range 200 {
		at := Times{Days: slices.DeleteFunc([]time.Weekday{0, 1, 2, 3, 4, 5, 6}, func(time.Weekday) bool { return rand.IntN(2) == 0 }),
			From: tile * time.Duration(rand.IntN(288)), To: tile * time.Duration(1+rand.IntN(288))}
		if at.From == at.To {
			continue
		}
		w := at.Tiles()
		for i := range tiles {
			since := time.Duration(i) * tile
			day, hour := int(since/(24*time.Hour)), since%(24*time.Hour)
			today, yesterday := slices.Contains(at.Days, time.Weekday(day)), slices.Contains(at.Days, time.Weekday((day+6)%7))
			want := today && at.From <= hour && (hour < at.To || at.To < at.From) || yesterday && at.To < at.From && hour < at.To
			if got := w[i/64]>>(i%64)&1 == 1; got != want {
				t.Fatalf("%+v at tile %d: %t, want %t", at, i, got, want)
			}
		}
	}
}
