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

// Gauge returns the series of states, from a start on.
func (c Counts) Gauge(to sli.Gauge, start time.Time) []engine.Series {
	out := engine.Series{Labels: to.Series.Labels()}
	for i, t := range c.times(start)[1:] {
		switch {
		case c.Total[i] == 0:
		case c.Bad[i] > 0:
			out.Push(t, to.Down, nil)
		default:
			out.Push(t, to.Up, nil)
		}
	}
	return []engine.Series{out}
}

// times returns the Unix milliseconds of the samples.
func (c Counts) times(start time.Time) []int64 {
	times := make([]int64, len(c.Total)+1)
	for i := range times {
		times[i] = start.Add(time.Duration(i) * c.Interval).UnixMilli()
	}
	return times
}
