package plan

import (
	"strconv"
	"time"

	"github.com/prometheus/common/model"
)

// Round removes the noise of binary fractions: 0.9990000000000001 becomes 0.999.
// Twelve significant digits are far below anything a counter can tell.
func Round(x float64) float64 { return significant(x, 12) }

func significant(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// Number prints x as people write it: 99.9, 0.001, 14.4.
func Number(x float64) string { return strconv.FormatFloat(Round(x), 'f', -1, 64) }

// Duration prints d as Prometheus does, but without weeks: 5m, 1h30m, 28d, 1y.
func Duration(d time.Duration) string {
	if d%week == 0 && d%year != 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	return model.Duration(d).String()
}
