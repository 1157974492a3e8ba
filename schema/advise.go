package schema

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cuelang.org/go/cue"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
	"github.com/promslo/promslo/schema/words"
)

// advise says what to write instead of a wrong value.
func (c *checker) advise(s *shape, n *read.Node, name string) string {
	switch {
	case n.Kind == read.Null:
		return "write a value, or remove the key"
	case s.kinds == cue.ListKind && !n.Container():
		return "write a list: [" + diag.Shorten(n.Text) + "]"
	case inPercent(name) && n.Kind == read.Number && n.Number > 0 && n.Number < 1:
		return "write a percentage: " + words.Number(100*n.Number)
	case inPercent(name) && n.Kind == read.Number && n.Number == 100:
		return "nothing holds always: write 99.9 or less"
	case inPercent(name) && n.Kind == read.Number && n.Number > 99.99999 && n.Number < 100:
		return "write 99.99999, which is seven nines, or less"
	case inPercent(name) && n.Kind == read.Number && n.Number > 10 && n.Number < 100:
		return "write " + words.Number(max(10.00001, math.Round(n.Number*1e5)/1e5))
	case n.Kind == read.Text && s.kinds&cue.NumberKind != 0 && c.scalar(s, unquoted(n.Text)) == "":
		return "write it without quotes"
	case n.Kind == read.Number && s.kinds == cue.StringKind && c.meets(s, n.Text):
		return fmt.Sprintf("write it in quotes: %q", n.Text)
	case n.Kind == read.Text && c.meets(s, strings.ToLower(n.Text)):
		return "write " + strings.ToLower(n.Text)
	case n.Kind == read.Text && diag.Closest(n.Text, s.options) != "":
		return diag.DidYouMean(diag.Closest(n.Text, s.options), nil)
	case s.kinds == cue.StringKind && strings.HasSuffix(n.Text, "_bucket"):
		return "write " + strings.TrimSuffix(n.Text, "_bucket")
	}
	return ""
}

// inPercent reports whether a field holds a percentage of good events.
func inPercent(name string) bool {
	return name == "objective" || name == "needs" || name == "sla" || strings.HasSuffix(name, " of ladder")
}

// unquoted returns the number that stands in a text, or else nothing.
func unquoted(t string) *read.Node {
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return &read.Node{Kind: read.Null}
	}
	return &read.Node{Kind: read.Number, Number: f, Integer: f == math.Trunc(f), Text: t}
}

// meets reports whether a text would be right.
func (c *checker) meets(s *shape, t string) bool {
	return c.scalar(s, &read.Node{Kind: read.Text, Text: t}) == ""
}
