package plan

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// wilson is the lower end of Wilson's score interval with continuity correction for the ratio
// of bad events, as textbooks have it: for two sides, with 2·n·ratio instead of bad.
func wilson(bad, n, z float64) float64 {
	p := bad / n
	return (2*n*p + z*z - 1 - z*math.Sqrt(z*z-2-1/n+4*p*(n*(1-p)+1))) / (2 * (n + z*z))
}

// The burn rate exceeds its bound exactly where Wilson's lower end, as a burn rate,
// exceeds the factor: for every number of bad events there is of some.
func TestBurnBound(t *testing.T) {
	for _, budget := range []float64{0.00001, 0.001, 0.01, 0.1, 0.6} {
		for _, factor := range []float64{1, 3, 6, 14.4} {
			for _, n := range []float64{1, 3, 20, 60, 300, 9000, 1e6} {
				slo, p := SLO{Budget: budget, Confidence: 0.99, Period: 30 * day}, Pair{Factor: factor}
				if factor*budget > 0.9 {
					continue
				}
				for bad := 1.0; bad <= n; bad = math.Ceil(bad * 1.01) {
					burn := bad / n / budget
					bound := slo.BurnBound(p).At(bad)
					if low := wilson(bad, n, 2.33) / budget; (burn > bound) != (low > factor) && math.Abs(low/factor-1) > 1e-4 {
						t.Errorf("%v of %v at a budget of %v: burn %v, bound %v; the lower end is %v, the factor %v", bad, n, budget, burn, bound, low, factor)
					}
				}
			}
		}
	}
}

// Tables of the normal distribution: 90 %, 95 %, 99 % and 99.9 %, one-sided.
func TestDeviations(t *testing.T) {
	for confidence, want := range map[float64]float64{0: 0, 0.8: 0.842, 0.9: 1.28, 0.95: 1.64, 0.99: 2.33, 0.999: 3.09, 0.99999: 4.26} {
		if got := (SLO{Confidence: confidence, Period: 90 * day}).deviations(); got != want {
			t.Errorf("z at %v: %v, want %v", confidence, got, want)
		}
	}
	// Of 7 days 1 % × (7/30)² = 0.054 % may be wrong, of a day 1 % / 900 = 0.0011 %.
	for period, want := range map[time.Duration]float64{7 * day: 3.27, day: 4.24} {
		if got := (SLO{Confidence: 0.99, Period: period}).deviations(); got != want {
			t.Errorf("z over %s: %v, want %v", period, got, want)
		}
	}
	// Of 60 events 14.4 × 0.1 % are 0.864: 2.33 × √(0.864 × 0.9856) = 2.150 and a half more are sure.
	slo := SLO{Budget: 0.001, Confidence: 0.99, MinFailures: 3, Period: 30 * day, Traffic: model.Rate{Events: 60, Per: time.Hour}}
	p := Pair{Factor: 14.4, Long: time.Hour}
	expected, sure := slo.FailuresAtFactor(p)
	if got := fmt.Sprintf("%.3f %.3f %v", expected, sure, slo.NeededFailures(p)); got != "0.864 3.514 4" {
		t.Error(got)
	}
	// Three are asked for anyway, 2.5 with what rates are off: 1.014 more, one a minute.
	if got := slo.Delay(p, 1).Round(time.Second); got != time.Minute+time.Second {
		t.Errorf("later by %s", got)
	}
	// At twice the factor half of 12.6 bad events are expected: 2.33 × √(6.3 × 0.9856) and a half less.
	if got := slo.FailuresToBeSure(p, 2); got != 13 {
		t.Errorf("%v failures", got)
	}
}
