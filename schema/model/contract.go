package model

import (
	"cmp"
	"strconv"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/quantity"
)

// Identity returns the name of an SLO in its recorded series, service/slo. The ID in the
// spec keeps it when either is renamed. It is unique among all specs.
func (s Service) Identity(slo SLO) string {
	return cmp.Or(slo.ID, s.Name+"/"+slo.Name)
}

// Contracts are services and their providers.
type Contracts struct {
	Services  []Service       // without errors, by name
	Providers []Service       // direct and indirect ones that are not in Services, by name
	Broken    map[string]bool // names of services and providers with errors
	Nameless  bool            // some files have no readable service name
	// Agreements and waivers of services that are not in Services.
	Agreements []Agreement
	Waivers    []Waiver
}

// Dependency is a dependency of a service on a provider, or on one of several.
type Dependency struct {
	// Any of these is enough; one without redundancy.
	Alternatives []Need
	Soft         bool     // the service works without it; else it fails with it
	Mitigations  []string // what limits the effect of its failures
	For          []string // names of own SLOs that depend on it; empty: all
}

// Need is what is needed from one provider: from an SLO of a service, or from a bought service.
type Need struct {
	Service string
	SLO     string         // of Service
	Bought  *BoughtService // nil: Service is one with a spec
	Percent float64        // of good events that the provider must promise, above 10 and below 100; 0: not said
	Window  time.Duration  // over which it must promise them, 1 h to 1 y; 0: not said
	// Of an SLO of a service:
	Within  quantity.Quantity // how long an answer may take, a duration; none: not said
	Answers []string          // statuses, classes or gRPC codes that are answers to the consumer; empty: not said
	UpTo    Rate              // the most that the consumer asks; 0 events: not said
}

// Provider returns the name of the provider: service/slo, or that of a bought service.
func (n Need) Provider() string {
	if n.Bought != nil {
		return n.Bought.Name
	}
	return n.Service + "/" + n.SLO
}

// BoughtService is a third-party service and its contract.
type BoughtService struct {
	Name   string
	SLA    float64       // percent of good events, above 10 and up to 100; 0: nothing is promised
	Window time.Duration // 1 h to 1 y; 0: not said
	Credit string        // what is paid back when the promise is broken; may be empty
}

// NeedPath returns the path of an alternative of a dependency in the spec, by indices from
// 0, for Source.At; append a key such as "needs".
func (s Service) NeedPath(dependency, alternative int) []string {
	path := []string{"dependsOn", strconv.Itoa(dependency)}
	if len(s.DependsOn[dependency].Alternatives) > 1 {
		path = append(path, "anyOf", strconv.Itoa(alternative))
	}
	return path
}

// External is the promise to customers, weaker than that of the SLO.
type External struct {
	Audience  string        // who is promised it
	Objective float64       // percent of good events, above 10 and below 100
	Window    time.Duration // 1 h to 1 y; the longest length of a calendar period
	Calendar  Calendar      // empty: a rolling window
	Remedy    string        // compensation when the promise is broken; may be empty
}

// ExternalPromises are the promises to customers.
func (s SLO) ExternalPromises() []External {
	if s.External == nil {
		return nil
	}
	return []External{*s.External}
}

// Floor is what the SLOs of a tier must promise at least.
type Floor struct {
	Objective float64       // percent, above 10 and below 100; 0: any
	Window    time.Duration // the longest, 1 h to 1 y; 0: any
	SLIs      []string      // kinds of SLI that a service must have; availability: any kind with IsAvailability
}

// Step is a step of an error budget policy: what is done while less than Below of the
// budget remains.
type Step struct {
	Below     float64 // percent of the budget, -1000 to below 100; 0: all is spent
	Do        string
	Notify    []string // who is notified
	Approvers []string // who can approve exceptions
	Gate      Gate
	Pos       diag.Pos // in the spec, or in the project file
}

// Gate is the effect of a policy step on releases; empty: none.
type Gate string

// The gates.
const (
	Block Gate = "block"
	Warn  Gate = "warn"
)
