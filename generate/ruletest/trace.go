package ruletest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/sli"
)

// phase is a stretch of steady traffic.
type phase struct {
	length  time.Duration // a multiple of the trace's interval
	traffic float64       // events per interval
	bad     float64       // ratio of bad events, 0 to 1
}

// trace is the traffic and the errors of a service during a test.
type trace struct {
	interval       time.Duration // between the samples of its series
	evaluation     time.Duration // between evaluations of the rules
	offset         time.Duration // query offset of the rule groups
	rangeExtension time.Duration // by which a raw range is longer than its tile
	gauge          bool          // of a time-based SLI, whose samples are the events
	instances      float64       // of a time-based SLI, for which the values of its states are
	badLatency     float64       // latency of bad events, in seconds; 0: above all thresholds
	phases         []phase
}

// wholeEvents makes every number of events, and of bad ones, a multiple of a unit, so
// that counters are whole: fractions would add up with an error.
func wholeEvents(phases []phase, unit, unitBad float64) []phase {
	out := slices.Clone(phases)
	for i := range out {
		p := &out[i]
		p.traffic = math.Round(p.traffic/unit) * unit
		failed := min(math.Round(p.traffic*p.bad/unitBad), math.Floor(plan.Round(p.traffic/unitBad)))
		p.bad = ratio(failed*unitBad, p.traffic)
	}
	return out
}

// eventCounter returns the values of a counter in promtool's notation; good and bad
// are its increments by each good event and each bad one.
func (t trace) eventCounter(good, bad float64) string {
	steps := make([]float64, len(t.phases))
	for i, p := range t.phases {
		failed := p.traffic * p.bad
		steps[i] = math.Round(good*(p.traffic-failed) + bad*failed)
	}
	return t.steppedCounter(steps, 0)
}

// steppedCounter returns the values of a counter in promtool's notation, by its
// increments between two samples in each phase. It does not exist before phase first.
func (t trace) steppedCounter(steps []float64, first int) string {
	// rate() extrapolates less for a counter near zero, which would change the
	// ratio.
	value := 10 * math.Ceil(max(100, slices.Max(steps)))
	var segments []string
	for i, p := range t.phases {
		n := int(p.length / t.interval)
		if i < first {
			segments = append(segments, fmt.Sprintf("_x%d", n))
			continue
		}
		if i == first {
			segments = append(segments, decimal(value))
		}
		segments = append(segments, segment(value+steps[i], steps[i], n))
		for range n { // as promtool does: a fraction must not look like a reset
			value += steps[i]
		}
	}
	return strings.Join(segments, " ")
}

// stateValues returns the values of a series of a time-based SLI in promtool's notation.
// Phases without traffic have no samples.
func (t trace) stateValues(s sli.State) string {
	segments := []string{"_"}
	first := t.interval.Seconds() // time of the first sample of the phase
	for _, p := range t.phases {
		n := int(p.length / t.interval)
		value := s.Value(p.bad)
		if many := p.traffic / t.instances / t.interval.Seconds(); many != 1 {
			value *= many
		}
		switch {
		case p.traffic == 0:
			segments = append(segments, fmt.Sprintf("_x%d", n))
		case s.Since:
			segments = append(segments, segment(first-value, t.interval.Seconds(), n))
		default:
			segments = append(segments, segment(value, 0, n))
		}
		first += p.length.Seconds()
	}
	return strings.Join(segments, " ")
}

// segment formats n samples that begin at first and grow by step.
func segment(first, step float64, n int) string {
	switch {
	case math.IsNaN(first):
		return fmt.Sprintf("NaN+0x%d", n-1) // NaNx1 is a name to promtool
	case step == 0:
		return fmt.Sprintf("%sx%d", decimal(first), n-1)
	}
	return fmt.Sprintf("%s+%sx%d", decimal(first), decimal(step), n-1)
}

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (t trace) length() time.Duration {
	var d time.Duration
	for _, p := range t.phases {
		d += p.length
	}
	return d
}

// events returns the bad and all events in the time from since to until.
func (t trace) events(since, until time.Duration) (bad, total float64) {
	var begin time.Duration
	for _, p := range t.phases {
		end := begin + p.length
		if overlap := min(end, until) - max(begin, since); overlap > 0 {
			n := p.traffic * overlap.Seconds() / t.interval.Seconds()
			bad += n * p.bad
			total += n
		}
		begin = end
	}
	return bad, total
}

// ratio divides, and is 0 where there is nothing.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// ceil rounds d up to a multiple of unit.
func ceil(d, unit time.Duration) time.Duration {
	return time.Duration(math.Ceil(float64(d)/float64(unit))) * unit
}
