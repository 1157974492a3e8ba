package incremental

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// Change puts another rule in the place of one, or takes it away.
type Change struct {
	Group, Rule int // indexes in Input.Groups and in the group

	by    *rulefmt.Rule // nil: none
	reads promql.Reads  // of by
}

// Replace returns the change of a rule to a valid one.
func Replace(group, rule int, by rulefmt.Rule) (Change, error) {
	reads, err := promql.ReadsOf(by.Expr)
	if err != nil {
		return Change{}, fmt.Errorf("rule %s%s: %w", by.Record, by.Alert, err)
	}
	return Change{group, rule, &by, reads}, nil
}

// Drop returns the change that takes a rule away.
func Drop(group, rule int) Change { return Change{Group: group, Rule: rule} }

// apply returns the input with the change.
func (c Change) apply(in engine.Input) engine.Input {
	in.Groups = slices.Clone(in.Groups)
	g := &in.Groups[c.Group]
	g.Rules = slices.Clone(g.Rules)
	if c.by == nil {
		g.Rules = slices.Delete(g.Rules, c.Rule, c.Rule+1)
	} else {
		g.Rules[c.Rule] = *c.by
	}
	return in
}

// compile returns the changed rule at the place of the old one; without a rule it is
// one that records nothing.
func (c Change) compile(in engine.Input, old *engine.Rule) *engine.Rule {
	r := &engine.Rule{}
	if c.by != nil {
		r = engine.NewRule(c.reads, in, in.Groups[c.Group], *c.by)
	}
	r.Place, r.Rank, r.Start = old.Place, old.Rank, old.Start
	return r
}
