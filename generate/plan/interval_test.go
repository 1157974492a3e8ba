package plan

import (
	"testing"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// What slow groups record is as old as their interval and the query offset together, and is
// found for 5 minutes.
func TestSlowInterval(t *testing.T) {
	for _, test := range []struct{ evaluation, offset, want time.Duration }{
		{time.Minute, 0, 4 * time.Minute},
		{90 * time.Second, 0, 3 * time.Minute},
		{time.Minute, 2 * time.Minute, 2 * time.Minute},
		{15 * time.Second, 2 * time.Minute, 2 * time.Minute},
		{time.Minute, 30 * time.Second, 3 * time.Minute},
		{3 * time.Minute, time.Minute, 3 * time.Minute},
		{2 * time.Minute, 2 * time.Minute, 2 * time.Minute},
	} {
		if got := slowInterval(model.Project{Evaluation: test.evaluation, Offset: test.offset}); got != test.want {
			t.Errorf("every %s, %s ago: %s, want %s", test.evaluation, test.offset, got, test.want)
		}
	}
}
