package breaking

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// needUnmet reports needs that are no longer met because the consumer needs more. Other
// checks report a provider that promises less, with all its consumers.
func needUnmet(c *comparison, report func(change)) {
	for _, s := range c.services {
		for i, d := range s.after.DependsOn {
			for j, need := range d.Alternatives {
				old, known := c.sameNeed(s.before, s.after, i, j)
				if !known || !c.beforeIndex.depend.Met(s.before.Name, old.dependency, *old.need) || c.afterIndex.depend.Met(s.after.Name, d, need) {
					continue
				}
				_, verdict := c.afterIndex.depend.Check(s.after.Name, d, need)
				if c.providerPromisesLess(old, s.before.Name, d, need) && verdict != depend.TooMuch { // which no other check reports
					continue
				}
				report(change{
					pos: s.after.Source.At(append(s.after.NeedPath(i, j), c.afterIndex.unmetField(need, verdict))...), subject: s.after.Name, impact: c.dependentsImpact(s.after, d),
					before:     fmt.Sprintf("%s, and needs %s", c.beforeIndex.offered(s.before.Name, old.dependency, *old.need), neededText(*old.need)),
					after:      fmt.Sprintf("%s, and needs %s", c.afterIndex.offered(s.after.Name, d, need), neededText(need)),
					message:    fmt.Sprintf("%s no longer gets what it needs of %s: needed is %s, promised is %s", s.after.Name, need.Provider(), neededText(need), c.afterIndex.offered(s.after.Name, d, need)),
					suggestion: "need no more than is promised, or agree on more first",
				})
			}
		}
	}
}

// providerPromisesLess reports whether a need is not met because of the provider, which
// another check reports.
func (c *comparison) providerPromisesLess(old consumer, before string, d model.Dependency, need model.Need) bool {
	if need.Bought != nil {
		return need.Percent == old.need.Percent && need.Window == old.need.Window
	}
	asBefore := renamed(need, *old.need)
	was, is := c.beforeIndex.byName[old.need.Provider()], c.afterIndex.byName[need.Provider()]
	shortened := is.slo.Name != "" && depend.PeriodOf(was.slo) != depend.PeriodOf(is.slo) && !isWeakerPeriod(was.slo, is.slo) && is.slo.Objective >= was.slo.Objective
	return !shortened && c.beforeIndex.depend.Met(before, d, asBefore)
}

// sameNeed returns what a service needed before of the provider of a need, given by its
// indices: for the same of its SLOs, or else at all. A provider may be needed, or bought,
// more than once: then the first is compared with the first, the second with the second.
func (c *comparison) sameNeed(before, after model.Service, dependency, alternative int) (was consumer, known bool) {
	now := after.DependsOn[dependency]
	id := c.afterIndex.providerID(now.Alternatives[alternative])
	alike := func(s model.Service, x index, same func(model.Dependency) bool, until int) (out []consumer) {
		for i, d := range s.DependsOn {
			for j := range d.Alternatives {
				if until >= 0 && (i > dependency || i == dependency && j >= alternative) {
					return out
				}
				if need := &d.Alternatives[j]; x.providerID(*need) == id && same(d) {
					out = append(out, consumer{service: s.Name, need: need, dependency: d})
				}
			}
		}
		return out
	}
	for _, same := range []func(model.Dependency) bool{
		func(d model.Dependency) bool { return slices.Equal(d.For, now.For) && d.Soft == now.Soft },
		func(model.Dependency) bool { return true },
	} {
		if all := alike(before, c.beforeIndex, same, -1); len(all) > 0 {
			return all[min(len(alike(after, c.afterIndex, same, 0)), len(all)-1)], true
		}
	}
	return consumer{}, false
}

// offered describes what the provider of a need promises, and what that leaves over the
// window of the need.
func (x index) offered(consumer string, d model.Dependency, need model.Need) string {
	promise, _ := x.depend.Check(consumer, d, need)
	text := x.offerText(need)
	if left := promise.Over(depend.Period{Window: need.Window}).Min; left != promise.Min {
		text += ", which leaves " + words.Percent(depend.RoundDown(left))
	}
	for _, gap := range x.depend.Gaps(need) {
		text += ", " + gap.Promised
	}
	return text
}

// neededText describes what is needed.
func neededText(need model.Need) string { return cmp.Or(depend.NeedText(need), "nothing") }

// unmetField returns the field of a need that is not met.
func (x index) unmetField(need model.Need, verdict depend.Verdict) string {
	for _, gap := range x.depend.Gaps(need) {
		if gap.Verdict == verdict {
			return gap.Field
		}
	}
	return "needs"
}

// dependentsImpact returns the consumers of the SLOs that depend on d.
func (c *comparison) dependentsImpact(s model.Service, d model.Dependency) impact {
	var hits []impact
	for _, slo := range s.SLOs {
		if depend.AppliesTo(d, slo.Name) {
			hits = append(hits, c.consumersOf(s.Name+"/"+slo.Name, customersOf(promise{s, slo}, c.counted(promise{s, slo})), func(consumer) (string, bool) { return "", false }))
		}
	}
	return mergeImpacts(hits...)
}

// providerID returns the identity of the provider, which is stable when it is renamed.
func (x index) providerID(need model.Need) string {
	if p, known := x.byName[need.Provider()]; known && need.Bought == nil {
		return p.identity()
	}
	return need.Provider()
}

// offerText describes what the provider of a need promises.
func (x index) offerText(need model.Need) string {
	if b := need.Bought; b != nil {
		return percentOver(b.SLA, b.Window)
	}
	if p, known := x.byName[need.Provider()]; known {
		return promiseText(p.slo)
	}
	return "nothing"
}
