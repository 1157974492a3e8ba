// Package words formats numbers, durations and periods for people.
package words

import (
	"fmt"
	"math"
	"strconv"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/model"
)

// Round removes the noise of binary fractions: 0.9990000000000001 becomes 0.999.
// Twelve significant digits are more precise than any counter.
func Round(x float64) float64 { return Significant(x, 12) }

// Significant rounds to a number of significant digits.
func Significant(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// Number prints x as people write it: 99.9, 0.001, 14.4.
func Number(x float64) string { return strconv.FormatFloat(Round(x), 'f', -1, 64) }

// Percent prints a percentage: 99.9 %.
func Percent(x float64) string { return Number(x) + " %" }

// Duration prints d as Prometheus does, but without weeks: 5m, 1h30m, 28d, 1y.
func Duration(d time.Duration) string {
	if d%(7*model.Day) == 0 && d%(365*model.Day) != 0 {
		return strconv.Itoa(int(d/model.Day)) + "d"
	}
	return prom.Duration(d).String()
}

// Over prints a percentage and its window unless that is 0: 99.9 % over 30d.
func Over(percent float64, window time.Duration) string {
	if window == 0 {
		return Percent(percent)
	}
	return Percent(percent) + " over " + Duration(window)
}

// Period prints the period of a budget: 30d, or a calendar month.
func Period(window time.Duration, calendar model.Calendar) string {
	if calendar != "" {
		return "a calendar " + string(calendar)
	}
	return Duration(window)
}

// Rate prints traffic: 100/s, 1/d.
func Rate(r model.Rate) string { return Number(r.Events) + "/" + Duration(r.Per)[1:] }

// Count prints an estimated number of events: 1,235,000. It has at most four significant
// digits, two below ten.
func Count(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2g", x)
	}
	unit := math.Pow10(max(0, int(math.Log10(x))-3))
	digits := fmt.Sprintf("%.0f", math.Round(x/unit)*unit)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
