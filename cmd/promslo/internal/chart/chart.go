// Package chart draws charts over time for a terminal.
//
// In: a ratio over time, and rows of marks. Out: lines of at most 80 characters without
// colour: columns for the ratio, a time axis, and the rows below it.
package chart

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
)

// Chart is a chart to draw.
type Chart struct {
	From, To  time.Duration // range of the time axis
	MinColumn time.Duration // minimum duration of a column
	Ratio     func(from, to time.Duration) float64
	Rows      []Row
}

// Row is a row of marks below the time axis.
type Row struct {
	Name string
	// Mark returns the character for a column.
	Mark func(from, to time.Duration) rune
}

const (
	maxColumns      = 60
	maxName         = 12 // characters of a row's name
	height          = 4  // lines of the ratio
	minTickDistance = 6  // minimum columns between two ticks of the time axis
)

// roundDurations are the durations of columns and between ticks.
var roundDurations = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	model.Day, 2 * model.Day, 7 * model.Day, 14 * model.Day, 28 * model.Day, 56 * model.Day, 112 * model.Day, 224 * model.Day,
}

// Write draws the chart.
func (c Chart) Write(w io.Writer) error {
	column := c.Column()
	first := floor(c.From, column)
	n := ceil(c.To, column) - first
	span := func(i int) (from, to time.Duration) {
		from = time.Duration(first+i) * column
		return from, from + column
	}
	ratios := make([]float64, n)
	for i := range ratios {
		ratios[i] = c.Ratio(span(i))
	}
	top := roundUp(slices.Max(ratios))
	labels := []string{percent(top), percent(top / 2)}
	gutter := len(slices.MaxFunc(labels, func(a, b string) int { return len(a) - len(b) }))
	for _, row := range c.Rows {
		gutter = max(gutter, utf8.RuneCountInString(row.shortName()))
	}

	var b strings.Builder
	line := func(label, axis string, cells []rune) {
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%*s %s%s", gutter, label, axis, string(cells)), " "))
	}
	for l := range height {
		label, axis := "", "│"
		if l%2 == 0 {
			label, axis = labels[l/2], "┤"
		}
		line(label, axis, bars(ratios, top, height-1-l))
	}
	axis, numbers := timeAxis(first, n, column)
	line("", "└", axis)
	line("", " ", numbers)
	for _, row := range c.Rows {
		cells := make([]rune, n)
		for i := range cells {
			cells[i] = row.Mark(span(i))
		}
		line(row.shortName(), " ", cells)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Column returns the duration of a column: the shortest round one with which the chart
// fits, up to 36 years.
func (c Chart) Column() time.Duration {
	for _, d := range roundDurations {
		if d >= c.MinColumn && ceil(c.To, d)-floor(c.From, d) <= maxColumns {
			return d
		}
	}
	return roundDurations[len(roundDurations)-1]
}

// bars returns a line of the columns; line 0 is at the bottom.
func bars(ratios []float64, top float64, line int) []rune {
	blocks := []rune(" ▁▂▃▄▅▆▇█")
	cells := make([]rune, len(ratios))
	for i, r := range ratios {
		eighths := int(math.Round(r / top * height * 8))
		if r > 0 {
			eighths = max(eighths, 1) // any failure is visible
		}
		cells[i] = blocks[min(max(eighths-8*line, 0), 8)]
	}
	return cells
}

// timeAxis returns the axis and the numbers below it.
func timeAxis(first, n int, column time.Duration) (axis, numbers []rune) {
	step := 0
	for _, d := range roundDurations {
		if step = int(d / column); step >= minTickDistance && d%column == 0 {
			break
		}
	}
	axis, numbers = []rune(strings.Repeat("─", n)), []rune(strings.Repeat(" ", n+8))
	for i := range axis {
		if at := first + i; step > 0 && at%step == 0 {
			axis[i] = '┬'
			copy(numbers[i:], []rune(tickLabel(time.Duration(at)*column)))
		}
	}
	return axis, numbers
}

func tickLabel(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < 0:
		return "-" + plan.Duration(-d)
	default:
		return plan.Duration(d)
	}
}

// roundUp returns the next 1, 2 or 5 times a power of ten.
func roundUp(ratio float64) float64 {
	if ratio <= 0 {
		return 1
	}
	power := math.Pow10(int(math.Floor(math.Log10(ratio))))
	for _, f := range []float64{1, 2, 5} {
		if top := plan.Round(f * power); ratio <= top*(1+1e-9) {
			return top
		}
	}
	return plan.Round(10 * power)
}

func percent(ratio float64) string { return plan.Number(100*ratio) + " %" }

// shortName is the truncated name of a row.
func (r Row) shortName() string {
	if name := []rune(r.Name); len(name) > maxName {
		return string(name[:maxName-1]) + "…"
	}
	return r.Name
}

func floor(d, unit time.Duration) int { return int(math.Floor(float64(d) / float64(unit))) }
func ceil(d, unit time.Duration) int  { return int(math.Ceil(float64(d) / float64(unit))) }
