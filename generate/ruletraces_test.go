//go:build unix

package generate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/simulate"
)

// monday is when every trace begins. Only the schedule depends on it.
var monday = time.Date(2026, 5, 11, 0, 0, 0, 0, time.UTC)

// phase is how long after an evaluation counters are scraped: on a server the two
// do not coincide either. The middle stands for all.
const phase = scrape / 2

// ruleTrace is what a service goes through, and what the rules of its SLO should
// make of that. Functions take the offset from the start.
type ruleTrace struct {
	name     string
	length   time.Duration
	traffic  func(at time.Duration) float64 // events between two scrapes; fractions add up to whole events
	errors   func(at time.Duration) float64 // ratio of events that fail
	serving  serving
	incident simulate.Span // from and to which alerts are timed; empty if they are not
	random   *rand.Rand    // by which events come and fail; nil: evenly

	// Bars for our rules.
	gap        bool          // samples are missing: the period's error ratio may be off
	pageWithin time.Duration // of the start of the incident; 0 is any time
	pages      [2]int        // fewest and most
	tickets    [2]int
	sure       bool // more than one failed request is asked for, so Sloth pages sooner

	edit     time.Duration                  // when the owner in the spec changes; 0 is never
	schedule string                         // of the spec; the peers have none
	allowed  func(at time.Duration) float64 // ratio of events that the schedule lets fail
}

// serving is how events spread over the series of a service.
type serving struct {
	pods    int           // 0 is 1
	restart time.Duration // how long a process lives, before its counters begin at 0; 0 is for ever
	churn   time.Duration // how long a pod lives, before another takes its place; 0 is for ever
	relabel time.Duration // when a label changes that no rule selects; 0 is never
	late    bool          // a series appears with its first event, as in client libraries
	gap     simulate.Span // without samples
}

const (
	healthy = 3 * day // before an incident: the longest window of an alert
	steady  = 3000.0  // events a scrape: 100 a second
	quiet   = 10 * float64(scrape) / float64(time.Hour)
)

