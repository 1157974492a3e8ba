package cli

import (
	"fmt"
	"math"
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
	count := func(n float64) string {
		rounded := words.Significant(n, 3)
		if rounded != words.Round(n) {
			return "about " + plan.Number(rounded)
		}
		return plan.Number(rounded)
	}
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
	if _, by := slo.TimeToFail(slo.MinimumFailures(), 1); by < time.Minute {
		return ""
	}
	return fmt.Sprintf(": at %s a total outage brings them within %s", words.Rate(slo.Traffic), slo.TimeToFailText(slo.MinimumFailures(), 1))
}

// sureness says what it costs that an alert must be sure: how many events, and how much time.
func sureness(slo plan.SLO) []string {
	if slo.Confidence == 0 || len(slo.Pairs) == 0 {
		return nil
	}
	sure := fmt.Sprintf("an alert asks to be %s %% sure that its long window burns faster than the factor, and not by chance (alerting.confidence)", plan.Number(100*slo.Confidence))
	if slo.Traffic.Events == 0 {
		p := slo.Pairs[0]
		return []string{fmt.Sprintf("%s: at twice the factor %s bad events are enough, at 1.1 times %s",
			sure, plan.Number(slo.FailuresToBeSure(p, 2)), plan.Number(slo.FailuresToBeSure(p, 1.1)))}
	}
	out := []string{sure}
	for _, p := range slo.Pairs {
		if !slo.FitsTraffic(p, 1) {
			continue
		}
		expected, needed := slo.FailuresAtFactor(p)
		expected, needed = atLeast(slo, expected), atLeast(slo, needed)
		if needed == expected {
			continue
		}
		later := "no later"
		if d := slo.Delay(p, 1); d >= time.Second {
			later = plan.RoundDuration(d) + " later"
		}
		out = append(out, fmt.Sprintf("%s over %s: at %s it takes %s bad events instead of %s, and fires %s in a total outage",
			p.Severity, plan.Duration(p.Long), words.Rate(slo.Traffic), plan.Number(needed), plan.Number(expected), later))
	}
	return out
}

// atLeast is the number of bad events that exceeds one at which a pair is, and the minimum.
func atLeast(slo plan.SLO, failures float64) float64 {
	return max(math.Floor(failures)+1, slo.MinimumFailures())
}
