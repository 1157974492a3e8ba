//go:build unix

package generate_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"github.com/promslo/promslo/generate/simulate"
	"github.com/promslo/promslo/generate/simulate/trace"
)

const day = 24 * time.Hour

// monday is when every trace begins. Only the schedule cares.
var monday = time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC)

// phase is when counters are scraped after an evaluation: on a server the two
// never coincide.
const phase = 10 * time.Second

// ruleTrace is what happens to a service, and what its SLO's rules should make
// of it. The functions take offsets from the start.
type ruleTrace struct {
	name    string
	length  time.Duration
	traffic func(at time.Duration) float64 // events between two scrapes, not always whole
	errors  func(at time.Duration) float64 // ratio of events that fail
	served  serving

	incident trace.Span // the alerts' times count from here; none if empty
	bars     bars

	spec    string        // instead of the availability of 99.9 %; the peers have nothing like it
	allowed func(at time.Duration) float64 // ratio of errors that spec allows
	edit    time.Duration // when the owner in the spec changes; 0 is never
}

// bars are the promises that a trace puts to the test.
type bars struct {
	inexact    bool          // the period's ratio may be more than 0.2 % off the truth
	pageWithin time.Duration // of the start of the incident; 0 asks for no page
	mostPages  int
	tickets    bool // at least one
}

// serving is how events spread over counters.
type serving struct {
	pods    int           // 0 counts as 1
	restart time.Duration // how long a process lives, after which its counters begin at 0; 0 is for ever
	churn   time.Duration // how long a pod lives, after which another one takes its place; 0 is for ever
	relabel time.Duration // when a label of every series changes that no rule selects; 0 is never
	late    bool          // a counter appears with its first event, as those with labels do in client libraries
	gap     trace.Span    // without samples
}

// ruleTraces are in the order of the issue.
func ruleTraces() []ruleTrace {
	const (
		healthy = 3 * day // the longest window of an alert
		steady  = 3000.0  // 100 a second
		quiet   = 10.0 * float64(scrape) / float64(time.Hour)
	)
	incident := func(length time.Duration) trace.Span { return trace.Span{From: healthy, To: healthy + length} }
	hour := incident(time.Hour)
	everyNight := daily(3*time.Hour, 4*time.Hour)
	paged := bars{pageWithin: 5 * time.Minute, mostPages: 1}
	return []ruleTrace{
		{
			name: "outage: all fails for 20m", length: 4 * day, traffic: always(steady),
			incident: incident(20 * time.Minute), errors: during(incident(20*time.Minute), 1, 0),
			bars: bars{pageWithin: 2 * time.Minute, mostPages: 1},
		},
		{
			name: "partial outage: 20 % for 1h", length: 4 * day, traffic: always(steady),
			incident: hour, errors: during(hour, 0.2, 0.0002),
			bars: paged,
		},
		{
			name: "slow burn: 0.4 % for 1d", length: 5 * day, traffic: always(steady),
			incident: incident(day), errors: during(incident(day), 0.004, 0),
			bars: bars{tickets: true},
		},
		{
			name: "just within: 0.095 %", length: 4 * day, traffic: always(steady), errors: always(0.00095),
		},
		{
			name: "night errors: 5 % for 1h", length: 35 * day, traffic: diurnal(steady), errors: daily(3*time.Hour, 4*time.Hour).ratio(0.05),
			bars: bars{mostPages: 5},
		},
	}
}
