package plan

import (
	"time"

	"github.com/promslo/promslo/schema/words"
)

// Round removes the noise of binary fractions, as words.Round does.
func Round(x float64) float64 { return words.Round(x) }

// Number prints x as people write it, as words.Number does.
func Number(x float64) string { return words.Number(x) }

// Duration prints d as words.Duration does.
func Duration(d time.Duration) string { return words.Duration(d) }
