package schema

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/schema/sli"
)

// TestKindsInCUE compares the kinds of SLI with the CUE schema.
func TestKindsInCUE(t *testing.T) {
	c := newCUEChecker()
	fields := func(name string) []string {
		s := c.define(name)
		c.expand(s)
		return slices.Sorted(slices.Values(s.names))
	}
	for name, test := range map[string]struct{ want, got []string }{
		"SLI":              {slices.Sorted(slices.Values(append(sli.Kinds(), "scrapeInterval"))), fields("#SLI")},
		"kind":             {append([]string{"availability"}, sli.Kinds()...), c.define("#Kind").options},
		"part":             {append(sli.PartKinds(), "weight"), fields("#Part")},
		"entry of journey": {sli.PartKinds(), fields("#Entrance")},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s, - Go, + CUE:\n%s", name, diff)
		}
	}
}
