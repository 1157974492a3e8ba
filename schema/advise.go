package schema

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cuelang.org/go/cue"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/words"
)

// advise says what to write instead of a wrong value.
func (c *checker) advise(s *shape, n *node, name string) string {
	switch {
	case n.kind == null:
		return "write a value, or remove the key"
	case s.kinds == cue.ListKind && !n.container():
		return "write a list: [" + shorten(n.text) + "]"
	case inPercent(name) && n.kind == number && n.num > 0 && n.num < 1:
		return "write a percentage: " + words.Number(100*n.num)
	case inPercent(name) && n.kind == number && n.num == 100:
		return "nothing holds always: write 99.9 or less"
	case inPercent(name) && n.kind == number && n.num > 99.99999 && n.num < 100:
		return "write 99.99999, which is seven nines, or less"
	case inPercent(name) && n.kind == number && n.num > 10 && n.num < 100:
		return "write " + words.Number(max(10.00001, math.Round(n.num*1e5)/1e5))
	case n.kind == text && s.kinds&cue.NumberKind != 0 && c.scalar(s, unquoted(n.text)) == "":
		return "write it without quotes"
	case n.kind == number && s.kinds == cue.StringKind && c.meets(s, n.text):
		return fmt.Sprintf("write it in quotes: %q", n.text)
	case n.kind == text && c.meets(s, strings.ToLower(n.text)):
		return "write " + strings.ToLower(n.text)
	case n.kind == text && diag.Closest(n.text, s.options) != "":
		return diag.DidYouMean(diag.Closest(n.text, s.options), nil)
	case s.kinds == cue.StringKind && strings.HasSuffix(n.text, "_bucket"):
		return "write " + strings.TrimSuffix(n.text, "_bucket")
	}
	return ""
}

// inPercent reports whether a field holds a percentage of good events.
func inPercent(name string) bool {
	return name == "objective" || name == "needs" || name == "sla" || strings.HasSuffix(name, " of ladder")
}

// unquoted returns the number that stands in a text, or else nothing.
func unquoted(t string) *node {
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return &node{kind: null}
	}
	return &node{kind: number, num: f, integer: f == math.Trunc(f), text: t}
}

// meets reports whether a text would be right.
func (c *checker) meets(s *shape, t string) bool {
	return c.scalar(s, &node{kind: text, text: t}) == ""
}
