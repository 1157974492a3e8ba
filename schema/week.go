package schema

import (
	"time"

	"github.com/promslo/promslo/schema/model"
)

// tile is how finely rules look at time, and tiles how many make a week.
const (
	tile  = 5 * time.Minute
	tiles = int(7 * 24 * time.Hour / tile)
)

// week is a set of the tiles of a week on the wall clock, from Sunday midnight.
type week [tiles/64 + 1]uint64

// wholeWeek holds all tiles.
var wholeWeek = weekOf(model.Times{Days: everyDay(), To: 24 * time.Hour})

func weekOf(t model.Times) week {
	var w week
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

// and returns the tiles in both sets.
func (w week) and(other week) week {
	for i := range w {
		w[i] &= other[i]
	}
	return w
}

// without returns the tiles that are not in the other set.
func (w week) without(other week) week {
	for i := range w {
		w[i] &^= other[i]
	}
	return w
}

// or returns the tiles in either set.
func (w week) or(other week) week {
	for i := range w {
		w[i] |= other[i]
	}
	return w
}
