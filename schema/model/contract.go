package model

import (
	"cmp"
	"strconv"
	"time"

	"github.com/promslo/promslo/schema/diag"
)

// Identity returns what the recorded series of an SLO are called by, service/slo.
// It outlives a change of either name if the spec gives an ID, and is unique
// among all specs.
func (s Service) Identity(slo SLO) string {
	return cmp.Or(slo.ID, s.Name+"/"+slo.Name)
}

// Contracts are services and those that they depend on.
type Contracts struct {
	Services  []Service       // without errors, by name
	Providers []Service       // others that they depend on, also through others, by name
	Broken    map[string]bool // names of services of either kind that have errors
	Nameless  bool            // there are files so broken that nobody knows whose they are
}

// Dependency is what a service needs of others.
type Dependency struct {
	// Any of these will do; one, unless there is redundancy.
	Alternatives []Need
	Soft         bool     // the service goes on without it; else it fails with it
	Mitigations  []string // what keeps its failures from being felt
	For          []string // names of own SLOs that depend on it; empty: all
}

// Need is what is needed of one provider: of an SLO of a service, or of a bought service.
type Need struct {
	Service string
	SLO     string        // of Service
	Bought  *Bought       // nil: Service is one with a spec
	Percent float64       // of good events that the provider must promise, above 10 and below 100; 0: not said
	Window  time.Duration // over which it must promise them, 1 h to 1 y; 0: not said
}

// Provider names who is needed: service/slo, or the name of a bought service.
func (n Need) Provider() string {
	if n.Bought != nil {
		return n.Bought.Name
	}
	return n.Service + "/" + n.SLO
}

// Bought is a service of somebody else, and what its contract says.
type Bought struct {
	Name   string
	SLA    float64       // percent of good events, above 10 and up to 100; 0: nothing is promised
	Window time.Duration // 1 h to 1 y; 0: not said
	Credit string        // what is paid back when the promise is broken; may be empty
}

// NeedPath returns where an alternative of a dependency stands in the spec, by their
// indices from 0; Source.At takes it, with a key such as "needs" behind it.
func (s Service) NeedPath(dependency, alternative int) []string {
	path := []string{"dependsOn", strconv.Itoa(dependency)}
	if len(s.DependsOn[dependency].Alternatives) > 1 {
		path = append(path, "anyOf", strconv.Itoa(alternative))
	}
	return path
}

// External is what is promised to customers, less than what the SLO promises.
type External struct {
	Audience  string        // who is promised it
	Objective float64       // percent of good events, above 10 and below 100
	Window    time.Duration // 1 h to 1 y; the longest length of a calendar period
	Calendar  Calendar      // empty: a rolling window
	Remedy    string        // what customers get when the promise is broken; may be empty
}

// Floor is what the SLOs of a tier must promise at least.
type Floor struct {
	Objective float64       // percent, above 10 and below 100; 0: any
	Window    time.Duration // the longest, 1 h to 1 y; 0: any
	SLIs      []string      // kinds of SLI of which a service needs one each; availability: any that tells failures
}

// Step is a step of a policy: what is done while less than so much of an error
// budget remains.
type Step struct {
	Below     float64 // percent of the budget, -1000 to below 100; 0: all is spent
	Do        string
	Notify    []string // who is told
	Approvers []string // who must agree before it is done otherwise
	Gate      Gate
	Pos       diag.Pos // in the spec, or in the project file
}

// Gate is what a step of a policy tells a release; empty: nothing.
type Gate string

// The gates.
const (
	Block Gate = "block"
	Warn  Gate = "warn"
)
