package model

import "github.com/promslo/promslo/schema/quantity"

// SLI is the indicator of an SLO. Package sli has a type for each kind.
type SLI interface {
	Kind() string         // as specs write it
	CountsTime() bool     // it counts seconds, not requests
	IsAvailability() bool // it measures failures, not latency or a value
	Words() Words

	// Limits describes the bounds within which an event is good: 200, 201 or 404; at most
	// 1s. Empty: the SLI has none, but counts good or bad events.
	Limits() string
	LimitsField() string // field of the spec that holds the bounds; empty: several, or none
	// Measured describes what the SLI measures without its bounds, as text to compare. expr
	// returns PromQL, and part a part of a journey, as they are compared.
	Measured(expr func(string) string, part func(Part) string) string
	// Expressions returns the PromQL of the SLI by its fields; a selector for metric and
	// match. Of a journey there is none.
	Expressions() []Expression
	// Compare reports whether events that were bad under the old bounds of the same kind
	// are good now, and vice versa.
	Compare(was SLI) (weaker, stronger bool)

	// PartRefused returns why the SLI cannot be a part of a journey, empty if it can, and a
	// suggestion, empty for a list of the allowed kinds. slo is the SLO that the journey
	// refers to; empty: the SLI is in the journey itself.
	PartRefused(slo string) (why, instead string)
	// RawWindowRefused returns why the period cannot be read from raw counters: the SLI
	// measures time. Empty: it can.
	RawWindowRefused() string
	// ScheduleThreshold returns the threshold that a schedule may change; false: the kind
	// has none.
	ScheduleThreshold() (quantity.Quantity, bool)
	// Parts returns the parts of a journey, including its entry; nil for other kinds.
	Parts() []PartAt
}

// Answering is an SLI that tells good from bad by a status or a code.
type Answering interface {
	// GoodBeside returns which statuses or codes are good beside some others, in short: 3xx,
	// 404 to 410.
	GoodBeside(answers []string) []string
}

// Expression is PromQL in a field of an SLI.
type Expression struct{ Field, Text string }

// Words describes what an SLI counts, without a selector.
type Words struct {
	Events string // what is counted: requests, calls, events, journeys, the time
	Good   string // which of it are good, a sentence
}

// Part is a part of a journey.
type Part struct {
	SLO    string  // reference to an SLO, as service/slo; empty: an inline SLI
	Source Source  // of the spec of SLO
	Key    string  // of SLO in its spec
	SLI    SLI     // one that counts events
	Weight float64 // share of its events that belong to the journey, above 0 to 1
}

// PartAt is a part of a journey and its path.
type PartAt struct {
	*Part
	Entry bool     // it counts the started journeys
	Path  []string // in the spec, below sli
}
