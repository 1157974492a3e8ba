package schema

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/zone"
)

// weekdays are the days as specs write them, in the order of time.Weekday.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// times decodes the field at of an entry. Messages call the entry name.
func (c *fileChecker) times(entry *read.Node, name, timezone string) model.Times {
	out := model.Times{Days: everyDay(), To: 24 * time.Hour, Timezone: timezone}
	at := c.valid(entry, "at")
	if at == nil {
		return out
	}
	out.Timezone = c.timezone(at, timezone)
	if d := c.valid(at, "days"); d != nil {
		out.Days = c.days(d)
	}
	if h := c.valid(at, "hours"); h != nil {
		out.From, out.To = c.hours(h)
	}
	switch {
	case c.missing(at, "days") && c.missing(at, "hours"):
		c.add(diag.MissingField, at.Pos, "at needs the field days or the field hours", "")
	case c.allValid(at) && out.Tiles() == wholeWeek:
		c.add(diag.InvalidValue, at.Pos, name+" is for the whole week", "leave some of it out")
	}
	return out
}

// wholeWeek is every time of the week.
var wholeWeek = model.Times{Days: everyDay(), To: 24 * time.Hour}.Tiles()

func everyDay() []time.Weekday { return []time.Weekday{0, 1, 2, 3, 4, 5, 6} }

// days decodes days and ranges of days, which may wrap around the end of the week.
func (c *fileChecker) days(n *read.Node) []time.Weekday {
	if len(n.Items) == 0 {
		c.markInvalid(n)
		c.add(diag.InvalidValue, n.Pos, "days is empty", "list days such as sat or mon-fri, or remove it: then it is every day")
	}
	var chosen [7]bool
	for _, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		from, to, isRange := strings.Cut(item.Text, "-")
		day := slices.Index(weekdays, from)
		last := day
		if isRange {
			last = slices.Index(weekdays, to)
		}
		for chosen[day] = true; day != last; chosen[day] = true {
			day = (day + 1) % 7
		}
	}
	return slices.DeleteFunc(everyDay(), func(d time.Weekday) bool { return !chosen[d] })
}

// hours decodes two times of day such as 22:00-06:00.
func (c *fileChecker) hours(n *read.Node) (from, to time.Duration) {
	first, second, _ := strings.Cut(n.Text, "-")
	from, to = timeOfDay(first), timeOfDay(second)
	if from == to {
		c.markInvalid(n)
		c.add(diag.InvalidValue, n.Pos, "the hours "+n.Text+" end when they begin", "remove them: then it is the whole day")
	}
	if to == 0 {
		to = 24 * time.Hour
	}
	return from, to
}

// timeOfDay returns the time since midnight of HH:MM.
func timeOfDay(s string) time.Duration {
	h, m, _ := strings.Cut(s, ":")
	hours, _ := strconv.Atoi(h)
	minutes, _ := strconv.Atoi(m)
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
}

// timezone returns the time zone of n, or fallback if it has none.
func (c *fileChecker) timezone(n *read.Node, fallback string) string {
	t := c.valid(n, "timezone")
	if t == nil {
		return fallback
	}
	if _, known := zone.Load(t.Text); !known {
		c.markInvalid(t)
		suggestion := "write an IANA name such as Europe/Berlin"
		if guess := closestZone(t.Text); guess != "" {
			suggestion = diag.DidYouMean(guess, nil)
		}
		c.add(diag.UnknownTimezone, t.Pos, "there is no time zone "+diag.Shorten(t.Text), suggestion)
		return fallback
	}
	return t.Text
}

// closestZone guesses the zone of a wrong name: one that differs in case, one of the
// same city, or a similar name in the region. It returns "" without a guess, also for
// short names such as PST, which are too similar to each other.
func closestZone(wrong string) string {
	same, region := "", wrong[:strings.Index(wrong, "/")+1]
	var near []string
	for _, name := range zone.Names() {
		switch {
		case strings.EqualFold(name, wrong):
			return name
		case strings.EqualFold(path.Base(name), path.Base(wrong)):
			same = name
		case region != "" && strings.HasPrefix(name, region):
			near = append(near, name)
		}
	}
	return cmp.Or(same, diag.Closest(wrong, near))
}
