package ruletest

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// TestNotation: what promtool reads is what was written, gaps and all.
func TestNotation(t *testing.T) {
	const interval = 30 * time.Second
	rapid.Check(t, func(t *rapid.T) {
		var s engine.Series
		at, value := int64(0), 1e9
		for range rapid.IntRange(1, 30).Draw(t, "samples") {
			at += interval.Milliseconds() * rapid.SampledFrom([]int64{1, 1, 1, 1, 4}).Draw(t, "intervals")
			value += rapid.SampledFrom([]float64{0, 0, 7, 7, -2, 0.3}).Draw(t, "step")
			s.Push(at, value, nil)
		}
		text := notation(s, interval)
		_, values, err := promql.ParseSeries("a " + text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var got engine.Series
		for i, v := range values {
			if !v.Omitted {
				got.Push(int64(i)*interval.Milliseconds(), v.Value, nil)
			}
		}
		if len(got.Values) != len(s.Values) {
			t.Fatalf("%s: %d values, want %d", text, len(got.Values), len(s.Values))
		}
		for i := range s.Values {
			if got.Values[i] != s.Values[i] || got.Times[i] != s.Times[i] {
				t.Fatalf("%s: value %d is %v at %d, want %v at %d", text, i, got.Values[i], got.Times[i], s.Values[i], s.Times[i])
			}
		}
	})
}
