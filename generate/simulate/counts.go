package simulate

import (
	"math"
	"time"
)

// Counts are the events of a trace between samples.
type Counts struct {
	Interval time.Duration // between two samples
	// Total and Bad hold the events after sample i, up to and with sample i+1;
	// sample 0 is at offset 0.
	Total, Bad []int64
}

// Counts returns the events between samples.
func (t Trace) Counts(interval time.Duration) Counts {
	c := newCounts(t, interval)
	begin := time.Duration(0)
	for _, s := range t {
		end := begin + s.Length
		total, bad := int64(0), int64(0) // of the stretch so far
		for i := begin / interval; i*interval < end; i++ {
			elapsed := min((i+1)*interval, end) - begin
			n := share(s.Total, float64(elapsed)/float64(s.Length))
			b := share(s.Bad, float64(n)/float64(max(s.Total, 1)))
			c.Total[i] += n - total
			c.Bad[i] += b - bad
			total, bad = n, b
		}
		begin = end
	}
	return c
}

// States returns the samples of a gauge as events: every sample is one, and as
// many are bad, evenly, as of the events of a stretch. Where there are no
// events, there is no sample.
func (t Trace) States(interval time.Duration) Counts {
	c := newCounts(t, interval)
	begin := time.Duration(0)
	for _, s := range t {
		end := begin + s.Length
		samples, bad := int64(0), int64(0) // of the stretch so far
		for i := begin / interval; (i+1)*interval <= end && s.Total > 0; i++ {
			samples++
			b := share(s.Bad, float64(samples)/float64(s.Total))
			c.Total[i], c.Bad[i] = 1, b-bad
			bad = b
		}
		begin = end
	}
	return c
}

func newCounts(t Trace, interval time.Duration) Counts {
	n := (t.Length() + interval - 1) / interval
	return Counts{Interval: interval, Total: make([]int64, n), Bad: make([]int64, n)}
}

// share is a part of a number, rounded to a whole one.
func share(n int64, part float64) int64 { return int64(math.Round(float64(n) * part)) }

// Length is the offset of the last sample.
func (c Counts) Length() time.Duration { return time.Duration(len(c.Total)) * c.Interval }

// Between returns the events of the samples after an offset, up to and with
// another one.
func (c Counts) Between(from, to time.Duration) (total, bad int64) {
	for i := max(0, int(from/c.Interval)); i < min(int(to/c.Interval), len(c.Total)); i++ {
		total += c.Total[i]
		bad += c.Bad[i]
	}
	return total, bad
}

// Around widens a span to the samples before and after it.
func (c Counts) Around(s Span) Span {
	return Span{From: s.From / c.Interval * c.Interval, To: (s.To + c.Interval - 1) / c.Interval * c.Interval}
}
