package schema

import (
	"cmp"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// levels decodes how the project takes the rules of lint.
func (c *check) levels(n *node) map[diag.ID]model.Level {
	out := map[diag.ID]model.Level{}
	for _, f := range c.fields(n) {
		rule, known := lint.Find(diag.ID(f.key))
		switch {
		case !known:
			c.add("unknown-rule", f.pos, "there is no rule "+f.key, cmp.Or(lint.Suggest(diag.ID(f.key)), "write the ID that a finding ends in"))
		case rule.Fixed:
			c.add("invalid-value", f.value.pos, f.key+" cannot be changed: what it reports is no matter of opinion", "remove it, and see `promslo explain "+f.key+"`")
		}
		out[diag.ID(f.key)] = model.Level(f.value.text)
	}
	return out
}
