// Package model is what a spec says, once it is known to be valid.
//
// In: values that schema has validated and completed with defaults. Out: plain
// Go values for plan, lint and the documents. The package knows no YAML, no
// PromQL and no Grafana: expressions and selectors are text here.
package model

import (
	"time"

	"github.com/promslo/promslo/schema/diag"
)

// Project is the project file with its defaults filled in.
type Project struct {
	Scrape     time.Duration // interval at which targets are scraped
	Evaluation time.Duration // interval of the fast rule groups
	Retention  time.Duration // how long Prometheus keeps samples; 0: not known
	Offset     time.Duration // how far into the past the rules look
	External   []string      // external labels of the Prometheus servers that alerts name
	Out        string        // output directory, slash-separated, relative to the project file
	Dashboard  string        // address below which Grafana serves dashboards, for links; may be empty
	Tiers      map[string]Tier
	Ladder     []float64         // objectives to choose from in percent, ascending; empty: any
	Lint       map[diag.ID]Level // of rules by ID, where it is not their own

	Contracts    bool // whether documents are generated
	Rules        Delivery
	Alertmanager Alertmanager
	File         string // the project file as generated files name it; empty: there is none
	// At returns the position of the value at a path in the project file, such as
	// ("tiers", "P1", "floor"), or of its nearest ancestor that exists.
	At func(path ...string) diag.Pos `json:"-"`
}

// Level is how a project takes a rule of lint.
type Level string

// The levels.
const (
	Off     Level = "off"
	Warning Level = "warning"
	Error   Level = "error"
)

// Tier holds the defaults of the services that name it, and what they must keep.
type Tier struct {
	Rank      int           // 0 is the most important
	Floor     Floor         // what each of its SLOs must promise at least
	Requires  []string      // what its services must say: description, owner, policy, runbook
	Objective float64       // percent; 0: none
	Window    time.Duration // 0: none
	Labels    map[string]string
	Alerting  Alerting
	Policy    []Step    // of the services that have none
	Receivers Receivers // where they are not those of all tiers
}

// Alertmanager is what an Alertmanager is told about the alerts of SLOs.
type Alertmanager struct {
	On        bool      // whether anything is generated for it
	Receivers Receivers // of all tiers that name no others
	Equal     []string  // labels beside promslo's own that tell alerts of one SLO apart
	// ProvidersSilenceConsumers: while an SLO pages, the tickets of those that
	// depend on it are silent.
	ProvidersSilenceConsumers bool
}

// Delivery is how rules come to Prometheus.
type Delivery struct {
	Operator bool // as PrometheusRule resources of the Prometheus operator, which have the rest
	// Namespace is where the resources belong; empty: where they are applied.
	Namespace   string
	Labels      map[string]string
	Annotations map[string]string
}

// Receivers are names of receivers; empty: none.
type Receivers struct {
	Page   string
	Ticket string
}

// Service is one spec: the promises of one service.
type Service struct {
	Name        string
	Tier        string
	Owner       string
	Description string
	Contacts    map[string]string // by kind: slack, runbook, email, …
	SLOs        []SLO             // by name
	DependsOn   []Dependency      // as in the spec
	Policy      []Step            // what is done as budgets run out, the mildest first
	Source      Source
}

// Source tells where the parts of a service stand in its file.
type Source struct {
	File string // relative to the project's root, with slashes
	// At returns the position of the value at a path such as ("slos", "latency",
	// "sli"), or of its nearest ancestor that exists.
	At func(path ...string) diag.Pos `json:"-"`
	// In returns the position of a byte of the text at a path, for errors inside PromQL.
	In func(offset int, path ...string) diag.Pos `json:"-"`
	// Ignores are the comments of the file that take findings back.
	Ignores []Ignore
}

// Ignore is a comment that takes findings of a rule back.
type Ignore struct {
	Rule     diag.ID
	Reason   string
	Pos      diag.Pos // of the comment
	From, To int      // lines that it is about
}

// SLO is one promise: a service level objective over a window.
type SLO struct {
	Name        string
	Key         string // in the spec: the SLOs of a latency block with several thresholds share one
	ID          string // what it was called, as service/slo, if it was renamed; see Service.Identity
	Description string
	Objective   float64       // percent of good events, above 10 and below 100
	Window      time.Duration // period of the error budget, 1 h to 1 y; the longest length of a calendar period
	Calendar    Calendar      // period on the calendar; empty: a rolling window
	RawWindow   bool          // the period is read from the raw counters
	Timezone    string        // of the calendar, an IANA name
	SLI         SLI
	GroupBy     []string // labels whose every value has a budget of its own
	Schedule    []Entry  // times at which something else is promised; later entries win
	Exclude     []Exclusion
	Maintenance []Maintenance
	External    *External         // the promise given to customers; nil: none
	Traffic     Rate              // of all events, as expected; 0 events: not said
	Tests       []Test            // of the user's own
	Labels      map[string]string // added to the alerts
	Annotations map[string]string // added to the alerts, as literal text
	Alerting    Alerting
}

// Calendar is a calendar period, at whose start the budget is full again.
type Calendar string

// The calendar periods. A week begins on Monday.
const (
	Week    Calendar = "week"
	Month   Calendar = "month"
	Quarter Calendar = "quarter"
	Year    Calendar = "year"
)

// Times are times of the week on the wall clock of a time zone.
type Times struct {
	Days     []time.Weekday // on which the times begin, ascending from Sunday, never empty
	From     time.Duration  // since midnight, below 24 h
	To       time.Duration  // since midnight, at most 24 h; up to From it means the next day
	Timezone string         // an IANA name
}

// Entry is an entry of a schedule: what is promised at its times instead.
type Entry struct {
	Name      string
	At        Times
	Objective float64       // percent, above 10 and below 100; 0: unchanged
	Threshold time.Duration // of a latency SLI; 0: unchanged
}

// Exclusion is a recurring time in which nothing counts.
type Exclusion struct {
	Reason string
	At     Times
}

// Maintenance is a dated time in which nothing counts.
type Maintenance struct {
	Reason   string
	From, To time.Time // UTC, From before To
}

// Test is a case of the user's own: what happens, as Errors or as Series, and
// what must come of it.
type Test struct {
	Name     string
	Errors   []Errors // from the start on, one after the other; none after the last
	Traffic  Rate     // of all events, while there are Errors
	Series   []TestSeries
	Interval time.Duration // between two values of a series; 0: the scrape interval
	Expect   []Expectation
}

// Errors is a time in which some events fail.
type Errors struct {
	Ratio  float64 // of events that fail, 0 to 1
	Length time.Duration
}

// Rate is traffic: Events, above 0 and not always whole, in every Per.
type Rate struct {
	Events float64
	Per    time.Duration
}

// TestSeries is an input series in promtool's notation.
type TestSeries struct {
	Series string
	Values string
	Pos    diag.Pos // of the series
}

// Expectation is what must be at an offset from the start.
type Expectation struct {
	At    time.Duration
	Fires string // the most urgent alert that fires, "page", "ticket" or "none"; empty: any
	Value string // PromQL whose series add up to Is; may be empty
	Is    float64
}

// Alerting adapts the alerts of an SLO.
type Alerting struct {
	MinFailures    *float64      // bad events below which nothing fires; nil: the default
	MinBudgetSpent *float64      // share of a pair's budget that must be spent before a page; nil: the default
	KeepFiringFor  time.Duration // how long an alert stays after its cause is gone; 0: not at all
	Page           Severity
	Ticket         Severity
}

// Severity adapts the alerts of one severity.
type Severity struct {
	Disabled    bool
	Labels      map[string]string
	Annotations map[string]string
}