// ruleTraces returns the traces. Those of a few days have only a part of the
// period behind them: the truth is then that of the same days, and rules should
// say the same, as sums over what there is.
func ruleTraces() []ruleTrace {
	free, none := [2]int{0, math.MaxInt}, [2]int{}
	one, some := [2]int{1, 1}, [2]int{1, math.MaxInt}
	// Neither incidents nor restarts keep to the hour of tiles. Where both did, the
	// worst that could happen, the period would be up to 0.25 % off: rate() takes a
	// counter near zero for a new one and extrapolates less.
	hour := simulate.Span{From: healthy + 17*time.Minute, To: healthy + 77*time.Minute}
	const life = 5*time.Hour + 7*time.Minute
	minutes20 := simulate.Span{From: healthy, To: healthy + 20*time.Minute}
	long := simulate.Span{From: healthy, To: healthy + day}
	sixHours := simulate.Span{From: 8 * day, To: 8*day + 6*time.Hour}
	office := simulate.Span{From: 7*day + 12*time.Hour, To: 7*day + 14*time.Hour} // Monday
	hourly := ruleTrace{
		length: 4 * day, traffic: always(steady), errors: during(hour, 0.2, 0.0002),
		incident: hour, pageWithin: 6 * time.Minute, pages: one, tickets: free,
	}
	like := func(t ruleTrace, name string, change func(*ruleTrace)) ruleTrace {
		t.name = name
		change(&t)
		return t
	}
	return []ruleTrace{
		{
			name: "outage of 20m", length: 4 * day, traffic: always(steady), errors: during(minutes20, 1, 0),
			incident: minutes20, pageWithin: 3 * time.Minute, pages: one, tickets: free,
		},
		like(hourly, "partial outage, 20 % for 1h", func(*ruleTrace) {}),
		{
			name: "slow burn, 0.4 % for 1d", length: 5 * day, traffic: always(steady), errors: during(long, 0.004, 0),
			incident: long, pages: none, tickets: some,
		},
		{
			name: "just within, 0.095 %", length: 4 * day, traffic: always(steady), errors: always(0.00095),
			pages: none, tickets: none,
		},
		{
			name: "night errors, 5 % for 1h", length: 35 * day, traffic: diurnal(steady), errors: daily(3*time.Hour, 4*time.Hour, 0.05, 0),
			pages: [2]int{0, 5}, tickets: free,
		},
		{
			name: "idle nights, 0.05 %", length: 35 * day, traffic: daily(0, 6*time.Hour, 0, steady), errors: always(0.0005),
			pages: none, tickets: none,
		},
		like(hourly, "restarts every 5h", func(t *ruleTrace) { t.serving = serving{pods: 3, restart: life} }),
		like(hourly, "pod churn every 5h", func(t *ruleTrace) { t.serving = serving{pods: 3, churn: life, late: true} }),
		{
			name: "late errors, 0.08 % from day 20", length: 35 * day, traffic: always(steady), errors: during(simulate.Span{From: 20 * day, To: 35 * day}, 0.0008, 0),
			serving: serving{late: true}, pages: none, tickets: none,
		},
		{
			name: "quiet, at its objective", length: 35 * day, traffic: always(quiet), errors: always(0.001),
			pages: none, tickets: free,
		},
		{
			name: "quiet, outage of 6h", length: 9 * day, traffic: always(quiet), errors: during(sixHours, 1, 0),
			incident: sixHours, pageWithin: 30 * time.Minute, pages: one, tickets: some, sure: true,
		},
		like(hourly, "scrape gap of 2h", func(t *ruleTrace) {
			t.serving.gap = simulate.Span{From: hour.From + 30*time.Minute, To: hour.From + 150*time.Minute}
			t.gap = true
		}),
		like(hourly, "label of series edited", func(t *ruleTrace) { t.serving = serving{pods: 3, relabel: hour.To + 8*time.Hour} }),
		like(hourly, "owner edited", func(t *ruleTrace) { t.edit = t.length - 2*time.Hour }),
		{
			name: "weekend schedule", length: 9 * day, traffic: always(steady),
			errors: func(at time.Duration) float64 {
				return max(during(office, 0.05, 0)(at), during(simulate.Span{From: office.From - 2*day, To: office.To - 2*day}, 0.05, 0)(at))
			},
			incident: office, pageWithin: 30 * time.Minute, pages: one, tickets: free,
			schedule: "[{name: weekend, at: {days: [sat, sun], timezone: UTC}, objective: 90}]",
			allowed:  during(simulate.Span{From: 5 * day, To: 7 * day}, 0.1, 0.001),
		},
	}
}

func always(v float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return v }
}

func during(s simulate.Span, in, out float64) func(time.Duration) float64 {
	return func(at time.Duration) float64 {
		if s.From <= at && at < s.To {
			return in
		}
		return out
	}
}

// daily has a value between two times of each day, and another else.
func daily(from, to time.Duration, in, out float64) func(time.Duration) float64 {
	within := during(simulate.Span{From: from, To: to}, in, out)
	return func(at time.Duration) float64 { return within(at % day) }
}

// lowest is the traffic at its minimum, as a part of the mean. Above 0.144 an hour
// in which 5 % fail costs 1 % of the period's budget: that is a page every night.
const lowest = 0.1

// diurnal is traffic with a mean, whose minimum is at 03:30.
func diurnal(mean float64) func(time.Duration) float64 {
	return func(at time.Duration) float64 {
		turn := 2 * math.Pi * float64(at-3*time.Hour-30*time.Minute) / float64(day)
		return mean * (1 - (1-lowest)*math.Cos(turn))
	}
}

