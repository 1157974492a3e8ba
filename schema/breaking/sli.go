package breaking

import (
	"cmp"
	"fmt"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// measured is what an SLI measures, as text to compare: all of it but the bounds
// within which an event is good. A part of a journey is the SLO that it names, by its
// identity: what that SLO measures is a matter of its own.
func (x index) measured(s model.SLI) string { return s.Measured(x.part) }

func (x index) part(p model.Part) string {
	if p.SLO == "" {
		return x.measured(p.SLI) + p.SLI.Limits() + words.Number(p.Weight)
	}
	id := p.SLO
	if of, known := x.byName[p.SLO]; known {
		id = of.identity()
		id = cmp.Or(x.origin[id], id)
	}
	return id + " " + words.Number(p.Weight)
}

// bounds tells whether events that were bad are good now, and the reverse. SLIs of
// two kinds have nothing to compare.
func bounds(was, is model.SLI) (looser, tighter bool) {
	if was.Kind() != is.Kind() || was.Limits() == is.Limits() {
		return false, false
	}
	return is.Compare(was)
}

func sliChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.SLI, p.after.slo.SLI
		if c.was.measured(was) == c.is.measured(is) {
			continue
		}
		report(change{
			at: p.after.at("sli", is.Kind()), subject: p.after.name(), before: c.was.measured(was), after: c.is.measured(is), hit: c.hit(p, ""),
			message:    fmt.Sprintf("%s measures something else: its budget is made of both until %s have passed", p.after.name(), words.Duration(p.after.slo.Window)),
			suggestion: "if it is another promise, make it an SLO of its own; else say why by `promslo:ignore sli-changed`",
		})
	}
}

func sliRelaxed(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if looser, _ := bounds(p.before.slo.SLI, p.after.slo.SLI); looser {
			was, is := p.before.slo.SLI.Limits(), p.after.slo.SLI.Limits()
			report(change{
				at: p.limitsAt(), subject: p.after.name(), before: was, after: is, hit: c.hit(p, "which counts more as good"),
				message:    fmt.Sprintf("%s counts as good what broke the promise before: %s, and was %s", p.after.name(), is, was),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}

func sliTightened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if looser, tighter := bounds(p.before.slo.SLI, p.after.slo.SLI); tighter && !looser {
			was, is := p.before.slo.SLI.Limits(), p.after.slo.SLI.Limits()
			report(change{
				at: p.limitsAt(), subject: p.after.name(), before: was, after: is,
				message: fmt.Sprintf("%s promises more (%s, and was %s), and its budget is made of both until %s have passed",
					p.after.name(), is, was, words.Duration(p.after.slo.Window)),
				suggestion: "expect its figures to change for so long",
			})
		}
	}
}

// limitsAt is where the bounds of an SLI stand.
func (p pair) limitsAt() diag.Pos {
	sli := p.after.slo.SLI
	return p.after.at("sli", sli.Kind(), sli.LimitsField())
}
