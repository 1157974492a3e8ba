package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// accords are the agreements and waivers of files of their own.
type accords struct {
	agreements []model.Agreement
	waivers    []model.Waiver
}

func (a *accords) add(more accords) {
	a.agreements = append(a.agreements, more.agreements...)
	a.waivers = append(a.waivers, more.waivers...)
}

// accordsOf validates and decodes a document of agreements.
func (c *fileChecker) accordsOf(doc *read.Node) accords {
	c.walk(c.accords, doc, "the file of agreements")
	if c.invalid[doc] {
		return accords{}
	}
	return accords{c.agreements(c.valid(doc, "agreements"), ""), c.waivers(c.valid(doc, "waivers"), "")}
}

// agreements decodes a list. Of a spec, service is the only consumer; of other files it is "".
func (c *fileChecker) agreements(n *read.Node, service string) (out []model.Agreement) {
	for _, item := range items(n) {
		a := model.Agreement{
			Consumer: cmp.Or(service, c.text(item, "consumer")), Provider: c.text(item, "provider"), Terms: model.ParseTerms(c.text(item, "terms")),
			By: c.people(item), On: c.date(item, "on"), Until: c.date(item, "until"), Review: c.date(item, "review"), Note: c.text(item, "note"),
			At: func(field string) diag.Pos { return item.Find([]string{field}).Pos.In(c.file) },
		}
		if consumer := c.valid(item, "consumer"); service != "" && consumer != nil && consumer.Text != service {
			c.add(diag.InvalidValue, consumer.Pos, "the agreements of a spec are those of its service, "+service+", not of "+consumer.Text, "remove consumer, or write it into a file `"+consumer.Text+".agreements.yaml`")
		} else if service == "" && c.missing(item, "consumer") {
			c.add(diag.MissingField, item.Pos, "an agreement needs the field consumer", "name the service that needs something")
		}
		for _, last := range []string{"until", "review"} {
			if d := c.date(item, last); !d.IsZero() && d.Before(a.On) {
				c.add(diag.InvalidValue, item.Get(last).Pos, last+" is before the day on which it was agreed", "check the dates")
			}
		}
		if a.Consumer != "" && a.Provider != "" && !c.invalid[item] {
			out = append(out, a)
		}
	}
	return out
}

// waivers decodes a list. Of a spec, service is what they are on unless they say more.
func (c *fileChecker) waivers(n *read.Node, service string) (out []model.Waiver) {
	for _, item := range items(n) {
		w := model.Waiver{
			Rule: diag.ID(c.text(item, "rule")), Gate: model.Gate(c.text(item, "gate")), Until: c.date(item, "until"),
			By: c.people(item), Because: c.text(item, "because"), Ticket: c.text(item, "ticket"), Pos: item.Pos.In(c.file),
		}
		w.Service, w.SLO, _ = strings.Cut(cmp.Or(c.text(item, "on"), service), "/")
		c.checkWaived(item, w)
		switch on := c.valid(item, "on"); {
		case on != nil && service != "" && w.Service != service:
			c.add(diag.InvalidValue, on.Pos, "the waivers of a spec are about its service, "+service+", not about "+w.Service, "write it into a file `"+w.Service+".agreements.yaml`")
		case service == "" && c.missing(item, "on"):
			c.add(diag.MissingField, item.Pos, "a waiver needs the field on", "name the service, or an SLO as service/slo")
		}
		if w.Service != "" && !w.Until.IsZero() && (w.Rule != "" || w.Gate != "") {
			out = append(out, w)
		}
	}
	return out
}

// checkWaived requires exactly one of rule and gate, and a rule that can be excused.
func (c *fileChecker) checkWaived(n *read.Node, w model.Waiver) {
	switch {
	case w.Rule != "" && w.Gate != "":
		c.add(diag.InvalidValue, n.Pos, "a waiver has both rule and gate", "make two of it")
	case c.missing(n, "rule") && c.missing(n, "gate"):
		c.add(diag.MissingField, n.Pos, "a waiver needs one of the fields gate, rule", "say what it allows: the ID of a rule, or `gate: block`")
	case w.Rule != "":
		at := n.Get("rule").Pos
		if rule, known := lint.Find(w.Rule); !known {
			c.add(diag.UnknownRule, at, "there is no rule "+diag.Shorten(string(w.Rule)), cmp.Or(lint.Suggest(w.Rule), "write the ID that a finding ends in"))
		} else if rule.Fixed || rule.Category == lint.Ignore {
			c.add(diag.InvalidValue, at, string(w.Rule)+" cannot be waived: what it reports is no matter of opinion", "remove the waiver, and see `promslo explain "+string(w.Rule)+"`")
		}
	}
}

