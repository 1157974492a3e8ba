package generate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// step is how finely a trace is told: all events of a step happen at its begin.
// Whatever changes, changes at a multiple of it.
const (
	step = 10 * time.Second
	day  = 24 * time.Hour
)

// subject is a random SLO and the time in which it is watched, as the oracle
// itself understands them.
type subject struct {
	objective   float64       // percent
	window      time.Duration // 0: by the calendar
	calendar    string
	zone        *time.Location
	schedule    []weekTimes // the last match wins
	exclude     []weekTimes
	maintenance []period
	edited      time.Time // until when the spec had no schedule

	scrape, evaluation time.Duration
	begin, end         time.Time
}

// weekTimes are times of the week on the wall clock of a zone.
type weekTimes struct {
	days      []time.Weekday // on which they begin; nil: every day
	from, to  int            // minutes since midnight; to may be on the next day
	zone      *time.Location
	objective float64 // percent
}

type period struct{ from, to time.Time }

var oracleZones = []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York"}

func drawZone(r *rand.Rand, names []string) *time.Location {
	zone, err := time.LoadLocation(one(r, names...))
	if err != nil {
		panic(err)
	}
	return zone
}

func one[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// between draws a whole number of steps.
func between(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Int64N(int64((to-from)/step)+1))*step
}

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// drawSubject draws an SLO and times at which something may go wrong: around the
// begin of its calendar period, or around a change of the clocks.
func drawSubject(r *rand.Rand) subject {
	s := subject{
		objective: math.Round(100*(90+9.9*math.Sqrt(r.Float64()))) / 100, zone: drawZone(r, oracleZones),
		scrape: one(r, 15*time.Second, 30*time.Second, time.Minute), evaluation: one(r, 30*time.Second, time.Minute, time.Minute, 2*time.Minute),
	}
	// A Monday or the first of a month in local time, on which a period may begin.
	turn := time.Date(2026, time.Month(1+r.IntN(12)), 1, 0, 0, 0, 0, s.zone)
	if s.calendar = one(r, "", "", "", "week", "month"); s.calendar != "month" {
		turn = one(r, turn, time.Date(2026, 3, 29, 0, 0, 0, 0, s.zone), time.Date(2026, 10, 25, 0, 0, 0, 0, s.zone), time.Date(2026, 11, 1, 0, 0, 0, 0, s.zone))
		turn = turn.AddDate(0, 0, int(8-turn.Weekday())%7)
	}
	if s.calendar == "" {
		s.window = one(r, time.Hour, 6*time.Hour, 6*time.Hour, day, 7*day, 28*day, 30*day)
	}
	length := 2*day + between(r, 0, day/2)
	switch {
	case s.short():
		length = s.window + 4*time.Hour + s.window/4
	case s.window > 0 && chance(r, 0.03):
		length = s.window + 12*time.Hour // else the budget is that of what exists
	}
	s.begin = turn.Add(-between(r, 0, min(length, 3*day/2)))
	if length > 8*time.Hour {
		s.scrape, s.evaluation = max(s.scrape, 30*time.Second), max(s.evaluation, time.Minute)
	}
	if s.hourly() && chance(r, 0.7) || length > 5*day {
		s.evaluation = 2 * time.Minute
	}
	s.begin = s.begin.Truncate(step)
	s.end = s.begin.Add(length)
	s.drawTimes(r)
	s.edited = s.begin
	// Drawn from a source of its own, so that a seed keeps its other events.
	if own := rand.New(rand.NewPCG(uint64(s.begin.Unix()), 7)); len(s.schedule) > 0 && chance(own, 0.4) {
		s.edited = s.begin.Add(between(own, s.end.Sub(s.begin)/3, s.end.Sub(s.begin)/2))
	}
	return s
}

// unscheduled returns the SLO as it was before a schedule was added.
func (s subject) unscheduled() subject {
	s.schedule = nil
	return s
}

