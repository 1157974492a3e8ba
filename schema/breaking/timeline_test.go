package breaking_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/breaking"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/sli"
)

// TestScheduleTileByTile compares random schedules with the objective at each five
// minutes of a week.
func TestScheduleTileByTile(t *testing.T) {
	relaxed, same := 0, 0
	for range 500 {
		old, new := random(), random()
		want := false
		for at := time.Duration(0); at < 7*24*time.Hour; at += 5 * time.Minute {
			was, scheduledBefore, countedBefore := promisedAt(old, at)
			is, scheduled, counted := promisedAt(new, at)
			want = want || is < was && (scheduled || scheduledBefore) && counted && countedBefore
		}
		var got []string
		for _, f := range breaking.Compare(of(old), of(new), everything, promql.Text{}) {
			if f.ID == "schedule-relaxed" {
				got = append(got, f.Message)
			}
		}
		if want != (len(got) == 1) {
			t.Fatalf("relaxed is %t, reported is %q\n%+v\n%+v", want, got, old, new)
		}
		if want {
			relaxed++
		} else {
			same++
		}
	}
	if relaxed < 50 || same < 50 {
		t.Errorf("%d relaxed, %d not: the test tries little", relaxed, same)
	}
}

// promisedAt is the objective at a time since Sunday midnight, by definition.
func promisedAt(slo model.SLO, at time.Duration) (objective float64, scheduled, counted bool) {
	holds := func(t model.Times) bool {
		length := (t.To-t.From+24*time.Hour-1)%(24*time.Hour) + 1
		return slices.ContainsFunc(t.Days, func(day time.Weekday) bool {
			since := (at - time.Duration(day)*24*time.Hour - t.From + 14*24*time.Hour) % (7 * 24 * time.Hour)
			return since < length
		})
	}
	objective, counted = slo.Objective, true
	for _, e := range slo.Schedule {
		if holds(e.At) {
			objective, scheduled = e.Objective, true
		}
	}
	for _, e := range slo.Exclude {
		counted = counted && !holds(e.At)
	}
	return objective, scheduled, counted
}

func random() model.SLO {
	slo := model.SLO{Name: "up", Key: "up", Objective: 99, Window: time.Hour, SLI: &sli.Uptime{Expr: "up"}}
	times := func() model.Times {
		var days []time.Weekday
		for d := range time.Weekday(7) {
			if rand.IntN(2) == 0 {
				days = append(days, d)
			}
		}
		if days == nil {
			days = []time.Weekday{time.Sunday}
		}
		return model.Times{Days: days, From: time.Duration(rand.IntN(4)) * 6 * time.Hour, To: time.Duration(1+rand.IntN(4)) * 6 * time.Hour, Timezone: "Asia/Kolkata"}
	}
	for range rand.IntN(3) {
		slo.Schedule = append(slo.Schedule, model.Entry{At: times(), Objective: []float64{98, 99, 99.5}[rand.IntN(3)]})
	}
	for range rand.IntN(2) {
		slo.Exclude = append(slo.Exclude, model.Exclusion{Reason: "r", At: times()})
	}
	return slo
}

func of(slo model.SLO) breaking.Version {
	at := func(...string) diag.Pos { return diag.Pos{File: "f"} }
	return breaking.Version{Services: []model.Service{{Name: "users", SLOs: []model.SLO{slo}, Source: model.Source{File: "f", At: at}}}}
}

// TestScheduleZones compares schedules of several time zones.
func TestScheduleZones(t *testing.T) {
	const spec = "service: users\nslos:\n  up:\n    objective: 99\n    window: 30d\n    sli: {uptime: {expr: up}}\n    schedule:\n"
	for name, test := range map[string]struct{ old, new, want string }{
		"the same times": {
			"{at: {days: [sat], timezone: Asia/Kolkata}, objective: 90}",
			"{at: {days: [fri], hours: \"18:30-24:00\"}, objective: 90}\n{at: {days: [sat], hours: \"00:00-18:30\"}, objective: 90}", ""},
		"not in summer": {
			"{at: {hours: \"02:00-03:00\", timezone: Europe/Berlin}, objective: 90}",
			"{at: {hours: \"01:00-02:00\"}, objective: 90}", "every day 01:00 to 02:00 UTC"},
		"both half": {
			"{at: {hours: \"02:00-03:00\", timezone: Europe/Berlin}, objective: 90}",
			"{at: {hours: \"01:00-02:00\"}, objective: 95}\n{at: {hours: \"00:00-01:00\"}, objective: 99}", "99"},
		"over the end of the week": {
			"{at: {days: [sat]}, objective: 98}",
			"{at: {days: [sat], hours: \"20:00-08:00\"}, objective: 98}", "sun 00:00 to 08:00 UTC"},
		"all week": {"{at: {days: [sat]}, objective: 99}", "{at: {days: [mon-fri]}, objective: 98}\n{at: {days: [sat, sun]}, objective: 98}", "all week"},
	} {
		lines := func(entries string) string {
			return "      - " + strings.ReplaceAll(entries, "\n", "\n      - ") + "\n"
		}
		findings := ofPromises(breaking.Compare(version(t, spec+lines(test.old)), version(t, spec+lines(test.new)), everything, promql.Text{}))
		got := ""
		for _, f := range findings {
			got += f.Message
		}
		if len(findings) > 1 || !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
