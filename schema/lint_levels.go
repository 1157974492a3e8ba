package schema

import (
	"cmp"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// lintLevels decodes the levels that the project gives to lint rules.
func (c *fileChecker) lintLevels(n *read.Node) map[diag.ID]model.Level {
	out := map[diag.ID]model.Level{}
	for _, f := range c.fields(n) {
		rule, known := lint.Find(diag.ID(f.Key))
		switch {
		case !known:
			c.add(diag.UnknownRule, f.Pos, "there is no rule "+f.Key, cmp.Or(lint.Suggest(diag.ID(f.Key)), "write the ID that a finding ends in"))
		case rule.Fixed:
			c.add(diag.InvalidValue, f.Value.Pos, f.Key+" cannot be changed: what it reports is no matter of opinion", "remove it, and see `promslo explain "+f.Key+"`")
		}
		out[diag.ID(f.Key)] = model.Level(f.Value.Text)
	}
	return out
}
