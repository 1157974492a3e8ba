package schema

import (
	"strings"

	"cuelang.org/go/cue"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// lostIndentation reports an empty field of an object that must be a map, where the fields
// that follow belong into it and not beside it. It marks them all as reported.
func (c *fileChecker) lostIndentation(s *shape, n *read.Node) {
	for i, f := range n.Fields {
		within := c.field(s, f.Key)
		if f.Value.Kind != read.Null || within == nil || within.kinds != cue.StructKind {
			continue
		}
		c.expand(within)
		var lost []string
		for _, next := range n.Fields[i+1:] {
			if !c.belongs(s, within, next) {
				break
			}
			c.markInvalid(next.Value)
			lost = append(lost, diag.Shorten(next.Key))
		}
		if len(lost) > 0 {
			c.markInvalid(f.Value)
			c.add(diag.WrongType, f.Pos, diag.Shorten(f.Key)+" is empty, and what belongs below it stands beside it: "+diag.Shorten(strings.Join(lost, ", ")),
				"indent that by two spaces more than "+diag.Shorten(f.Key))
		}
	}
}

// belongs reports whether a field is wrong where it stands, and right within another shape.
func (c *fileChecker) belongs(s, within *shape, f read.Field) bool {
	here, there := c.field(s, f.Key), c.field(within, f.Key)
	return there != nil && c.fits(there, f.Value) && (here == nil || !c.fits(here, f.Value))
}

// fits reports whether a value is of a kind that a shape takes, and if it is an object, has
// only fields that it knows.
func (c *fileChecker) fits(s *shape, n *read.Node) bool {
	if n.Kind == read.Object && s.kinds == cue.StructKind {
		c.expand(s)
		for _, f := range n.Fields {
			if c.field(s, f.Key) == nil {
				return false
			}
		}
	}
	return s.any || s.kinds&n.CUE() != 0
}
