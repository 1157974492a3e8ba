// Package quantity has the durations and sizes at which histograms are cut: 250us, 2.5s,
// 64KiB.
//
// In: texts of specs and names of histograms. Out: exact numbers, and words.
package quantity

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Quantity is a duration or a size. The zero value is none.
type Quantity struct {
	Amount int64 // nanoseconds or bytes
	Size   bool
}

// The range of thresholds.
var (
	MinDuration = Quantity{Amount: 1_000}                   // 1us
	MaxDuration = Quantity{Amount: 30 * 86400 * 1e9}        // 30d
	MinSize     = Quantity{Amount: 1, Size: true}           // 1B
	MaxSize     = Quantity{Amount: 1000 * 1e12, Size: true} // 1000TB
)

// Duration is a duration as a quantity.
func Duration(d time.Duration) Quantity { return Quantity{Amount: int64(d)} }

// InRange reports whether q may be a threshold.
func (q Quantity) InRange() bool {
	lowest, highest := MinDuration, MaxDuration
	if q.Size {
		lowest, highest = MinSize, MaxSize
	}
	return lowest.Amount <= q.Amount && q.Amount <= highest.Amount
}

type part struct {
	name   string
	amount int64
}

// times are the units of durations as Prometheus writes them, and shorter ones.
var times = []part{
	{"y", 365 * 86400 * 1e9}, {"w", 7 * 86400 * 1e9}, {"d", 86400 * 1e9}, {"h", 3600 * 1e9}, {"m", 60 * 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1},
}

// sizes are the units of sizes. KB is read, and not written.
var sizes = []part{
	{"TiB", 1 << 40}, {"TB", 1e12}, {"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"kB", 1e3}, {"KB", 1e3}, {"B", 1},
}

var numbered = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)([a-zA-Z]+)`)

// Parse reads a duration or a size that the schema allows: one number with a unit, or
// several whole ones from the largest unit to the smallest. An amount that is too large is
// the largest there is.
func Parse(text string) (q Quantity, ok bool) {
	total := 0.0
	for _, found := range numbered.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseFloat(found[1], 64)
		unit, size := amountOf(found[2])
		if err != nil || unit == 0 {
			return Quantity{}, false
		}
		q.Size = size
		total += math.Round(n * float64(unit))
	}
	q.Amount = math.MaxInt64
	if total < math.MaxInt64 {
		q.Amount = int64(total)
	}
	return q, total > 0
}

func amountOf(unit string) (amount int64, size bool) {
	for _, p := range times {
		if p.name == unit {
			return p.amount, false
		}
	}
	for _, p := range sizes {
		if p.name == unit {
			return p.amount, true
		}
	}
	return 0, false
}

// String writes q as specs may: 1s500ms, 64KiB.
func (q Quantity) String() string {
	if q.Size {
		for _, p := range sizes {
			if q.Amount%p.amount == 0 && q.Amount != 0 {
				return fmt.Sprint(q.Amount/p.amount) + p.name
			}
		}
		return "0B"
	}
	var b strings.Builder
	rest := q.Amount
	for _, p := range times[2:] {
		if n := rest / p.amount; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, p.name)
			rest %= p.amount
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
