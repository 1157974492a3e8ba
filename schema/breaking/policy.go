package breaking

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// policyPair is the error budget policy of a service, or of all services of a tier.
type policyPair struct {
	subject       string
	before, after []model.Step
	pos           diag.Pos // of the policy after
	impact        impact
}

// eachPolicy calls f for the policies of all tiers and for those of services that have their
// own, before or after.
func (c *comparison) eachPolicy(f func(policyPair)) {
	c.eachTier(func(name string, was, is model.Tier) {
		f(policyPair{"tier " + name, was.Policy, is.Policy, c.projectPos("tiers", name, "policy"), c.servicesOf(name)})
	})
	for _, s := range c.services {
		was, is := c.before.Project.Tiers[s.before.Tier], c.after.Project.Tiers[s.after.Tier]
		if s.before.Tier == s.after.Tier && isSamePolicy(s.before.Policy, was.Policy) && isSamePolicy(s.after.Policy, is.Policy) {
			continue // the tier's, before and after
		}
		f(policyPair{s.after.Name, s.before.Policy, s.after.Policy, s.after.Source.At("policy"), impact{}})
	}
}

// isSamePolicy reports whether two policies stand at the same place.
func isSamePolicy(a, b []model.Step) bool {
	return len(a) == len(b) && (len(a) == 0 || a[0].Pos == b[0].Pos)
}

// stepPair is a step before and after; nil: it is gone.
type stepPair struct {
	before model.Step
	after  *model.Step
}

// steps matches the steps of a policy: those at the same budget, then those that do the same,
// then those that act no later and stop no less.
func (p policyPair) steps() (out []stepPair) {
	taken := map[int]bool{}
	matched := make([]*model.Step, len(p.before))
	for _, alike := range []func(was, is model.Step) bool{
		func(was, is model.Step) bool { return was.Below == is.Below },
		func(was, is model.Step) bool { return was.Do == is.Do },
		func(was, is model.Step) bool { return is.Below >= was.Below && gateRank(is.Gate) >= gateRank(was.Gate) },
	} {
		for i, was := range p.before {
			for j := range p.after {
				if matched[i] == nil && !taken[j] && alike(was, p.after[j]) {
					matched[i], taken[j] = &p.after[j], true
				}
			}
		}
	}
	for i, was := range p.before {
		out = append(out, stepPair{was, matched[i]})
	}
	return out
}

func gateRank(g model.Gate) int { return slices.Index([]model.Gate{"", model.Warn, model.Block}, g) }

func (p policyPair) change(at diag.Pos, before, after, message string) change {
	return change{pos: at, subject: p.subject, before: before, after: after, impact: p.impact, message: message, suggestion: "agree on it with those whom the policy names"}
}

func gateVerb(g model.Gate) string {
	switch g {
	case model.Block:
		return "blocks"
	case model.Warn:
		return "warns of"
	}
	return "stops no"
}

func stepText(s model.Step) string {
	out := fmt.Sprintf("below %s %%: %s", words.Number(s.Below), s.Do)
	if s.Gate != "" {
		out += " (" + string(s.Gate) + ")"
	}
	return out
}

func policyText(steps []model.Step) string {
	var out []string
	for _, s := range steps {
		out = append(out, stepText(s))
	}
	return strings.Join(out, "; ")
}
