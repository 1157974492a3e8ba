package simulate

import (
	"time"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/sli"
)

// old is what counters have counted before a trace begins. Of a counter near
// zero rate() supposes that it is new, and extrapolates less.
const old = 1e9

// Counters returns the series that count the events, from a start on.
func (c Counts) Counters(to sli.Counters, start time.Time) []engine.Series {
	times := c.times(start)
	var out []engine.Series
	for _, counter := range to.Increments() {
		values := make([]float64, len(times))
		values[0] = old
		for i := range c.Total {
			values[i+1] = values[i] + counter.Good*float64(c.Total[i]-c.Bad[i]) + counter.Bad*float64(c.Bad[i])
		}
		out = append(out, engine.Series{Labels: counter.Series.Labels(), Times: times, Values: values})
	}
	return out
}

// Series returns the series of an SLI that counts time, from a start on.
func (c Counts) Series(to sli.States, start time.Time) []engine.Series {
	var out []engine.Series
	for _, s := range to.All {
		series := engine.Series{Labels: s.Series.Labels()}
		for i, t := range c.times(start)[1:] {
			if c.Total[i] == 0 {
				continue
			}
			value := s.Good
			if c.Bad[i] > 0 {
				value = s.Bad
			}
			if s.Since {
				value = float64(t)/1000 - value
			}
			series.Push(t, value, nil)
		}
		out = append(out, series)
	}
	return out
}

// times returns the Unix milliseconds of the samples.
func (c Counts) times(start time.Time) []int64 {
	times := make([]int64, len(c.Total)+1)
	for i := range times {
		times[i] = start.Add(time.Duration(i) * c.Interval).UnixMilli()
	}
	return times
}
