package depend_test

import (
	"math"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
)

const day = 24 * time.Hour

// TestWithin holds what a promise is worth in another window, worked out by hand.
func TestWithin(t *testing.T) {
	for _, test := range []struct {
		percent         float64
		window, shorter time.Duration
		want            float64
	}{
		{99.9, 30 * day, 30 * day, 99.9},
		{99.9, 30 * day, 40 * day, 99.9},
		{99.9, 30 * day, 90 * day, 99.9},
		{99.9, 30 * day, 10 * day, 99.7},
		{99, 30 * day, 7 * day, 100 - 30./7},
		{99.9, 30 * day, time.Hour, 28},
		{99, 30 * day, time.Hour, 0},
	} {
		if got := depend.Within(test.percent, test.window, test.shorter); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%v %% over %s are %v %% over %s, want %v", test.percent, test.window, got, test.shorter, test.want)
		}
	}
}

// TestLimit checks that what is just the product is not beyond it, whatever fractions
// do to it.
func TestLimit(t *testing.T) {
	for percent, own := range map[float64]float64{99.9: 99.500999001, 99: 95.0990049901, 99.99: 99.9500099990001, 33: 0.39135393, 93: 69.56883693} {
		five := make([]depend.Factor, 5)
		for i := range five {
			five[i].Combined = depend.Promise{Min: percent, Max: percent}
		}
		limit := depend.Limit(five)
		if depend.Exceeds(depend.PromiseOf(model.SLO{Objective: own - 1e-10}), limit) || depend.Exceeds(depend.PromiseOf(model.SLO{Objective: own + 1e-10}), limit) {
			t.Errorf("%v %% five times is %v, and %v beyond", percent, limit.Min, own)
		}
		if !depend.Exceeds(depend.PromiseOf(model.SLO{Objective: own + 1e-6}), limit) {
			t.Errorf("%v %% five times is %v, and %v not beyond", percent, limit.Min, own)
		}
	}
}