// drawTimes draws what holds when. Everything happens while the SLO is watched.
func (s *subject) drawTimes(r *rand.Rand) {
	around := func(length time.Duration) weekTimes {
		zone := drawZone(r, oracleZones)
		at := s.begin.Add(between(r, s.end.Sub(s.begin)/4, s.end.Sub(s.begin))).In(zone)
		from := (at.Hour()*60 + at.Minute()) / 5 * 5
		return weekTimes{from: from, to: (from + int(length/time.Minute)) % (24 * 60), zone: zone, objective: s.objective}
	}
	if chance(r, 0.35) {
		times := around(one(r, 20*time.Minute, 20*time.Minute, 45*time.Minute, 5*time.Hour))
		if chance(r, 0.2) {
			times = weekTimes{days: []time.Weekday{time.Saturday, time.Sunday}, to: 24 * 60, zone: times.zone}
		}
		times.objective = one(r, 50, 80, 95, 99.5)
		s.schedule = append(s.schedule, times)
	}
	if chance(r, 0.25) {
		s.exclude = append(s.exclude, around(30*time.Minute))
	}
	if chance(r, 0.15) {
		// Zones without summer time: no wall clock reads the same twice.
		from := s.begin.Add(between(r, s.end.Sub(s.begin)/4, s.end.Sub(s.begin)-30*time.Minute)).Truncate(5 * time.Minute).In(drawZone(r, oracleZones[2:4]))
		s.maintenance = append(s.maintenance, period{from, from.Add(time.Duration(3+r.IntN(20)) * 5 * time.Minute)})
	}
}

// yaml writes the spec.
func (s subject) yaml() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "    "+format+"\n", args...) }
	b.WriteString("service: web\nslos:\n  api:\n")
	line("objective: %v", s.objective)
	if s.window > 0 {
		line("window: %dh", int(s.window.Hours()))
	} else {
		line("calendar: %s\n    timezone: %s", s.calendar, s.zone)
	}
	line(`sli: {events: {bad: 'http_requests_total{job="web",code="500"}', total: 'http_requests_total{job="web"}'}}`)
	for _, e := range s.schedule {
		line("schedule: [{at: %s, objective: %v}]", e, e.objective)
	}
	for _, e := range s.exclude {
		line("exclude: [{reason: backup, at: %s}]", e)
	}
	for _, m := range s.maintenance {
		line("maintenance: [{reason: move, from: %s, to: %s, timezone: %s}]", m.from.Format("2006-01-02 15:04"), m.to.Format("2006-01-02 15:04"), m.from.Location())
	}
	return b.String()
}

func (w weekTimes) String() string {
	var fields []string
	if w.days != nil {
		fields = append(fields, "days: [sat, sun]")
	}
	if w.to-w.from != 24*60 {
		fields = append(fields, fmt.Sprintf(`hours: "%02d:%02d-%02d:%02d"`, w.from/60, w.from%60, w.to/60, w.to%60))
	}
	return "{" + strings.Join(append(fields, "timezone: "+w.zone.String()), ", ") + "}"
}

func (w weekTimes) contains(t time.Time) bool {
	local := t.In(w.zone)
	minute := local.Hour()*60 + local.Minute()
	began := local.Weekday()
	if w.from >= w.to && minute < w.to {
		began = (began + 6) % 7 // yesterday
	}
	within := w.from <= minute && minute < w.to || w.from >= w.to && (minute >= w.from || minute < w.to)
	return within && (w.days == nil || slices.Contains(w.days, began))
}

// budgetAt is which ratio of events may be bad.
func (s subject) budgetAt(t time.Time) float64 {
	objective := s.objective
	for _, e := range s.schedule {
		if e.contains(t) && !t.Before(s.edited) {
			objective = e.objective
		}
	}
	return 1 - objective/100
}

func (s subject) excludedAt(t time.Time) bool {
	return slices.ContainsFunc(s.exclude, func(w weekTimes) bool { return w.contains(t) }) ||
		slices.ContainsFunc(s.maintenance, func(p period) bool { return !t.Before(p.from) && t.Before(p.to) })
}

