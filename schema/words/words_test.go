package words_test

import (
	"testing"
	"time"

	"github.com/promslo/promslo/schema/words"
)

const day = 24 * time.Hour

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		x    float64
		want string
	}{{99.9 / 100, "0.999"}, {1 - 0.999, "0.001"}, {1 - 0.99999, "0.00001"}, {14.4, "14.4"}, {0.9 / 0.1, "9"}, {1e6, "1000000"}} {
		if got := words.Number(tt.x); got != tt.want {
			t.Errorf("Number(%v) = %s, want %s", tt.x, got, tt.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{{5 * time.Minute, "5m"}, {90 * time.Minute, "1h30m"}, {28 * day, "28d"}, {30 * day, "30d"}, {365 * day, "1y"}, {7 * day, "7d"}, {36 * time.Hour, "1d12h"}} {
		if got := words.Duration(tt.d); got != tt.want {
			t.Errorf("Duration(%v) = %s, want %s", tt.d, got, tt.want)
		}
	}
}
