package schema

import (
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/zone"
)

func TestMaintenance(t *testing.T) {
	for _, test := range []struct{ zone, from, to, want string }{
		{"UTC", "2026-03-29 02:30", "2026-03-29 03:00", "2026-03-29 02:30 to 2026-03-29 03:00"},
		// Forward: an hour is missing, so that these two hours are one.
		{"Europe/Berlin", "2026-03-29 01:30", "2026-03-29 03:30", "2026-03-29 00:30 to 2026-03-29 01:30"},
		{"Europe/Berlin", "2026-03-29 02:00", "2026-03-29 03:30", "from, 2026-03-29 02:00, does not exist in Europe/Berlin"},
		{"Europe/Berlin", "2026-03-29 01:55", "2026-03-29 02:55", "write 2026-03-29 03:55"},
		// Back: an hour is there twice, and all of it is meant.
		{"Europe/Berlin", "2026-10-25 02:00", "2026-10-25 03:00", "2026-10-25 00:00 to 2026-10-25 02:00"},
		{"Europe/Berlin", "2026-10-25 02:00", "2026-10-25 02:30", "2026-10-25 00:00 to 2026-10-25 01:30"},
		{"America/New_York", "2026-11-01 01:00", "2026-11-01 02:00", "2026-11-01 05:00 to 2026-11-01 07:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:30", "2026-04-05 02:00", "2026-04-04 14:30 to 2026-04-04 15:30"},
		{"Asia/Kolkata", "2026-01-01 00:00", "2026-01-31 24:00", "to must be a date and a time"},
		{"Asia/Kathmandu", "2026-01-01 00:00", "2026-02-01 00:00", "2025-12-31 18:15 to 2026-01-31 18:15"},
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-31 12:00", "does not exist in Pacific/Apia"},
		{"Europe/Berlin", "2026-03-01 00:00", "2026-04-01 00:00", "2026-02-28 23:00 to 2026-03-31 22:00"},
		{"Europe/Berlin", "2026-10-01 00:00", "2026-11-01 00:00", "the maintenance lasts longer than 31 days"},
		{"Europe/Berlin", "2026-03-01 00:00", "2026-03-01 00:00", "does not end after it begins"},
		{"UTC", "2025-02-29 00:00", "2025-03-01 00:00", "from must be a date that exists"},
	} {
		slos, got := loadSLO(t, DefaultProject(), "objective: 99", "window: 30d", "timezone: "+test.zone, "sli: {uptime: {expr: up}}",
			"maintenance: [{reason: x, from: "+test.from+", to: "+test.to+"}]")
		if len(slos) > 0 {
			m := slos[0].Maintenance[0]
			if m.From.Location() != time.UTC || m.To.Location() != time.UTC {
				t.Errorf("%+v is not UTC", m)
			}
			got = m.From.Format(wallClockLayout) + " to " + m.To.Format(wallClockLayout)
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s from %s to %s: %s, want %s", test.zone, test.from, test.to, got, test.want)
		}
	}
}

// TestWallClockTimes compares the conversion with the clocks of zones that change them
// in different ways, throughout a year.
func TestWallClockTimes(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Casablanca", "Africa/Cairo",
		"Asia/Gaza", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati", "Antarctica/Troll"} {
		loc, _ := zone.Load(name)
		shown := map[time.Time][]time.Time{}
		from, step := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 15*time.Minute
		for at := from; at.Year() < 2027; at = at.Add(step) {
			local := at.In(loc)
			wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), 0, 0, time.UTC)
			shown[wall] = append(shown[wall], at)
		}
		for wall := from.AddDate(0, 0, 2); wall.Before(from.AddDate(1, 0, -2)); wall = wall.Add(step) {
			want := shown[wall]
			first, last, exists := wallClockTimes(wall, loc)
			if exists != (len(want) > 0) || exists && (first != want[0] || last != want[len(want)-1]) {
				t.Fatalf("%s at %s: %s, %s, %t, want %s", name, wall.Format(wallClockLayout), first, last, exists, want)
			}
		}
	}
}

func TestDaysAndHours(t *testing.T) {
	day := 24 * time.Hour
	for _, test := range []struct {
		at       string
		days     string
		from, to time.Duration
	}{
		{"{days: [sat, sun]}", "sun sat", 0, day},
		{"{days: [mon-fri]}", "mon tue wed thu fri", 0, day},
		{"{days: [fri-mon]}", "sun mon fri sat", 0, day},
		{"{days: [sat-sun, sun, tue-tue]}", "sun tue sat", 0, day},
		{"{days: [sun-fri]}", "sun mon tue wed thu fri", 0, day},
		{"{hours: 22:00-06:00}", "sun mon tue wed thu fri sat", 22 * time.Hour, 6 * time.Hour},
		{"{hours: 22:05-00:00}", "sun mon tue wed thu fri sat", 22*time.Hour + 5*time.Minute, day},
		{"{days: [wed], hours: 00:00-24:00}", "wed", 0, day},
	} {
		slos, found := loadSLO(t, DefaultProject(), "objective: 99", "window: 30d", "sli: {uptime: {expr: up}}", "exclude: [{reason: x, at: "+test.at+"}]")
		if found != "" {
			t.Errorf("%s: %s", test.at, found)
			continue
		}
		got := slos[0].Exclude[0].At
		var days []string
		for _, d := range got.Days {
			days = append(days, weekdays[d])
		}
		if strings.Join(days, " ") != test.days || got.From != test.from || got.To != test.to {
			t.Errorf("%s: %s from %s to %s", test.at, days, got.From, got.To)
		}
	}
}

func TestClosestZone(t *testing.T) {
	for wrong, want := range map[string]string{
		"europe/istanbul": "Europe/Istanbul", "kolkata": "Asia/Kolkata", "America/Berlin": "Europe/Berlin", "Europ/Berlin": "Europe/Berlin",
		"America/New_Yrok": "America/New_York", "utc": "UTC", "America/Argentina/Buenos_Airs": "America/Argentina/Buenos_Aires",
		"PST": "", "Local": "", "Europe/": "", "/": "", "": "", "Mars/Olympus": "",
	} {
		if got := closestZone(wrong); got != want {
			t.Errorf("%s: %s, want %s", wrong, got, want)
		}
	}
}

// TestManyZones limits the time for guesses at thousands of wrong zones.
func TestManyZones(t *testing.T) {
	var b strings.Builder
	b.WriteString("service: users\nslos:\n")
	for i := range 100 {
		name := "s" + strings.Repeat("x", i%50) + string(rune('a'+i/50))
		b.WriteString("  " + name + ":\n    objective: 99\n    window: 30d\n    sli: {uptime: {expr: up}}\n    maintenance:\n")
		for j := range 50 {
			b.WriteString("      - {reason: x, timezone: Europe/Be" + strings.Repeat("y", j%8) + "n, from: 2026-03-01 00:00, to: 2026-03-01 01:00}\n")
		}
	}
	start := time.Now()
	_, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{{File: "x.yaml", Data: []byte(b.String())}}, Options{})
	if took := time.Since(start); took > 10*time.Second || len(findings) != maxFindings+1 {
		t.Errorf("%s, %d findings", took, len(findings))
	}
	t.Log(time.Since(start))
}
