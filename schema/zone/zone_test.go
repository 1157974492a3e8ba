package zone

import (
	"testing"
	"time"
)

// TestLoad loads every zone of the database, and not those of the machine.
func TestLoad(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	all := Names()
	if len(all) < 500 {
		t.Errorf("%d zones", len(all))
	}
	for _, name := range all {
		if loc, ok := Load(name); !ok || loc.String() != name {
			t.Errorf("%s: %v, %t", name, loc, ok)
		}
	}
	for _, name := range []string{"", "Local", "europe/berlin", "Europe/", "Europe", "../UTC", "/UTC", "localtime"} {
		if _, ok := Load(name); ok {
			t.Errorf("there is a zone %q", name)
		}
	}
}

func TestOffsets(t *testing.T) {
	for _, test := range []struct {
		name, at string
		want     int // seconds east of UTC
	}{
		{"UTC", "2026-07-01T00:00:00Z", 0},
		{"Asia/Kolkata", "2026-07-01T00:00:00Z", 5*3600 + 1800},
		{"Europe/Berlin", "2026-03-29T00:59:59Z", 3600},
		{"Europe/Berlin", "2026-03-29T01:00:00Z", 7200},
		{"Europe/Berlin", "2060-07-01T00:00:00Z", 7200},
		{"America/New_York", "2026-11-01T06:00:00Z", -5 * 3600},
	} {
		loc, _ := Load(test.name)
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := at.In(loc).Zone(); got != test.want {
			t.Errorf("%s at %s: %d, want %d", test.name, test.at, got, test.want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		Load("Europe/Berlin")
	}
}
