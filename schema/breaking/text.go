package breaking

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// promiseText is a short description of the objective and the period of an SLO.
func promiseText(slo model.SLO) string {
	out := words.Percent(slo.Objective)
	if minimum := depend.PromiseOf(slo).Min; minimum < slo.Objective {
		out += " (at some times " + words.Percent(minimum) + ")"
	}
	return out + " over " + words.Period(slo.Window, slo.Calendar)
}

// weekClock formats a time since Sunday midnight, such as mon 08:00.
func weekClock(d time.Duration) string {
	return fmt.Sprintf("%s %02d:%02d", [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[d/model.Day], d%model.Day/time.Hour, d%time.Hour/time.Minute)
}

// weekTimesText describes times of the week in a time zone.
func weekTimesText(t model.Tiles, timezone string) string {
	from, to := t.First()
	if from == to {
		return "all week"
	}
	first, all := (to-from+7*model.Day)%(7*model.Day), t.Length()
	out := fmt.Sprintf("from %s to %s %s", weekClock(from), weekClock(to), timezone)
	if first < all {
		out += fmt.Sprintf(" and at other times, %s h a week", words.Number(all.Hours()))
	}
	return out
}
