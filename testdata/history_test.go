package testdata

import (
	"testing"
	"time"
)

// TestHistory checks what the comments say about the history.
func TestHistory(t *testing.T) {
	h := NewHistory(time.Date(2026, 5, 31, 7, 30, 0, 0, time.UTC))
	count := func(service string, from, to time.Time) (total, bad int) {
		for m := from.Add(time.Minute); !m.After(to); m = m.Add(time.Minute) {
			n, b := h.Requests(service, m)
			total, bad = total+n, bad+b
		}
		return total, bad
	}
	if total, bad := count("checkout", h.Midnight.AddDate(0, 0, -1), h.Midnight); total != 518_400 || bad != 24 {
		t.Errorf("a day has %d requests, %d bad", total, bad)
	}
	for _, i := range h.Incidents() {
		if _, bad := count(i.Service, i.From, i.To); bad != i.Bad {
			t.Errorf("%s: %d requests fail at %s, not %d", i.Service, bad, i.From, i.Bad)
		}
	}
	// 60 × 24 bad ones, those of the incidents, less the three at half past that are
	// among these: 14:30, 2:30 and 3:30.
	if _, bad := count("checkout", h.Start(), h.Midnight); bad != 60*24+9_000+7_200+1_440+3_000-3 {
		t.Errorf("%d requests of checkout fail", bad)
	}
}