// items are the entries of a list, none of a node that is not there.
func items(n *read.Node) []*read.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// people decodes by, a name or a list of names.
func (c *fileChecker) people(n *read.Node) []string {
	by := c.valid(n, "by")
	switch {
	case by == nil:
		return nil
	case by.Kind == read.Text:
		return []string{by.Text}
	case len(by.Items) == 0:
		c.add(diag.InvalidValue, by.Pos, "by is empty", "name who agreed")
	}
	return c.stringList(n, "by")
}

// date decodes a day. It reports one that no calendar has.
func (c *fileChecker) date(n *read.Node, key string) time.Time {
	v := c.valid(n, key)
	if v == nil {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, v.Text)
	if err != nil {
		c.markInvalid(v)
		c.add(diag.InvalidValue, v.Pos, fmt.Sprintf("%s must be a date that exists, not %s", key, diag.Shorten(v.Text)), "")
	}
	return day
}

// attach gives services the agreements and waivers of files, and returns those of others.
func (l *loadResult) attach() (agreements []model.Agreement, waivers []model.Waiver) {
	byName := map[string][]int{}
	for i, s := range l.services {
		byName[s.Name] = append(byName[s.Name], i)
	}
	for _, a := range l.accords.agreements {
		for _, i := range byName[a.Consumer] {
			l.services[i].Agreements = append(l.services[i].Agreements, a)
		}
		if byName[a.Consumer] == nil {
			agreements = append(agreements, a)
		}
	}
	for _, w := range l.accords.waivers {
		for _, i := range byName[w.Service] {
			l.services[i].Waivers = append(l.services[i].Waivers, w)
		}
		if byName[w.Service] == nil {
			waivers = append(waivers, w)
		}
	}
	for i := range l.services {
		slices.SortStableFunc(l.services[i].Agreements, func(a, b model.Agreement) int { return cmp.Compare(a.Provider, b.Provider) })
		slices.SortStableFunc(l.services[i].Waivers, func(a, b model.Waiver) int {
			return cmp.Or(cmp.Compare(a.SLO, b.SLO), a.Until.Compare(b.Until), cmp.Compare(a.Rule, b.Rule))
		})
	}
	return agreements, waivers
}

// duplicates reports a second agreement of a consumer on one provider.
func (a accords) duplicates(services []namedService) (findings []diag.Finding) {
	type pair struct{ consumer, provider string }
	first := map[pair]diag.Pos{}
	all := slices.Clone(a.agreements)
	for _, s := range services {
		all = append(all, s.Agreements...)
	}
	slices.SortStableFunc(all, func(a, b model.Agreement) int { return a.At("provider").Compare(b.At("provider")) })
	for _, a := range all {
		other, twice := first[pair{a.Consumer, a.Provider}]
		if !twice {
			first[pair{a.Consumer, a.Provider}] = a.At("provider")
			continue
		}
		findings = append(findings, diag.New(diag.InvalidValue, a.At("provider"),
			fmt.Sprintf("%s and %s have another agreement, in %s", a.Consumer, a.Provider, other), "keep the one that holds"))
	}
	return findings
}

// sloAt returns the function that finds the key of the SLO at a position of a spec.
func sloAt(doc *read.Node) func(diag.Pos) string {
	return func(at diag.Pos) (key string) {
		var start read.Position
		begins := func(p read.Position, name string) {
			if p.Compare(read.Position{Line: at.Line, Column: at.Column}) <= 0 && p.Compare(start) >= 0 {
				start, key = p, name
			}
		}
		for _, f := range doc.Fields {
			begins(f.Pos, "")
			if f.Key == "slos" {
				for _, slo := range f.Value.Fields {
					begins(slo.Pos, slo.Key)
				}
			}
		}
		return key
	}
}
