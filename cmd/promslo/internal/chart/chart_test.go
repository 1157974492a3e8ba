package chart

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// step is a ratio of 0 but in a part of the time.
func step(ratio float64, begin, end time.Duration) func(from, to time.Duration) float64 {
	return func(from, to time.Duration) float64 {
		overlap := max(0, min(to, end)-max(from, begin))
		return ratio * float64(overlap) / float64(to-from)
	}
}

func mark(begin, end time.Duration) func(from, to time.Duration) rune {
	return func(from, to time.Duration) rune {
		if from < end && begin < to {
			return '█'
		}
		return '·'
	}
}

func TestWrite(t *testing.T) {
	tests := []struct {
		name   string
		chart  Chart
		column time.Duration
		want   string
	}{
		{"half of a column", Chart{
			From: -2 * time.Minute, To: 20 * time.Minute, MinColumn: time.Minute,
			Ratio: step(1, 0, 90*time.Second),
			Rows:  []Row{{"page", mark(2*time.Minute, 10*time.Minute)}, {"a long severity", mark(-time.Hour, 2*time.Hour)}},
		}, time.Minute, `
       100 % ┤  █
             │  █
        50 % ┤  ██
             │  ██
             └──┬─────────┬─────────
                0         10m
        page  ····████████··········
a long seve…  ██████████████████████
`},
		{"next to nothing", Chart{
			From: -6 * time.Hour, To: 59 * time.Hour, MinColumn: 5 * time.Minute,
			Ratio: func(from, to time.Duration) float64 { return step(0.0000049, 0, 10*time.Hour)(from, to) + 0.0000001 },
		}, 2 * time.Hour, `
 0.0005 % ┤   █████
          │   █████
0.00025 % ┤   █████
          │▁▁▁█████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁
          └───┬─────┬─────┬─────┬─────┬─────
              0     12h   1d    1d12h 2d
`},
		{"nothing", Chart{From: 0, To: 30 * time.Second, MinColumn: time.Minute, Ratio: step(0, 0, 0)}, time.Minute, `
100 % ┤
      │
 50 % ┤
      │
      └┬
       0
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if err := tt.chart.Write(&b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want[1:], b.String()); diff != "" {
				t.Errorf("- want, + got:\n%s", diff)
			}
			if got := tt.chart.Column(); got != tt.column {
				t.Errorf("a column is %s, want %s", got, tt.column)
			}
		})
	}
}

// Whatever the time, a line fits into 80 characters.
func TestWidth(t *testing.T) {
	for length := 30 * time.Second; length < 10*365*24*time.Hour; length = length * 17 / 16 {
		for _, before := range []time.Duration{0, length / 7} {
			c := Chart{From: -before, To: length, MinColumn: time.Minute, Ratio: step(1, 0, length/2), Rows: []Row{{strings.Repeat("x", 40), mark(0, length)}}}
			var b strings.Builder
			if err := c.Write(&b); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
					t.Fatalf("%s, %s before, a column is %s: %d characters\n%s", length, before, c.Column(), n, b.String())
				}
			}
		}
	}
}
