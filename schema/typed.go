package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cuelang.org/go/cue"

	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

// typed returns what people mean by a value that they typed otherwise, as the schema wants
// it, or "": 99,9 and 99.9% for 99.9, 30 days for 30d, 9-17 for 09:00-17:00.
func (c *cueChecker) typed(s *shape, n *read.Node, name string) string {
	var candidates []string
	text := strings.TrimSpace(n.Text)
	if s.kinds&cue.NumberKind != 0 && n.Kind == read.Text {
		for _, t := range numbersOf(text) {
			if c.scalarError(s, parseNumber(t)) == "" {
				return t
			}
		}
	}
	if s.kinds&cue.StringKind == 0 {
		return ""
	}
	switch n.Kind {
	case read.Number:
		unit := time.Second
		if name == "window" {
			unit = model.Day
		}
		candidates = []string{durationOf(n.Number, unit)}
	case read.Text:
		candidates = []string{durationIn(text), hoursOf(text), daysOf(text), rateOf(text), momentOf(text)}
	}
	for _, t := range candidates {
		if t != "" && t != n.Text && c.accepts(s, t) {
			return t
		}
	}
	return ""
}

// multiples are what letters behind a number stand for.
var multiples = map[string]float64{"": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "million": 1e6}

// typed is a number, with commas or underscores or behind a decimal comma, and a word.
var typed = regexp.MustCompile(`^([0-9][0-9_,.]*) ?([A-Za-z%]*)$`)

// numbersOf returns numbers that a text may mean, the likely one first.
func numbersOf(text string) []string {
	m := typed.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	var out []string
	add := func(x float64) { out = append(out, words.Number(x)) }
	number := plainNumber(m[1])
	if factor, known := multiples[m[2]]; known && number >= 0 {
		add(number * factor)
	}
	if (m[2] == "%" || m[2] == "percent") && number >= 0 {
		add(number)
		add(number / 100)
	}
	if unit := unitOf(m[2]); unit > 0 && number >= 0 {
		add(number * unit.Seconds())
	}
	return out
}

// plainNumber reads a number with separators, as 1,000,000 or 99,9, or returns -1.
func plainNumber(text string) float64 {
	text = strings.ReplaceAll(text, "_", "")
	if whole, rest, found := strings.Cut(text, ","); found && len(rest) != 3 && !strings.ContainsAny(rest, ",.") {
		text = whole + "." + rest
	}
	x, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil {
		return -1
	}
	return x
}

// units are the names of units of time, by how they begin.
var units = map[string]time.Duration{
	"ms": time.Millisecond, "msec": time.Millisecond, "millisecond": time.Millisecond,
	"s": time.Second, "sec": time.Second, "second": time.Second,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hour": time.Hour,
	"d": model.Day, "day": model.Day, "w": 7 * model.Day, "week": 7 * model.Day,
	"month": 30 * model.Day, "y": 365 * model.Day, "year": 365 * model.Day,
}

// unitOf returns a unit by its name, in the plural, too; 0: there is none.
func unitOf(word string) time.Duration {
	word = strings.ToLower(word)
	if unit := units[word]; unit > 0 {
		return unit
	}
	return units[strings.TrimSuffix(word, "s")]
}

// durationIn returns the duration that a text means, such as 1.5 hours, or "".
func durationIn(text string) string {
	m := typed.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return durationOf(plainNumber(m[1]), unitOf(m[2]))
}

// durationOf returns so many units, or "" if they are none or too many.
func durationOf(n float64, unit time.Duration) string {
	d := time.Duration(0)
	if n*unit.Seconds() < 1e9 {
		d = time.Duration(n * float64(unit)).Round(time.Millisecond)
	}
	if d <= 0 {
		return ""
	}
	return words.Duration(d)
}

// daysOf shortens the names of days: saturday, Mon - Fri, weekend.
func daysOf(text string) string {
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	switch strings.TrimSuffix(text, "s") {
	case "weekend":
		return "sat-sun"
	case "weekday", "workday", "businessday":
		return "mon-fri"
	}
	parts := strings.Split(strings.ReplaceAll(text, "to", "-"), "-")
	for i, day := range parts {
		full := slices.IndexFunc(fullWeekdays, func(full string) bool { return len(day) >= 2 && strings.HasPrefix(full, strings.TrimRight(day, "s.")) })
		if full < 0 {
			return ""
		}
		parts[i] = weekdays[full]
	}
	return strings.Join(parts, "-")
}

var fullWeekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// clock is a time of day: 9, 9:30, 5pm.
var clock = regexp.MustCompile(`^([0-9]{1,2})(?::([0-9]{2}))?(?::00)?(am|pm)?$`)

// hoursOf writes times of day in full.
func hoursOf(text string) string {
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	from, to, found := strings.Cut(strings.NewReplacer("to", "-", "–", "-").Replace(text), "-")
	var times [2]string
	for i, part := range []string{from, to} {
		m := clock.FindStringSubmatch(part)
		if m == nil || !found {
			return ""
		}
		hour, _ := strconv.Atoi(m[1])
		switch {
		case m[3] == "pm" && hour < 12:
			hour += 12
		case m[3] == "am" && hour == 12:
			hour = 0
		}
		minutes := m[2]
		if minutes == "" {
			minutes = "00"
		}
		times[i] = strconv.Itoa(100 + hour)[1:] + ":" + minutes
	}
	return times[0] + "-" + times[1]
}

// rateOf writes events in a unit of time: 1M/d, 100 rps, 5 per minute.
func rateOf(text string) string {
	for _, end := range []string{"rps", "qps", "req/s", "requests/s"} {
		if n, found := strings.CutSuffix(text, end); found {
			text = strings.TrimSpace(n) + "/s"
		}
	}
	number, per, found := strings.Cut(strings.ReplaceAll(text, " per ", "/"), "/")
	numbers, unit := numbersOf(strings.TrimSpace(number)), unitOf(strings.TrimSpace(per))
	if !found || len(numbers) == 0 || unit == 0 {
		return ""
	}
	return numbers[0] + "/" + strings.TrimLeft(words.Duration(unit), "1")
}

// moment is a date and time with seconds, in UTC or without a zone.
var moment = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?Z?$`)

// momentOf cuts the seconds off a date and time.
func momentOf(text string) string {
	if m := moment.FindStringSubmatch(text); m != nil {
		return m[1] + " " + m[2]
	}
	return ""
}
