package model

import "time"

// SLI is the indicator of an SLO. Package sli has a type for each kind.
type SLI interface {
	Kind() string        // as specs write it
	CountsTime() bool    // its events are seconds, not requests
	TellsFailures() bool // it is one of availability, not of speed or of a value
	Words() Words

	// Limits says within which bounds an event is good: 200, 201 or 404; at most 1s.
	// Empty: the SLI has none, but counts good or bad events.
	Limits() string
	LimitsField() string // field of the spec that holds the bounds; empty: several, or none
	// Measured is all that the SLI measures but its bounds, as text to compare. What a
	// part of a journey measures the caller says.
	Measured(part func(Part) string) string
	// Compare tells whether events that were bad under other bounds of the same kind
	// are good now, and the reverse.
	Compare(was SLI) (weaker, stronger bool)

	// PartRefused says why the SLI cannot be a part of a journey, and what to do instead
	// (empty: name one of the kinds that can). Empty: it can. slo is the SLO that the
	// journey names; empty: the SLI stands in the journey itself.
	PartRefused(slo string) (why, instead string)
	// RawWindowRefused says what keeps the period from being read from raw counters: the
	// SLI measures time. Empty: nothing does.
	RawWindowRefused() string
	// ScheduleThreshold returns the threshold that a schedule may change; false: there is
	// none of the kind.
	ScheduleThreshold() (time.Duration, bool)
	// Parts are those of a journey, with the one that counts the journeys that begin.
	Parts() []PartAt
}

// Words says what an SLI counts, without a selector.
type Words struct {
	Events string // what is counted: requests, calls, events, journeys, the time
	Good   string // which of it are good, a sentence
}

// Part is a part of a journey.
type Part struct {
	SLO    string  // whose SLI it is, as service/name; empty: an SLI in place
	Source Source  // of the spec of SLO
	Key    string  // of SLO in its spec
	SLI    SLI     // one that counts events
	Weight float64 // share of its events that belong to the journey, above 0 to 1
}

// PartAt is a part of a journey and where it stands.
type PartAt struct {
	*Part
	Entry bool     // it counts the journeys that begin
	Path  []string // in the spec, below sli
}
