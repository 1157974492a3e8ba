package breaking

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// measured is what an SLI measures, as text to compare, without the bounds within which
// an event is good. A part of a journey that refers to an SLO is that SLO's identity:
// changes of that SLO are reported there.
func (x index) measured(s model.SLI) string { return s.Measured(x.promql.Normalize, x.measuredPart) }

func (x index) measuredPart(p model.Part) string {
	if p.SLO == "" {
		return x.measured(p.SLI) + p.SLI.Limits() + words.Number(p.Weight)
	}
	id := p.SLO
	if of, known := x.byName[p.SLO]; known {
		id = of.identity()
		id = cmp.Or(x.oldIdentity[id], id)
	}
	return id + " " + words.Number(p.Weight)
}

// compareLimits reports whether events that were bad are good now, and vice versa. SLIs
// of different kinds are not comparable.
func compareLimits(was, is model.SLI) (looser, tighter bool) {
	if was.Kind() != is.Kind() || was.Limits() == is.Limits() {
		return false, false
	}
	return is.Compare(was)
}

func sliChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.SLI, p.after.slo.SLI
		before, after := c.beforeIndex.measured(was), c.afterIndex.measured(is)
		if before == after {
			continue
		}
		how, at := "", p.after.pos("sli", is.Kind())
		if field, text := c.changedExpression(was, is); field != "" {
			how, at = text, p.after.pos("sli", is.Kind(), field)
			before, after = expressionTexts(was), expressionTexts(is)
		}
		report(change{
			pos: at, subject: p.after.name(), before: before, after: after, impact: c.impact(p, ""),
			message:    fmt.Sprintf("%s measures something else%s: its budget is made of both until %s have passed", p.after.name(), how, words.Duration(p.after.slo.Window)),
			suggestion: "if it is another promise, make it an SLO of its own; else say why by `promslo:ignore sli-changed`",
		})
	}
}

// maxExpression is how much of an expression a message quotes.
const maxExpression = 60

// changedExpression returns the first field of an SLI whose PromQL is another, and how, if
// both versions have the same fields.
func (c *comparison) changedExpression(was, is model.SLI) (field, text string) {
	before, after := was.Expressions(), is.Expressions()
	if was.Kind() != is.Kind() || len(before) != len(after) {
		return "", ""
	}
	for i, now := range after {
		if now.Field != before[i].Field {
			return "", ""
		}
		x := c.afterIndex.promql
		if field != "" || x.Normalize(before[i].Text) == x.Normalize(now.Text) {
			continue
		}
		field = now.Field
		judged := x.Change(before[i].Text, now.Text)
		if judged != "" {
			judged += "; "
		}
		text = fmt.Sprintf(" (%s: %sit is %s, and was %s)", field, judged, shorten(now.Text), shorten(before[i].Text))
	}
	return field, text
}

func shorten(text string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > maxExpression {
		return string(r[:maxExpression]) + "…"
	}
	return string(r)
}

func expressionTexts(s model.SLI) string {
	var out []string
	for _, e := range s.Expressions() {
		out = append(out, e.Field+": "+strings.Join(strings.Fields(e.Text), " "))
	}
	return strings.Join(out, ", ")
}

func sliRelaxed(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if looser, _ := compareLimits(p.before.slo.SLI, p.after.slo.SLI); looser {
			was, is := p.before.slo.SLI.Limits(), p.after.slo.SLI.Limits()
			report(change{
				pos: p.limitsPos(), subject: p.after.name(), before: was, after: is, impact: c.impact(p, "which counts more as good"),
				message:    fmt.Sprintf("%s counts as good what broke the promise before: good is now %s; good was %s", p.after.name(), is, was),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}

func sliTightened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if looser, tighter := compareLimits(p.before.slo.SLI, p.after.slo.SLI); tighter && !looser {
			was, is := p.before.slo.SLI.Limits(), p.after.slo.SLI.Limits()
			report(change{
				pos: p.limitsPos(), subject: p.after.name(), before: was, after: is,
				message: fmt.Sprintf("%s promises more (good is now %s; good was %s), and its budget is made of both until %s have passed",
					p.after.name(), is, was, words.Duration(p.after.slo.Window)),
				suggestion: "expect its figures to change for so long",
			})
		}
	}
}

// limitsPos is the position of the bounds of an SLI.
func (p sloPair) limitsPos() diag.Pos {
	sli := p.after.slo.SLI
	return p.after.pos("sli", sli.Kind(), sli.LimitsField())
}
