package plan

import (
	"testing"
	"time"

	"github.com/promslo/promslo/schema/model"
)

func unix(t *testing.T, text string) int64 {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Unix()
}

// Entries keep to the wall clock: on both sides of their edges, over midnight,
// and when clocks change.
func TestSchedule(t *testing.T) {
	weekdays := []time.Weekday{1, 2, 3, 4, 5}
	slo := model.SLO{
		Schedule: []model.Entry{
			{At: model.Times{Days: []time.Weekday{0, 6}, To: model.Day, Timezone: "Asia/Kolkata"}, Objective: 80},
			{At: model.Times{Days: weekdays, From: 9 * time.Hour, To: 18 * time.Hour, Timezone: "Europe/Berlin"}, Objective: 99.9},
			{At: model.Times{Days: []time.Weekday{5}, From: 22 * time.Hour, To: 2 * time.Hour, Timezone: "Australia/Lord_Howe"}, Objective: 50},
		},
		Exclude:     []model.Exclusion{{At: model.Times{Days: []time.Weekday{2}, From: time.Hour, To: 90 * time.Minute, Timezone: "UTC"}}},
		Maintenance: []model.Maintenance{{From: time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC), To: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}},
	}
	schedule, _, _, err := newSchedule(slo)
	if err != nil {
		t.Fatal(err)
	}
	s := SLO{Objective: 0.99, Schedule: schedule}
	for _, tt := range []struct {
		at   string
		want float64
	}{
		{"2026-06-05T18:29:59Z", 0.99}, // Friday 23:59:59 in Kolkata
		{"2026-06-05T18:30:00Z", 0.8},
		{"2026-06-07T18:29:59Z", 0.8},
		{"2026-06-07T18:30:00Z", 0.99},
		{"2026-03-27T07:59:59Z", 0.99}, // Friday 8:59:59 in Berlin, in winter
		{"2026-03-27T08:00:00Z", 0.999},
		{"2026-03-30T06:59:59Z", 0.99}, // Monday, in summer
		{"2026-03-30T07:00:00Z", 0.999},
		{"2026-03-30T15:59:59Z", 0.999},
		{"2026-03-30T16:00:00Z", 0.99},
		{"2026-06-05T11:29:59Z", 0.999}, // Friday 21:59:59 on Lord Howe Island, at +10:30
		{"2026-06-05T11:30:00Z", 0.5},
		{"2026-06-05T15:29:59Z", 0.5}, // Saturday 1:59:59
		{"2026-06-05T15:30:00Z", 0.999},
		{"2026-12-04T11:00:00Z", 0.5}, // Friday 22:00, in its summer at +11
	} {
		if got := s.ObjectiveAt(unix(t, tt.at)); got != tt.want {
			t.Errorf("%s: %g, want %g", tt.at, got, tt.want)
		}
	}
	for at, want := range map[string]bool{
		"2026-06-02T00:59:59Z": false, "2026-06-02T01:00:00Z": true, "2026-06-02T01:29:59Z": true, "2026-06-02T01:30:00Z": false,
		"2026-06-01T09:59:59Z": false, "2026-06-01T10:00:00Z": true, "2026-06-01T11:59:59Z": true, "2026-06-01T12:00:00Z": false,
	} {
		if got := s.ExcludedAt(unix(t, at)); got != want {
			t.Errorf("%s: excluded %t, want %t", at, got, want)
		}
	}
}

func TestPeriodAt(t *testing.T) {
	berlin, err := NewClock("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for calendar, begins := range map[model.Calendar]string{
		model.Week:    "2026-11-22T23:00:00Z", // Monday
		model.Month:   "2026-06-30T22:00:00Z",
		model.Quarter: "2026-09-30T22:00:00Z",
		model.Year:    "2026-12-31T23:00:00Z",
	} {
		s := SLO{Service: "users", Calendar: calendar, Clock: berlin}
		at := unix(t, begins)
		if s.CalendarPeriodAt(at-1) == s.CalendarPeriodAt(at) || s.CalendarPeriodAt(at) != s.CalendarPeriodAt(at+6*SecondsPerDay) || s.CalendarPeriodAt(at-1) != s.CalendarPeriodAt(at-6*SecondsPerDay) {
			t.Errorf("no %s begins at %s", calendar, begins)
		}
	}
}
