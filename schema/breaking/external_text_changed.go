package breaking

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// externalTextChanged reports other words in what customers read: what is promised to them,
// where it is measured, and what they get when it is broken.
func externalTextChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		for _, pair := range externalPairs(p) {
			was, is := pair.before, pair.after
			if is == nil {
				continue
			}
			changed := func(at diag.Pos, before, after, what string) {
				if before != after && after != "" && before != "" {
					report(change{
						pos: at, subject: p.after.name(), before: before, after: after, impact: customersOf(p.before, was, c.counted(p.after)),
						message:    fmt.Sprintf("the %s of %s is another for %s: %s, and before: %s", what, p.after.name(), was.Audience, diag.Shorten(after), diag.Shorten(before)),
						suggestion: "tell them, and change their contracts first",
					})
				}
			}
			at := func(field string) diag.Pos { return p.after.pos(append(slices.Clone(is.Path), field)...) }
			changed(at("remedy"), was.Remedy, is.Remedy, "remedy")
			changed(at("claim"), was.Claim, is.Claim, "way to claim the remedy")
			changed(at("measured"), was.Measured, is.Measured, "place of measurement")
			words := func(e model.External, slo model.SLO) string { return cmp.Or(e.Description, slo.Description) }
			where := p.after.pos("description")
			if is.Description != "" {
				where = at("description")
			}
			changed(where, words(was, p.before.slo), words(*is, p.after.slo), "description")
		}
	}
}
