package model

import "time"

// tile is how finely rules look at time, and tiles how many make a week.
const (
	tile  = 5 * time.Minute
	tiles = int(7 * 24 * time.Hour / tile)
)

// Tiles is a set of tiles of five minutes of a week on the wall clock, from Sunday
// midnight.
type Tiles [tiles/64 + 1]uint64

// Tiles returns the tiles that lie in the times.
func (t Times) Tiles() Tiles {
	var w Tiles
	length := t.To - t.From
	if length <= 0 {
		length += 24 * time.Hour
	}
	for _, day := range t.Days {
		first := int((time.Duration(day)*24*time.Hour + t.From) / tile)
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