// counts returns the events of a trace between scrapes, all of them whole.
func (r ruleTrace) counts() simulate.Counts {
	n := int(r.length / scrape)
	c := simulate.Counts{Interval: scrape, Total: make([]int64, n), Bad: make([]int64, n)}
	total, bad := 0.5, 0.5 // not yet counted; halves keep rounding errors away from the border
	take := func(from *float64) int64 {
		whole := math.Floor(*from)
		*from -= whole
		return int64(whole)
	}
	const parts = scrape / phase // errors begin and end between scrapes
	for i := range n {
		expected, ratio := 0.0, 0.0
		for part := range parts {
			at := time.Duration(i)*scrape + phase + part*phase
			expected += r.traffic(at) / float64(parts)
			ratio += r.errors(at) / float64(parts)
		}
		if r.random != nil {
			c.Total[i] = poisson(r.random, expected)
			c.Bad[i] = failed(r.random, c.Total[i], ratio)
			continue
		}
		total += expected
		c.Total[i] = take(&total)
		bad += float64(c.Total[i]) * ratio
		c.Bad[i] = take(&bad)
	}
	return c
}

// truth returns the part of the events of the last 30 days that was bad, or, under
// a schedule, the part of the allowed ones.
func (r ruleTrace) truth() float64 {
	c := r.counts()
	bad, of := 0.0, 0.0
	for i := max(0, len(c.Total)-int(30*day/scrape)); i < len(c.Total); i++ {
		bad += float64(c.Bad[i])
		weight := 1.0
		if r.allowed != nil {
			weight = r.allowed(time.Duration(i) * scrape)
		}
		of += float64(c.Total[i]) * weight
	}
	return bad / of
}

// series returns the counters: one of good and one of bad events a pod.
func (r ruleTrace) series() []engine.Series {
	c := r.counts()
	pods := int64(max(1, r.serving.pods))
	var all []engine.Series
	for pod := range pods {
		// The same rule splits all three, so no pod has more bad events than events.
		part := func(n int64) int64 {
			if pod < n%pods {
				return n/pods + 1
			}
			return n / pods
		}
		good, bad := make([]int64, len(c.Total)), make([]int64, len(c.Total))
		for i := range c.Total {
			bad[i] = part(c.Bad[i])
			good[i] = part(c.Total[i]) - bad[i]
		}
		shift := r.serving.period() * time.Duration(pod) / time.Duration(pods)
		all = append(all, r.serving.counter("200", pod, shift, good)...)
		all = append(all, r.serving.counter("500", pod, shift, bad)...)
	}
	return all
}

// period is how long a process lives.
func (s serving) period() time.Duration { return max(s.restart, s.churn) }

// counter returns the series that count events between scrapes, one after the other
// as pods and labels change. Pods end some time after each other: shift.
func (s serving) counter(code string, pod int64, shift time.Duration, events []int64) []engine.Series {
	begin := func(generation int, version string) engine.Series {
		return engine.Series{Labels: labels.FromStrings(labels.MetricName, "http_requests_total",
			"job", "users", "code", code, "pod", fmt.Sprintf("users-%d-%d", pod, generation), "version", version)}
	}
	at := func(i int) int64 { return monday.Add(phase + time.Duration(i)*scrape).UnixMilli() }
	stale := math.Float64frombits(value.StaleNaN)
	generation := func(i int) int {
		if s.period() == 0 {
			return 0
		}
		return int((time.Duration(i)*scrape + shift) / s.period())
	}
	current := begin(0, "1")
	var done []engine.Series
	end := func(i int) {
		if len(current.Times) > 0 {
			current.Push(at(i), stale, nil)
			done = append(done, current)
		}
	}
	total := int64(0)
	if !s.late {
		total = 1e9 // it has run for long
		current.Push(at(0), float64(total), nil)
	}
	for i, n := range events {
		switch {
		case i > 0 && generation(i) != generation(i-1):
			total = 0
			if s.churn > 0 {
				end(i + 1)
				current = begin(generation(i), "1")
				if !s.late { // scraped before it served anyone
					current.Push(at(i), 0, nil)
				}
			}
		case s.relabel > 0 && time.Duration(i)*scrape == s.relabel:
			end(i + 1)
			current = begin(0, "2")
		}
		total += n
		gone := s.gap.From <= time.Duration(i)*scrape && time.Duration(i)*scrape < s.gap.To
		if total > 0 && !gone {
			current.Push(at(i+1), float64(total), nil)
		}
	}
	if len(current.Times) > 0 {
		done = append(done, current)
	}
	return done
}