// since is when the period began whose budget counts at a time.
func (s subject) since(t time.Time) time.Time {
	local := t.In(s.zone)
	year, month, date := local.Date()
	switch s.calendar {
	case "week":
		return time.Date(year, month, date-int(local.Weekday()+6)%7, 0, 0, 0, 0, s.zone)
	case "month":
		return time.Date(year, month, 1, 0, 0, 0, 0, s.zone)
	}
	return t.Add(-s.window)
}

// short reports whether the whole window is played.
func (s subject) short() bool { return s.window > 0 && s.window <= day }

// hourly reports whether the budget is one of four weeks or more.
func (s subject) hourly() bool { return s.window >= 28*day || s.calendar == "month" }

// lag is how old the recorded budget may be.
func (s subject) lag() time.Duration {
	const slow = 4 * time.Minute // the interval of the groups that record budgets
	switch {
	case s.hourly() || s.calendar == "week":
		return 75*time.Minute + slow
	}
	return max(5*time.Minute+s.evaluation, s.window/720) + slow
}

// edge is how far the events that a server knows of may be behind the clock.
func (s subject) edge() time.Duration { return s.scrape + s.evaluation }

// variant is one of the ways in which events at edges may rightly be counted.
type variant struct {
	before, after float64       // how much of the margins of excluded times is dropped, 0 to 1
	away          float64       // how much of what happened while Prometheus was away is known, 0 to 1
	shift         time.Duration // by which the schedule is early
}

// variants returns those that make a difference.
func (tr *trace) variants() []variant {
	all := []variant{{away: 1}}
	add := func(change func(variant) variant) {
		for _, v := range slices.Clone(all) {
			all = append(all, change(v))
		}
	}
	if len(tr.exclude)+len(tr.maintenance) > 0 {
		add(func(v variant) variant { v.before = 1; return v })
		for _, after := range []float64{0.5, 1} {
			all = append(all, variant{away: 1, after: after}, variant{away: 1, after: after, before: 1})
		}
	}
	if len(tr.away) > 0 {
		add(func(v variant) variant { v.away = 0; return v })
	}
	if len(tr.schedule) > 0 {
		add(func(v variant) variant { v.shift = tr.edge(); return v })
	}
	return all
}

// ledger sums up events before each step, as a variant counts them.
type ledger struct{ total, bad, allowed []float64 }

// ledger adds up step by step, by brute force.
func (tr *trace) ledger(v variant) ledger {
	n := len(tr.total)
	l := ledger{make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)}
	shift := int(v.shift / step)
	before, after := v.before*float64(tr.edge()), v.after*float64(5*time.Minute+tr.edge())
	ends := math.Inf(1) // how long ago the last excluded time was
	begins := tr.untilExcluded()
	for i := range n {
		ends += float64(step)
		if tr.excluded[i] {
			ends = 0
		}
		weight := 1.0
		if ends == 0 || ends <= after || float64(begins[i])*float64(step) <= before {
			weight = 0
		}
		if within(tr.away, i) {
			weight *= v.away
		}
		total, bad := weight*float64(tr.total[i]), weight*float64(tr.bad[i])
		l.total[i+1] = l.total[i] + total
		l.bad[i+1] = l.bad[i] + bad
		l.allowed[i+1] = l.allowed[i] + total*tr.budget[min(i+shift, n-1)]
	}
	return l
}

// untilExcluded counts the steps until the next excluded one.
func (tr *trace) untilExcluded() []int {
	left := make([]int, len(tr.excluded))
	next := math.MaxInt32
	for i := len(left) - 1; i >= 0; i-- {
		next++
		if tr.excluded[i] {
			next = 0
		}
		left[i] = next
	}
	return left
}

// spent is how much of the budget between two steps was spent: 0 without traffic.
func (l ledger) spent(from, to int) float64 {
	bad, allowed := l.bad[to]-l.bad[from], l.allowed[to]-l.allowed[from]
	if bad == 0 {
		return 0
	}
	return bad / allowed
}
