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
	Out        string        // output directory, slash-separated, relative to the project file
	Dashboard  string        // address below which Grafana serves dashboards, for links; may be empty
	Tiers      map[string]Tier
}

// Tier holds the defaults of the services that name it.
type Tier struct {
	Objective float64       // percent; 0: none
	Window    time.Duration // 0: none
	Labels    map[string]string
	Alerting  Alerting
}

// Service is one spec: the promises of one service.
type Service struct {
	Name        string
	Tier        string
	Owner       string
	Description string
	Contacts    map[string]string // by kind: slack, runbook, email, …
	SLOs        []SLO             // by name
	Source      Source
}

// Source tells where the parts of a service stand in its file.
type Source struct {
	File string // relative to the project's root, with slashes
	// At returns the position of the value at a path such as ("slos", "latency",
	// "sli"), or of its nearest ancestor that exists.
	At func(path ...string) diag.Pos
	// In returns the position of a byte of the text at a path, for errors inside PromQL.
	In func(offset int, path ...string) diag.Pos
}

// SLO is one promise: a service level objective over a window.
type SLO struct {
	Name        string
	Description string
	Objective   float64       // percent of good events, above 10 and below 100
	Window      time.Duration // period of the error budget, 1 h to 1 y
	SLI         SLI
	Labels      map[string]string // added to the alerts
	Annotations map[string]string // added to the alerts, as literal text
	Alerting    Alerting
}

// SLI is the indicator; exactly one field is set.
type SLI struct {
	Events  *Events
	HTTP    *HTTP
	Latency *Latency
	Uptime  *Uptime
}

// Events counts bad among total events. Each is a selector, or PromQL in which
// $window stands for the range. Exactly one of Bad and Good is set.
type Events struct {
	Bad   string
	Good  string
	Total string
}

// HTTP counts requests whose status is not promised.
type HTTP struct {
	Metric      string            // counter of requests
	Match       map[string]string // label → value; a value may start with =~, != or !~
	StatusLabel string            // label that holds the status
	Promises    []string          // statuses ("404") or classes ("2xx"); empty: everything but 5xx
}

// Latency counts requests slower than Threshold.
type Latency struct {
	Histogram string // classic histogram without _bucket
	Match     map[string]string
	Threshold time.Duration // a bucket boundary
}

// Uptime counts the time during which Expr is 0.
type Uptime struct {
	Expr string // 0/1 PromQL; the service is up while any of its series is not 0
}

// Alerting adapts the alerts of an SLO.
type Alerting struct {
	MinFailures    *float64 // bad events below which nothing fires; nil: the default
	MinBudgetSpent *float64 // share of a pair's budget that must be spent before a page; nil: the default
	Page           Severity
	Ticket         Severity
}

// Severity adapts the alerts of one severity.
type Severity struct {
	Disabled    bool
	Labels      map[string]string
	Annotations map[string]string
}
