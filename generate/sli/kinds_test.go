package sli

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	spec "github.com/promslo/promslo/schema/sli"
)

// TestKinds: what a spec may say can be counted.
func TestKinds(t *testing.T) {
	if diff := cmp.Diff(spec.Kinds(), slices.Sorted(maps.Keys(kinds))); diff != "" {
		t.Errorf("- schema/sli, + generate/sli:\n%s", diff)
	}
}
