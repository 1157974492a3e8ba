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

// policyLoosened reports steps that are gone, come later or stop less.
func policyLoosened(c *comparison, report func(change)) {
	c.eachPolicy(func(p policyPair) {
		if len(p.before) > 0 && len(p.after) == 0 {
			report(p.change(p.pos, policyText(p.before), "no policy", p.subject+" has no error budget policy any more: nothing is done when its budget is spent"))
			return
		}
		for _, s := range p.steps() {
			was := s.before
			switch is := s.after; {
			case is == nil:
				report(p.change(p.pos, stepText(was), "nothing", fmt.Sprintf("a step of the policy of %s is gone: below %s %%, %s", p.subject, words.Number(was.Below), was.Do)))
			case gateRank(is.Gate) < gateRank(was.Gate):
				report(p.change(is.Pos, stepText(was), stepText(*is), fmt.Sprintf("the policy of %s %s releases below %s %%, and %s them before", p.subject, gateVerb(is.Gate), words.Number(is.Below), gateVerb(was.Gate))))
			case is.Below < was.Below:
				report(p.change(is.Pos, stepText(was), stepText(*is), fmt.Sprintf("a step of the policy of %s comes later: below %s %% of the budget, and not below %s %%", p.subject, words.Number(is.Below), words.Number(was.Below))))
			}
		}
	})
}

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

// approverRemoved reports people whom a step of a policy does not name any more.
func approverRemoved(c *comparison, report func(change)) {
	c.eachPolicy(func(p policyPair) {
		for _, s := range p.steps() {
			if s.after == nil {
				continue
			}
			for _, people := range []struct {
				was, is []string
				text    string
			}{
				{s.before.Approvers, s.after.Approvers, "approves exceptions"},
				{s.before.Notify, s.after.Notify, "is told"},
			} {
				gone := slices.DeleteFunc(slices.Clone(people.was), func(name string) bool { return slices.Contains(people.is, name) })
				if len(gone) == 0 {
					continue
				}
				ch := p.change(s.after.Pos, strings.Join(people.was, ", "), strings.Join(people.is, ", "),
					fmt.Sprintf("%s no longer %s of %s below %s %% of its budget", strings.Join(gone, ", "), people.text, p.subject, words.Number(s.after.Below)))
				if ch.after == "" {
					ch.after = "nobody"
				}
				ch.suggestion = "agree on it with them first"
				report(ch)
			}
		}
	})
}
