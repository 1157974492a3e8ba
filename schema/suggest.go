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

// suggest says what to write instead of a wrong value.
func (c *cueChecker) suggest(s *shape, n *read.Node, name string) string {
	switch {
	case n.Kind == read.Null:
		return "write a value, or remove the key"
	case s.kinds == cue.StructKind && n.Kind == read.List:
		return asMap(n, name)
	case s.kinds == cue.ListKind && !n.IsContainer():
		return "write a list: [" + diag.Shorten(n.Text) + "]"
	case isPercentage(name) && n.Kind == read.Number && n.Number > 0 && n.Number < 1:
		return "write a percentage: " + words.Number(100*n.Number)
	case isPercentage(name) && n.Kind == read.Number && n.Number == 100:
		return "nothing holds always: write 99.9 or less"
	case isPercentage(name) && n.Kind == read.Number && n.Number > 99.99999 && n.Number < 100:
		return "write 99.99999, which is seven nines, or less"
	case isPercentage(name) && n.Kind == read.Number && n.Number > 10 && n.Number < 100:
		return "write " + words.Number(max(10.00001, math.Round(n.Number*1e5)/1e5))
	case n.Kind == read.Text && s.kinds&cue.NumberKind != 0 && c.scalarError(s, parseNumber(n.Text)) == "":
		return "write it without quotes"
	case n.Kind == read.Number && s.kinds&cue.StringKind != 0 && c.accepts(s, n.Text):
		return fmt.Sprintf("write it in quotes: %q", n.Text)
	case n.Kind == read.Text && c.accepts(s, strings.ToLower(n.Text)):
		return "write " + strings.ToLower(n.Text)
	case !n.IsContainer() && c.typed(s, n, name) != "":
		return "write " + c.typed(s, n, name)
	case n.Kind == read.Text && diag.Closest(n.Text, s.options) != "":
		return diag.DidYouMean(diag.Closest(n.Text, s.options), nil)
	case s.kinds == cue.StringKind && strings.HasSuffix(n.Text, "_bucket"):
		return "write " + strings.TrimSuffix(n.Text, "_bucket")
	}
	return ""
}

// asMap says how to write a list as a map.
func asMap(n *read.Node, name string) string {
	for _, item := range n.Items {
		if called := item.Get("name"); called != nil && called.Kind == read.Text {
			return fmt.Sprintf("write each below %s by its name, `%s:` instead of `- name: %s`", name, diag.Shorten(called.Text), diag.Shorten(called.Text))
		}
	}
	return "write keys and values, without the hyphens"
}

// isPercentage reports whether a field is a percentage of good events.
func isPercentage(name string) bool {
	return name == "objective" || name == "needs" || name == "sla" || strings.HasSuffix(name, " of ladder")
}

// parseNumber returns a text as a number node, or a null node if it is no number.
func parseNumber(t string) *read.Node {
	f, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return &read.Node{Kind: read.Null}
	}
	return &read.Node{Kind: read.Number, Number: f, Integer: f == math.Trunc(f), Text: t}
}

// accepts reports whether the schema allows a text.
func (c *cueChecker) accepts(s *shape, t string) bool {
	return c.scalarError(s, &read.Node{Kind: read.Text, Text: t}) == ""
}
