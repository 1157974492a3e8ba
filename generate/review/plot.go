package review

import (
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	svg "github.com/ajstarks/svgo/float"
)

// The plot of a budget, in units of its view box, which stands in review.html.
const (
	plotWidth, plotHeight = 640.0, 160.0
	plotLeft, plotBottom  = 80.0, 26.0
	plotTop               = 12.0
	labelHeight           = 22.0 // on a phone, whose letters are larger
)

// Plot draws what was left of the budget over the period as inline SVG. Colours are those
// of the page's classes, so that they follow its theme. There is a gap where nothing was
// measured: nobody knows what was left.
func (b Budget) Plot(from, to time.Time) template.HTML {
	if len(b.line) < 2 {
		return ""
	}
	low := 0.0
	for _, left := range b.line {
		if left < low {
			low = left
		}
	}
	low = max(-10, math.Floor(low*4)/4) // what is deeper is as bad
	x := func(i int) float64 {
		return plotLeft + float64(i)*(plotWidth-plotLeft-4)/float64(len(b.line)-1)
	}
	y := func(left float64) float64 {
		return plotTop + (1-max(left, low))/(1-low)*(plotHeight-plotTop-plotBottom)
	}
	var out strings.Builder
	s := svg.New(&out)
	s.Decimals = 1
	var labelled []float64
	for _, at := range []float64{0, 1, low, 0.5} { // where there is no room for all, the first
		if slices.ContainsFunc(labelled, func(other float64) bool { return math.Abs(y(at)-y(other)) < labelHeight }) {
			continue
		}
		labelled = append(labelled, at)
		class := "grid"
		if at == 0 {
			class = "zero"
		}
		s.Line(plotLeft, y(at), plotWidth-4, y(at), `class="`+class+`"`)
		s.Text(plotLeft-6, y(at)+5, Left(at), `class="axis end"`)
	}
	class := "line"
	if b.Lowest < 0 {
		class = "line spent"
	}
	var xs, ys []float64
	draw := func() {
		if len(xs) > 1 {
			s.Polygon(append(append([]float64{xs[0]}, xs...), xs[len(xs)-1]), append(append([]float64{y(0)}, ys...), y(0)), `class="area `+class+`"`)
			s.Polyline(xs, ys, `class="`+class+`"`)
		}
		xs, ys = nil, nil
	}
	for i, left := range b.line {
		if math.IsNaN(left) {
			draw()
			continue
		}
		xs, ys = append(xs, x(i)), append(ys, y(left))
	}
	draw()
	s.Text(plotLeft, plotHeight-4, from.Format("2 Jan"), `class="axis"`)
	s.Text((plotLeft+plotWidth)/2, plotHeight-4, from.Add(to.Sub(from)/2).Format("2 Jan"), `class="axis middle"`)
	s.Text(plotWidth-4, plotHeight-4, to.Format("2 Jan"), `class="axis end"`)
	return template.HTML(out.String()) // numbers and dates only
}
