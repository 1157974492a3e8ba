package breaking

import (
	"fmt"
	"strconv"
	"time"

	prom "github.com/prometheus/common/model"

	"github.com/promslo/promslo/schema/model"
)

const day = 24 * time.Hour

// number prints a number as people write it, without the noise of binary fractions.
func number(x float64) string {
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64); err == nil {
		x = rounded
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// percent prints an objective.
func percent(x float64) string { return number(x) + " %" }

// length prints a duration as Prometheus does, but without weeks.
func length(d time.Duration) string {
	if d%day == 0 && d%(365*day) != 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	return prom.Duration(d).String()
}

// period is the period of a budget.
func period(window time.Duration, calendar model.Calendar) string {
	if calendar != "" {
		return "a calendar " + string(calendar)
	}
	return length(window)
}

// promised is an SLO in short.
func promised(slo model.SLO) string {
	return percent(slo.Objective) + " over " + period(slo.Window, slo.Calendar)
}

// clock is a time since Sunday midnight.
func clock(d time.Duration) string {
	return fmt.Sprintf("%s %02d:%02d", [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[d/day], d%day/time.Hour, d%time.Hour/time.Minute)
}

// when says which times of the week tiles are, on the clock of a time zone.
func when(t model.Tiles, timezone string) string {
	from, to := t.First()
	if from == to {
		return "all week"
	}
	first, all := (to-from+7*day)%(7*day), t.Length()
	out := fmt.Sprintf("from %s to %s %s", clock(from), clock(to), timezone)
	if first < all {
		out += fmt.Sprintf(" and at other times, %s h a week", number(all.Hours()))
	}
	return out
}
