package sli

import (
	"maps"
	"slices"

	"github.com/promslo/promslo/schema/diag"
)

// Match selects series by labels: label → matchers that must all hold, in the order of the
// spec. One may start with =~, != or !~.
type Match map[string][]string

// match returns the label matchers of a block.
func match(v Value) Match {
	m := v.Field("match")
	if m == nil {
		return nil
	}
	out := Match{}
	for _, label := range m.Keys() {
		f := m.Field(label)
		switch {
		case f == nil:
		case !f.IsList():
			out[label] = []string{f.Text()}
		case len(f.Items()) == 0:
			f.Report(diag.InvalidValue, "match."+label+" is empty", "list matchers of the label, or remove it")
		default:
			for _, item := range f.Items() {
				out[label] = append(out[label], item.Text())
			}
		}
	}
	return out
}

// sorted returns the matchers in an order that says nothing: as they must all hold.
func (m Match) sorted() Match {
	out := maps.Clone(m)
	for label, values := range out {
		out[label] = slices.Sorted(slices.Values(values))
	}
	return out
}
