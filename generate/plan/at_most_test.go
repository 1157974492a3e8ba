package plan_test

import (
	"testing"
	"time"

	"github.com/promslo/promslo/generate/plan"
)

// An outage is never said to be allowed for longer than it is.
func TestAtMost(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{time.Duration(0.0005 * float64(30*24*time.Hour)), "21m"}, // 21.6 minutes
		{time.Duration(0.02 * float64(7*24*time.Hour)), "3h21m"},  // 201.6 minutes
		{time.Duration(0.005 * float64(30*24*time.Hour)), "3h36m"},
		{3*time.Hour + 36*time.Minute - time.Nanosecond, "3h36m"}, // a binary fraction
		{8640 * time.Millisecond, "8s"},
		{0, "0s"},
	} {
		if got := plan.AtMost(tt.d); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.d, got, tt.want)
		}
	}
}
