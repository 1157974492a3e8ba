package odds

import (
	"cmp"
	"slices"
	"time"
)

// Incident is slots that follow each other in which more events were bad than allowed.
type Incident struct {
	From, To time.Time
	Bad      float64
	Share    float64 // of the budget of a window at the average traffic, a ratio
}

// Incidents returns what cost most, the worst first. One slot without may lie between
// those of an incident.
func Incidents(slots []Slot, window time.Duration) []Incident {
	var out []Incident
	var allowed float64
	var measured time.Duration
	for _, s := range slots {
		if !s.Measured {
			continue
		}
		allowed += s.Allowed
		measured += s.Length
		if s.Bad <= s.Allowed || s.Bad <= 0 {
			continue
		}
		if n := len(out); n > 0 && !s.From.After(out[n-1].To.Add(s.Length)) {
			out[n-1].To = s.From.Add(s.Length)
			out[n-1].Bad += s.Bad
			continue
		}
		out = append(out, Incident{From: s.From, To: s.From.Add(s.Length), Bad: s.Bad})
	}
	for i := range out {
		if allowed > 0 {
			out[i].Share = out[i].Bad / (allowed / measured.Seconds() * window.Seconds())
		}
	}
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Compare(b.Bad, a.Bad) })
	return out
}
