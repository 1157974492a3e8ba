package model

import (
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
)

// Agreement is a contract that a consumer and a provider agreed on.
type Agreement struct {
	Consumer string // service
	Provider string // service/slo, or the name of a bought service
	Terms    Terms
	By       []string
	On       time.Time // a day, its start in UTC
	Until    time.Time // the last day; zero: without end
	Review   time.Time // zero: none
	Note     string
	// At returns the position of a field, or else of the agreement.
	At func(field string) diag.Pos `json:"-"`
}

// Terms are hashes of what a consumer needs and of what its provider promises.
type Terms struct{ Need, Promise string }

// String is how specs write them.
func (t Terms) String() string { return t.Need + "-" + t.Promise }

// ParseTerms reads what String writes.
func ParseTerms(text string) Terms {
	need, promise, _ := strings.Cut(text, "-")
	return Terms{need, promise}
}

// Waiver is an exception from a rule or a gate until a date.
type Waiver struct {
	Rule    diag.ID // empty: of a gate
	Gate    Gate
	Service string
	SLO     string    // empty: all of the service
	Until   time.Time // the last day, its start in UTC
	By      []string
	Because string
	Ticket  string
	Pos     diag.Pos `json:"-"`
}

// Subject is the service, or the SLO as service/slo.
func (w Waiver) Subject() string {
	if w.SLO == "" {
		return w.Service
	}
	return w.Service + "/" + w.SLO
}

// IsOn reports whether the waiver applies to an SLO; empty: to what is said of the service.
func (w Waiver) IsOn(service, slo string) bool {
	return w.Service == service && (w.SLO == "" || w.SLO == slo)
}

// Over reports whether a last day is past; zero: never.
func Over(last, now time.Time) bool { return !last.IsZero() && !now.Before(last.Add(Day)) }
