package breaking

import (
	"fmt"
	"slices"
	"strings"
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

// maxTimes is how many times of the week a text lists.
const maxTimes = 3

// weekTimesText describes times of the week in a time zone: mon-fri 22:00 to 06:00 UTC.
func weekTimesText(t model.Tiles, timezone string) string {
	if from, to := t.First(); from == to {
		return "all week"
	}
	clock := func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d", d%model.Day/time.Hour, d%time.Hour/time.Minute)
	}
	days := map[string][]int{} // on which times begin
	var times []string
	for _, r := range t.Ranges() {
		text := clock(r[0]) + " to " + clock(r[1])
		if length := (r[1] - r[0] + 7*model.Day) % (7 * model.Day); length >= model.Day {
			text = clock(r[0]) + " to " + weekdays[r[1]/model.Day] + " " + clock(r[1])
		}
		if days[text] == nil {
			times = append(times, text)
		}
		days[text] = append(days[text], int(r[0]/model.Day))
	}
	var out []string
	for _, text := range times[:min(len(times), maxTimes)] {
		out = append(out, daysText(days[text])+" "+text)
	}
	text := strings.Join(out, ", ") + " " + timezone
	if len(times) > maxTimes {
		text += fmt.Sprintf(" and at other times, %s h a week in all", words.Number(t.Length().Hours()))
	}
	return text
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// daysText lists days of the week, from 0 for Sunday: every day, mon-fri, sat and sun.
func daysText(days []int) string {
	slices.SortFunc(days, func(a, b int) int { return (a+6)%7 - (b+6)%7 })
	last := len(days) - 1
	switch {
	case last == 6:
		return "every day"
	case last > 1 && (days[last]+6)%7-(days[0]+6)%7 == last:
		return weekdays[days[0]] + "-" + weekdays[days[last]]
	}
	var names []string
	for _, d := range days {
		names = append(names, weekdays[d])
	}
	return strings.Join(names, " and ")
}
