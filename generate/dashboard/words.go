package dashboard

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// inPeriod says over which time: over 30d, in this month.
func inPeriod(slo plan.SLO) string {
	if slo.Calendar != "" {
		return "in this " + string(slo.Calendar)
	}
	return "over " + plan.Duration(slo.Period)
}

// periodName is the period in a legend: 30d, this month.
func periodName(slo plan.SLO) string {
	if slo.Calendar != "" {
		return "this " + string(slo.Calendar)
	}
	return plan.Duration(slo.Period)
}

// percent formats a ratio as people read it: 99.9 %, 2.14 %. Of what is near 100 % all digits count.
func percent(ratio float64) string {
	if ratio < 0.5 {
		ratio = words.Significant(ratio, 3)
	}
	return plan.Number(ratio*100) + " %"
}

// title is a severity at the start of a sentence.
func title(severity plan.Severity) string {
	return strings.ToUpper(string(severity[:1])) + string(severity[1:])
}

// severityColor is the colour of a severity.
func severityColor(severity plan.Severity) string {
	if severity == plan.Page {
		return "red"
	}
	return "orange"
}

// decimals is how many digits a percentage near the objective needs to show a
// tenth of the budget: 3 at 99.9 %, where automatic decimals show 100.0%.
func decimals(slo plan.SLO) *int {
	return ptr(max(1, int(math.Ceil(-math.Log10(slo.Budget)-1e-9))))
}

// objectiveDecimals is how many decimals the objective itself has as a percentage.
func objectiveDecimals(slo plan.SLO) *int {
	_, fraction, _ := strings.Cut(plan.Number(slo.Objective*100), ".")
	return ptr(len(fraction))
}

// rounded removes the noise of binary fractions.
func rounded(x float64) float64 {
	clean, err := strconv.ParseFloat(plan.Number(x), 64)
	if err != nil {
		return x
	}
	return clean
}

// span writes a duration as Grafana's relative time ranges want it, in one unit.
func span(d time.Duration) string {
	switch {
	case d%model.Day == 0:
		return fmt.Sprintf("%dd", d/model.Day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
}

// noTrafficText is what a panel shows without events.
func noTrafficText(slo plan.SLO) string {
	if slo.TimeBased {
		return "no data"
	}
	return "no events"
}

// eventUnit is the name of what an SLO counts.
func eventUnit(slo plan.SLO) string {
	if slo.TimeBased {
		return "the time"
	}
	if slo.SLI.Words.Events != "" {
		return slo.SLI.Words.Events
	}
	return "events"
}
