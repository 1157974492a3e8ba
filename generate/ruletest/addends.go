package ruletest

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/ruletest/testfile"
)

// addAddendTests: while one addend of a sum has no series, the others count. All series
// that there are grow, each by another step.
func (c *sloTests) addAddendTests() {
	if c.slo.TimeBased || c.slo.TilesOnly {
		return
	}
	at := c.suite.rateTestTime()
	step := c.interval(at)
	since := (at - time.Hour - 3*time.Minute).Truncate(step)
	lengths := []time.Duration{since, (at - 4*time.Minute).Truncate(step) - since}
	lengths = append(lengths, ceil(at-lengths[0]-lengths[1], step))
	pace := []float64{30, 10, 20}
	for i, missing := range c.slo.SLI.MissingAddends(c.events) {
		if missing.Total == 0 {
			continue
		}
		var expected []phase
		for n, length := range lengths {
			expected = append(expected, phase{length, pace[n] * missing.Total, missing.Bad / missing.Total})
		}
		t := c.trace(at, nil)
		t.phases = expected
		var input []testfile.Series
		for _, s := range missing.Series {
			steps := make([]float64, len(pace))
			for n := range pace {
				steps[n] = pace[n] * s.By
			}
			input = append(input, testfile.Series{Series: s.String(), Values: t.steppedCounter(steps, 0)})
		}
		b := c.newTest(fmt.Sprintf("addend %d has no series", i+1), at, t, input)
		b.addClocks(at)
		for _, w := range c.slo.RateWindows() {
			b.expectRates(at, w, 1)
		}
		b.expectTiles(at, 1)
	}
}
