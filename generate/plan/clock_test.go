package plan

import (
	"context"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/zone"
)

// A clock shows what Go's own tables say, hour by hour, over the years for which
// it is written down, and its expression the same.
func TestClock(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "America/Santiago",
		"Europe/Dublin", "Africa/Cairo", "Asia/Jerusalem", "Asia/Beirut", "Asia/Gaza", "America/Nuuk", "Atlantic/Azores", "Antarctica/Troll", "Pacific/Chatham"} {
		clock, err := newClock(name)
		if err != nil {
			t.Fatal(err)
		}
		location, _ := zone.Load(name)
		local := func(unix int64) int64 {
			_, offset := time.Unix(unix, 0).In(location).Zone()
			return unix + int64(offset)
		}
		for unix := clocksFrom.Unix(); unix < clocksUntil.Unix(); unix += 1800 {
			if got, want := clock.At(unix), local(unix); got != want {
				t.Fatalf("%s at %s: %s, want %s", name, time.Unix(unix, 0).UTC(), time.Unix(got, 0).UTC(), time.Unix(want, 0).UTC())
			}
		}
		queries := promql.NewEngine(time.Minute, promql.MostSamples)
		var times []int64
		for _, change := range clock.changes {
			times = append(times, change.At-1, change.At, change.At+7*secondsADay-1)
		}
		newYear := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		for hour := int64(-14); hour <= 14; hour++ {
			times = append(times, newYear+3600*hour)
		}
		for _, unix := range times {
			// The expression tells the time in the middle of the newest tile.
			got, err := queries.Instant(context.Background(), engine.NewStorage(), promql.String(clock.Expr()), time.Unix(unix+midTile, 0))
			if err != nil || len(got) != 1 || int64(got[0].F) != local(unix) {
				t.Errorf("%s at %d: %v %v, want %d", name, unix, got, err, local(unix))
			}
		}
	}
	if clock, err := newClock("Africa/Casablanca"); err != nil || clock.yearly != nil {
		t.Error("the clock of Casablanca is changed every year by the same rule:", err)
	}
	if _, err := newClock("Mars/Olympus"); err == nil {
		t.Error("no error for a zone that does not exist")
	}
}
