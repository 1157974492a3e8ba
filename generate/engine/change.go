package engine

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

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
func (c Change) apply(in Input) Input {
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

// compile returns the changed rule, which records nothing if there is none, in
// the place of the old one.
func (c Change) compile(in Input, old *rule) *rule {
	r := &rule{}
	if c.by != nil {
		r = newRuleThat(c.reads, in, in.Groups[c.Group], *c.by)
	}
	r.place, r.rank, r.start = old.place, old.rank, old.start
	return r
}
