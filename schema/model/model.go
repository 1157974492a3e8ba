// Package model is the content of validated specs.
//
// In: values that schema has validated and completed with defaults. Out: plain Go values
// for plan, lint and the documents. Expressions and selectors are strings here.
package model

import (
	"cmp"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/quantity"
)

// Project is the project file with its defaults filled in.
type Project struct {
	Scrape     time.Duration // interval at which targets are scraped
	Evaluation time.Duration // interval of the fast rule groups
	Prometheus int           // major version of the oldest server, 2 or 3; 0: not known
	Retention  time.Duration // how long Prometheus keeps samples; 0: not known
	Offset     time.Duration // how far into the past the rules look
	External   []string      // external labels of the Prometheus servers, for alert texts
	LabelNames LabelNames    // of promslo's own labels
	Out        string        // output directory, slash-separated, relative to the project file
	Dashboards Dashboards
	Tiers      map[string]Tier
	Untiered   Tier              // of services without a tier
	Ladder     []float64         // objectives to choose from in percent, ascending; empty: any
	Lint       map[diag.ID]Level // levels that override the defaults of rules

	Contracts    bool // whether documents are generated
	Server       Server
	Rules        Delivery
	Alertmanager Alertmanager
	File         string // name of the project file in generated files; empty: there is none
	// At returns the position of the value at a path in the project file, such as
	// ("tiers", "P1", "floor"), or of its nearest ancestor that exists.
	At func(path ...string) diag.Pos `json:"-"`
}

// Server is the Prometheus that is asked about what happened.
type Server struct {
	URL     string            // empty: not known
	Headers map[string]string // of every request
}

// Level is the severity of a lint rule in a project, or off.
type Level string

// The levels.
const (
	Off     Level = "off"
	Warning Level = "warning"
	Error   Level = "error"
)

// Tier is the defaults and the minimum requirements of its services.
type Tier struct {
	Rank         int           // 0 is the most important
	Floor        Floor         // what each of its SLOs must promise at least
	Requires     []string      // what its services must have: agreements, description, owner, policy, runbook
	Objective    float64       // percent; 0: none
	Window       time.Duration // 0: none
	Labels       map[string]string
	RecordLabels map[string]string
	Severities   Severities
	Alerting     Alerting
	Policy       []Step    // of the services that have none
	Receivers    Receivers // override those of all tiers
}

// Severities are the values of the severity label; empty: see OrDefault.
type Severities struct {
	Page   string
	Ticket string
	Policy string // of steps of a policy
}

// OrDefault returns page, ticket and policy where nothing else is said.
func (s Severities) OrDefault() Severities {
	return Severities{cmp.Or(s.Page, "page"), cmp.Or(s.Ticket, "ticket"), cmp.Or(s.Policy, "policy")}
}

// TierOf returns the tier of a name, and what services without one have for any other.
func (p Project) TierOf(name string) Tier {
	if tier, known := p.Tiers[name]; known {
		return tier
	}
	return p.Untiered
}

// CompareTiers orders the names of tiers: the most important first, and services without one last.
func (p Project) CompareTiers(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(b, a)
	}
	return cmp.Or(cmp.Compare(p.TierOf(a).Rank, p.TierOf(b).Rank), cmp.Compare(a, b))
}

// Alertmanager is the settings of the generated Alertmanager configuration.
type Alertmanager struct {
	Enabled   bool      // whether anything is generated for it
	Receivers Receivers // of tiers without their own
	// Notify has the receivers of those whom steps of a policy name.
	Notify map[string]string
	Equal  []string // further labels by which inhibit rules match alerts of one SLO
	// ProvidersSilenceConsumers inhibits the tickets of consumers while the SLO of a
	// provider pages.
	ProvidersSilenceConsumers bool
}

// Delivery is how rules are deployed: as rule files or as PrometheusRules.
type Delivery struct {
	Operator bool // as PrometheusRule resources, to which the other fields apply
	// Namespace of the resources; empty: the one where they are applied.
	Namespace   string
	Labels      map[string]string
	Annotations map[string]string
}

// Dashboards is how dashboards come to Grafana.
type Dashboards struct {
	URL       string            // base URL of Grafana, for links; may be empty
	Contracts string            // URL of the directory where people read the contract pages; may be empty
	Format    DashboardFormat   // of the files
	Folder    string            // title of the folder in Grafana; empty: none
	Prefix    string            // of the uids of dashboards; empty: not said
	Namespace string            // of Kubernetes resources; empty: the one where they are applied
	Labels    map[string]string // of Kubernetes resources
}

// UIDPrefix is what the uids of dashboards begin with.
func (d Dashboards) UIDPrefix() string { return cmp.Or(d.Prefix, "slo-") }

// DashboardFormat is the format of the files of dashboards.
type DashboardFormat string

// The formats of dashboards.
const (
	DashboardJSON      DashboardFormat = "json"      // for provisioning
	DashboardConfigMap DashboardFormat = "configmap" // for the sidecar of Grafana's Helm chart
	DashboardOperator  DashboardFormat = "operator"  // for the Grafana operator
	DashboardResource  DashboardFormat = "resource"  // for Git Sync
)

// Receivers are names of receivers; empty: none.
type Receivers struct {
	Page   string
	Ticket string
	Policy string // of steps of a policy
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
	Policy      []Step            // steps as the error budget runs out, most budget left first
	Agreements  []Agreement       // on what it needs, of the spec and of files of agreements, by provider
	Waivers     []Waiver          // that apply to it, of both
	Corrections []Correction      // as in the spec
	Source      Source
}

