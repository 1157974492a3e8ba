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

// TestShift holds shifted tiles, and stretches of them, against their definition.
func TestShift(t *testing.T) {
	for range 200 {
		at := Times{Days: []time.Weekday{time.Weekday(rand.IntN(7))}, From: tile * time.Duration(rand.IntN(288)), To: tile * time.Duration(1+rand.IntN(288))}
		if at.From == at.To {
			continue
		}
		w, by := at.Tiles(), rand.IntN(2*tiles)-tiles
		shifted := w.Shift(time.Duration(by) * tile)
		for i := range tiles {
			if j := ((i+by)%tiles + tiles) % tiles; w.has(i) != shifted.has(j) {
				t.Fatalf("%+v by %d tiles, at %d", at, by, i)
			}
		}
		from, to := shifted.First()
		if length := (to - from + week) % week; length != shifted.Length() || shifted.Shift(-from).Length() != w.Length() || !shifted.has(int(from/tile)) || shifted.has(int(to/tile)) {
			t.Fatalf("%+v by %d tiles: %s to %s", at, by, from, to)
		}
	}
	for _, none := range []Tiles{{}, Times{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, To: 24 * time.Hour}.Tiles()} {
		if from, to := none.First(); from != 0 || to != 0 {
			t.Error(from, to)
		}
	}
}

const week = time.Duration(tiles) * tile
