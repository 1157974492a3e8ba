package plan

import (
	"time"

	"github.com/promslo/promslo/schema/model"
)

const (
	// defaultNoDataAfter is how long there must be no data before the alert of that fires.
	defaultNoDataAfter = 15 * time.Minute
	// quietEvents is after the time of how many expected events silence is no chance any
	// more: at random it happens once in exp(10), 22,000 times.
	quietEvents = 10
	// maxNoDataAfter limits that time where events are rare.
	maxNoDataAfter = 3 * model.Day
	// KnownFor is how long an SLO must have been evaluated before it is missed though
	// it never had data.
	KnownFor = model.Day
)

// noDataAfter returns how long there must be no data. After a restart a counter has no
// series before its first event: where these are rare, that takes a while.
func noDataAfter(slo model.SLO) time.Duration {
	switch {
	case slo.Alerting.NoDataAfter > 0:
		return slo.Alerting.NoDataAfter
	case slo.Traffic.Events == 0:
		return defaultNoDataAfter
	}
	quiet := seconds(quietEvents * slo.Traffic.Per.Seconds() / slo.Traffic.Events)
	return max(defaultNoDataAfter, min(quiet, maxNoDataAfter).Round(time.Minute))
}

// noDataSeverity returns the severity of the alert that there are no data, and false if there is none.
func noDataSeverity(a model.Alerting) (Severity, bool) {
	switch a.NoData {
	case model.NoDataPage:
		return Page, true
	case model.NoDataTicket:
		return Ticket, true
	case model.NoDataOff:
		return "", false
	}
	return Ticket, !a.Ticket.Disabled
}
