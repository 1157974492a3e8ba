package schema

import (
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Ranges of durations; schema.cue only checks their syntax.
const (
	minWindow, maxWindow           = time.Hour, 365 * 24 * time.Hour
	minScrape, maxScrape           = time.Second, 10 * time.Minute
	minEvaluation, maxEvaluation   = 5 * time.Second, 4 * time.Minute
	minKeepFiring, maxKeepFiring   = time.Minute, time.Hour
	minFor, maxFor                 = 30 * time.Second, time.Hour
	minAlertWindow, maxAlertWindow = 5 * time.Minute, maxWindow
	minNoData, maxNoData           = 5 * time.Minute, 7 * 24 * time.Hour
	minOffset, maxOffset           = time.Second, 2 * time.Minute
	maxMaintenance                 = 31 * 24 * time.Hour
	minAt, maxAt                   = time.Second, 7 * 24 * time.Hour
	minInterval, maxInterval       = time.Second, time.Hour
)

// Limits of a file and of its services.
const (
	maxSLOs     = 100 // of a service; schema.cue says the same
	maxName     = 63  // characters of a name; schema.cue says the same
	maxFindings = 100 // reported of one file
	maxFileSLOs = 500 // of all services in a file
)

// labelBytes returns the size of all labels and annotations that SLOs give to their
// alerts, in bytes. Those of a tier count for each SLO.
func labelBytes(slos []model.SLO) (bytes int) {
	for _, slo := range slos {
		a := slo.Alerting
		for _, texts := range []map[string]string{slo.Labels, slo.RecordLabels, slo.Annotations, a.Page.Labels, a.Page.Annotations, a.Ticket.Labels, a.Ticket.Annotations} {
			for name, text := range texts {
				bytes += len(name) + len(text)
			}
		}
	}
	return bytes
}