// Source is the file of a service and the positions in it.
type Source struct {
	File string // relative to the project's root, with slashes
	// At returns the position of the value at a path such as ("slos", "latency",
	// "sli"), or of its nearest ancestor that exists.
	At func(path ...string) diag.Pos `json:"-"`
	// AtOffset returns the position of a byte of the string at a path, for errors in PromQL.
	AtOffset func(offset int, path ...string) diag.Pos `json:"-"`
	// Ignores are the comments of the file that ignore findings.
	Ignores []Ignore
	// Start is where the spec begins, and SLOAt the key of the SLO at a position behind it;
	// empty: none.
	Start diag.Pos              `json:"-"`
	SLOAt func(diag.Pos) string `json:"-"`
}

// Ignore is a comment that ignores findings of a rule.
type Ignore struct {
	Rule     diag.ID
	Reason   string
	Pos      diag.Pos // of the comment
	From, To int      // lines to which it applies
}

// SLO is one promise: a service level objective over a window.
type SLO struct {
	Name        string
	Key         string // in the spec; the SLOs of a latency block with several thresholds share it
	ID          string // previous name as service/slo if it was renamed; see Service.Identity
	Description string
	Objective   float64       // percent of good events, above 10 and below 100
	Window      time.Duration // period of the error budget, 1 h to 1 y; the longest length of a calendar period
	Calendar    Calendar      // period on the calendar; empty: a rolling window
	RawWindow   bool          // the period is read from the raw counters
	Timezone    string        // of the calendar, an IANA name
	SLI         SLI
	GroupBy     []string // labels whose values have separate budgets
	Schedule    []Entry  // times with another objective or threshold; later entries win
	Exclude     []Exclusion
	Maintenance []Maintenance
	Externals   []External        // promises given to customers
	Scrape      time.Duration     // interval at which the metrics of the SLI are scraped; 0: the project's
	Traffic     Rate              // expected rate of all events; 0 events: unknown
	Tests       []Test            // the user's test cases
	Labels      map[string]string // added to the alerts
	Annotations map[string]string // added to the alerts, as literal text
	// RecordLabels are added to all recorded series.
	RecordLabels map[string]string
	Alerting     Alerting
}

// Calendar is a calendar period, at whose start the error budget resets.
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

// Entry is an entry of a schedule: the objective or threshold at its times.
type Entry struct {
	Name      string
	At        Times
	Objective float64           // percent, above 10 and below 100; 0: unchanged
	Threshold quantity.Quantity // of a latency SLI; none: unchanged
}

// Exclusion is a recurring time in which no events count.
type Exclusion struct {
	Reason string
	At     Times
}

// Maintenance is a maintenance window, in which no events count.
type Maintenance struct {
	Reason   string
	From, To time.Time // UTC, From before To
}

// Test is a test case of the user: Errors or Series as input, and the expected result.
type Test struct {
	Name     string
	Errors   []Errors // consecutive, from the start on; none after the last
	Traffic  Rate     // of all events, while there are Errors
	Series   []TestSeries
	Interval time.Duration // between two values of a series; 0: the scrape interval
	Expect   []Expectation
}

// Errors is a duration with an error ratio.
type Errors struct {
	Ratio  float64 // of events that fail, 0 to 1
	Length time.Duration
}

// Rate is an event rate: Events, above 0 and perhaps fractional, per Per.
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

// Expectation is the expected result at an offset from the start.
type Expectation struct {
	At    time.Duration
	Fires string // the most urgent alert that fires, "page", "ticket" or "none"; empty: any
	Value string // PromQL whose series add up to Is; may be empty
	Is    float64
}

// Alerting adapts the alerts of an SLO.
type Alerting struct {
	Name           string   // pattern of the names of alerts, see Service.AlertName; empty: the default
	NamePos        diag.Pos // of Name
	MinFailures    *float64 // minimum of bad events for an alert; nil: the default
	MinBudgetSpent *float64 // minimum share of the error budget spent for a page; nil: the default
	Confidence     *float64 // percent, of how sure an alert must be; nil: the default
	Windows        Windows
	KeepFiringFor  *time.Duration // how long an alert stays after its cause is gone; nil: the default
	Exhaustion     time.Duration  // how long before the budget ends a ticket tells so; 0: none does
	ExhaustionPos  diag.Pos       // of Exhaustion
	Page           Severity
	Ticket         Severity
	NoData         NoData
	NoDataAfter    time.Duration // how long there must be no data; 0: the default
}

// Windows are burn windows that replace those of the workbook; none: they do not.
type Windows struct {
	Page   []BurnWindows
	Ticket []BurnWindows
}

// BurnWindows are the two windows over which the budget must burn for an alert.
type BurnWindows struct {
	Long   time.Duration
	Short  time.Duration // 0: a twelfth of Long
	Factor float64       // burn rate; 0: Budget is given
	Budget float64       // percent of the whole budget that burns within Long
	For    time.Duration // how long it must burn so, the same for all windows of a severity; 0: at once
	Pos    diag.Pos
}

// NoData is the severity of the alert that there are no data.
type NoData string

// The severities; "" is a ticket unless tickets are disabled.
const (
	NoDataPage   NoData = "page"
	NoDataTicket NoData = "ticket"
	NoDataOff    NoData = "off"
)

// Severity adapts the alerts of one severity.
type Severity struct {
	Disabled    bool
	Labels      map[string]string
	Annotations map[string]string
}
