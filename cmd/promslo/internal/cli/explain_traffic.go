package cli

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/words"
)

// These texts say what the expected traffic of an SLO means; they are empty, or what holds
// for any, where it is not known.

// allowedAtTraffic says how many of the expected events may fail.
func allowedAtTraffic(slo plan.SLO) string {
	all := slo.ExpectedEvents(slo.Period)
	if all == 0 {
		return ""
	}
	count := func(n float64) string { return plan.Number(words.Significant(n, 3)) }
	return fmt.Sprintf(": %s of %s at %s", count(all*slo.Budget), count(all), words.Rate(slo.Traffic))
}

// timesFrom says from when times to an alert count.
func timesFrom(slo plan.SLO) string {
	if slo.Traffic.Events == 0 {
		return "the first failure"
	}
	return "when events begin to fail at " + words.Rate(slo.Traffic)
}

// takesAtTraffic says how long the failures take without which no alert fires.
func takesAtTraffic(slo plan.SLO) string {
	if _, by := slo.TimeToFail(1); by < time.Minute {
		return ""
	}
	return fmt.Sprintf(": at %s a total outage brings them within %s", words.Rate(slo.Traffic), slo.TimeToFailText(1))
}
