package model

import (
	"math/bits"
	"time"
)

// Day is a day without a clock change.
const Day = 24 * time.Hour

// tile is the resolution of times of the week, and tiles how many make a week.
const (
	tile  = 5 * time.Minute
	tiles = int(7 * Day / tile)
)

// Tiles is a set of five-minute tiles of a week on the wall clock, from Sunday midnight.
type Tiles [tiles/64 + 1]uint64

// Tiles returns the tiles that lie in the times.
func (t Times) Tiles() Tiles {
	var w Tiles
	length := t.To - t.From
	if length <= 0 {
		length += Day
	}
	for _, day := range t.Days {
		first := int((time.Duration(day)*Day + t.From) / tile)
		for i := first; i < first+int(length/tile); i++ {
			w[i%tiles/64] |= 1 << (i % tiles % 64)
		}
	}
	return w
}

// And returns the tiles in both sets.
func (w Tiles) And(other Tiles) Tiles {
	for i := range w {
		w[i] &= other[i]
	}
	return w
}

// Without returns the tiles that are not in the other set.
func (w Tiles) Without(other Tiles) Tiles {
	for i := range w {
		w[i] &^= other[i]
	}
	return w
}

// Or returns the tiles in either set.
func (w Tiles) Or(other Tiles) Tiles {
	for i := range w {
		w[i] |= other[i]
	}
	return w
}

// Shift returns the tiles shifted later by a multiple of five minutes. They wrap around
// the end of the week.
func (w Tiles) Shift(by time.Duration) Tiles {
	if by == 0 {
		return w
	}
	var out Tiles
	for i := range tiles {
		if w.has(i) {
			j := ((i+int(by/tile))%tiles + tiles) % tiles
			out[j/64] |= 1 << (j % 64)
		}
	}
	return out
}

// Length returns the total duration of the tiles.
func (w Tiles) Length() time.Duration {
	n := 0
	for _, word := range w {
		n += bits.OnesCount64(word)
	}
	return time.Duration(n) * tile
}

// Most returns the most time of the tiles within any stretch of a length.
func (w Tiles) Most(length time.Duration) time.Duration {
	weeks, rest := length/(7*Day), length%(7*Day)
	n := int((rest + tile - 1) / tile)
	inside, most := 0, 0
	for i := range tiles + n {
		if w.has(i % tiles) {
			inside++
		}
		if i >= n && w.has((i-n)%tiles) {
			inside--
		}
		most = max(most, inside)
	}
	return weeks*w.Length() + min(time.Duration(most)*tile, rest)
}

// First returns the first contiguous range of tiles, as times since Sunday midnight. To is
// before from if it wraps around the end of the week. A full week, or none, is 0 to 0.
func (w Tiles) First() (from, to time.Duration) {
	if n := w.Length(); n == 0 || n == time.Duration(tiles)*tile {
		return 0, 0
	}
	i := 0
	for !w.has(i) || w.has((i+tiles-1)%tiles) {
		i++
	}
	j := i
	for w.has(j % tiles) {
		j++
	}
	return time.Duration(i) * tile, time.Duration(j%tiles) * tile
}

// Ranges returns all contiguous ranges of tiles, as First does.
func (w Tiles) Ranges() (out [][2]time.Duration) {
	for i := range tiles {
		if !w.has(i) || w.has((i+tiles-1)%tiles) {
			continue
		}
		j := i
		for w.has(j % tiles) {
			j++
		}
		out = append(out, [2]time.Duration{time.Duration(i) * tile, time.Duration(j%tiles) * tile})
	}
	return out
}

func (w Tiles) has(tile int) bool { return w[tile/64]>>(tile%64)&1 == 1 }
