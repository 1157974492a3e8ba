package model

import (
	"cmp"
	"maps"
	"slices"
)

// Label is what promslo calls a label of its own, unless a project calls it otherwise.
type Label string

// LabelNames are the names that a project gives to labels of promslo's own. A label that is
// not among them has the name that promslo gives it.
type LabelNames map[Label]string

// Label returns the name that a label has in what is generated.
func (n LabelNames) Label(l Label) string { return cmp.Or(n[l], string(l)) }

// Renamed returns the labels that have other names, by these. Of two that have one name it is
// the first in the order of the alphabet.
func (n LabelNames) Renamed() map[string]Label {
	out := map[string]Label{}
	for _, label := range slices.Backward(slices.Sorted(maps.Keys(n))) {
		if n[label] != string(label) {
			out[n[label]] = label
		}
	}
	return out
}
