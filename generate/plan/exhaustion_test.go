package plan

import (
	"math"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// With half of the budget of 30 days left, 3 days are enough from a burn rate of 5 on. Of
// 9,000 events at 99.9 % that is 45 bad ones, and 2.33 × √45 = 15.6 and a half more are sure.
func TestExhaustionBound(t *testing.T) {
	slo := SLO{Budget: 0.001, Confidence: 0.99, Period: 30 * day, Exhaustion: 3 * day}
	for bad, want := range map[float64]bool{61: false, 62: true} {
		burn := bad / 9
		if got := burn > slo.ExhaustionBound(0.5).At(bad); got != want {
			t.Errorf("%v bad events: %v, want %v", bad, got, want)
		}
	}
	// A tenth that is left is spent at 1 in three days, and the rest not at less.
	for left, want := range map[float64]float64{1: 10, 0.5: 5, 0.1: 1, 0.01: 1} {
		if got := slo.ExhaustionBound(left).Limit; math.Abs(got-want) > 1e-9 {
			t.Errorf("with %v left: %v, want %v", left, got, want)
		}
	}
}

// What an SLO asks for must be less than its window; what a tier asks for is left out where it is not.
func TestExhaustionFits(t *testing.T) {
	const own, shared = "users.slo.yaml", "promslo.yaml"
	for _, tt := range []struct {
		file           string
		within, period time.Duration
		want           time.Duration
		omitted, wrong string
	}{
		{own, 3 * day, 30 * day, 3 * day, "", ""},
		{own, 0, day, 0, "", ""},
		{shared, 3 * day, day, 0, "ticket before the budget ends: a budget of 1d always ends within 3d", ""},
		{own, 7 * day, 7 * day, 0, "", "users/up: a budget of 7d always ends within 7d"},
	} {
		slo := model.SLO{Alerting: model.Alerting{Exhaustion: tt.within, ExhaustionPos: diag.Pos{File: tt.file}}}
		got, omitted, findings := exhaustion(slo, SLO{Service: "users", Name: "up", Period: tt.period, Pos: diag.Pos{File: own}})
		wrong := ""
		for _, f := range findings {
			wrong += f.Message
		}
		if got != tt.want || omitted != tt.omitted || wrong != tt.wrong {
			t.Errorf("%s of %s in %s: %s, %q, %q", tt.within, tt.period, tt.file, got, omitted, wrong)
		}
	}
}
