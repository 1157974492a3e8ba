package rules

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/model"
)

// TestWallClock compares the expression of a clock with the clock, around each change
// of it and in all hours around a new year, in which days of the week are counted anew.
func TestWallClock(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "America/Santiago",
		"Europe/Dublin", "Africa/Cairo", "Asia/Jerusalem", "Asia/Beirut", "Asia/Gaza", "America/Nuuk", "Atlantic/Azores", "Antarctica/Troll", "Pacific/Chatham"} {
		clock, err := plan.NewClock(name)
		if err != nil {
			t.Fatal(err)
		}
		queries := promql.NewEngine(time.Minute, promql.MaxSamples)
		var times []int64
		for _, change := range clock.Transitions {
			times = append(times, change.At-1, change.At, change.At+7*plan.SecondsPerDay-1)
		}
		newYear := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		for hour := int64(-14); hour <= 14; hour++ {
			times = append(times, newYear+3600*hour)
		}
		for _, unix := range times {
			got, err := queries.Instant(t.Context(), engine.NewStorage(), promql.String(utcOffset(clock)), time.Unix(unix, 0))
			if err != nil || len(got) != 1 || unix+int64(got[0].F) != clock.LocalAt(unix) {
				t.Errorf("%s at %d: %v %v, want %d", name, unix, got, err, clock.LocalAt(unix)-unix)
			}
		}
	}
}

// TestCalendarPeriod compares the expression of a calendar period with the plan's, on
// both sides of the beginning of each kind.
func TestCalendarPeriod(t *testing.T) {
	berlin, err := plan.NewClock("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for calendar, begins := range map[model.Calendar]string{
		model.Week:    "2026-11-22T23:00:00Z", // Monday
		model.Month:   "2026-06-30T22:00:00Z",
		model.Quarter: "2026-09-30T22:00:00Z",
		model.Year:    "2026-12-31T23:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, begins)
		if err != nil {
			t.Fatal(err)
		}
		s := plan.SLO{Service: "users", Calendar: calendar, Clock: berlin}
		for _, unix := range []int64{at.Unix() - 1, at.Unix()} {
			offset := labels.FromStrings(labels.MetricName, plan.UTCOffset, s.Label(plan.LabelService), "users", s.Label(plan.LabelTimezone), "Europe/Berlin")
			storage := engine.NewStorage()
			if err := storage.Append(offset, 1000*unix, float64(berlin.LocalAt(unix)-unix), nil); err != nil {
				t.Fatal(err)
			}
			got, err := promql.NewEngine(time.Minute, promql.MaxSamples).Instant(t.Context(), storage, promql.String(periodLabel(s, now(s))), time.Unix(unix, 0))
			if err != nil || len(got) != 1 || got[0].Metric.Get(s.Label(plan.LabelPeriod)) != fmt.Sprint(s.CalendarPeriodAt(unix)) {
				t.Errorf("%s at %d: %v %v, want %d", calendar, unix, got, err, s.CalendarPeriodAt(unix))
			}
		}
	}
}
