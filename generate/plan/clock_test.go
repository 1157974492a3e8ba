package plan

import (
	"testing"
	"time"

	"github.com/promslo/promslo/schema/zone"
)

// A clock agrees with Go's time zones every half hour of the years it covers.
func TestClock(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "America/Santiago",
		"Europe/Dublin", "Africa/Cairo", "Asia/Jerusalem", "Asia/Beirut", "Asia/Gaza", "America/Nuuk", "Atlantic/Azores", "Antarctica/Troll", "Pacific/Chatham"} {
		clock, err := NewClock(name)
		if err != nil {
			t.Fatal(err)
		}
		location, _ := zone.Load(name)
		local := func(unix int64) int64 {
			_, offset := time.Unix(unix, 0).In(location).Zone()
			return unix + int64(offset)
		}
		for unix := clocksFrom.Unix(); unix < clocksUntil.Unix(); unix += 1800 {
			if got, want := clock.LocalAt(unix), local(unix); got != want {
				t.Fatalf("%s at %s: %s, want %s", name, time.Unix(unix, 0).UTC(), time.Unix(got, 0).UTC(), time.Unix(want, 0).UTC())
			}
		}
	}
	if clock, err := NewClock("Africa/Casablanca"); err != nil || clock.Yearly != nil {
		t.Error("the clock of Casablanca is changed every year by the same rule:", err)
	}
	if _, err := NewClock("Mars/Olympus"); err == nil {
		t.Error("no error for a zone that does not exist")
	}
}
