package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// sloNeeds are the fields that say what is needed of an SLO of a service beside a percentage.
var sloNeeds = []string{"within", "answers", "upTo"}

// providerKeys are the fields that name a provider; a dependency has one of them.
var providerKeys = []string{"anyOf", "provider", "service"}

// dependencies decodes dependsOn. All is the node of all SLOs of the service.
func (c *fileChecker) dependencies(n, all *read.Node, service string, slos []model.SLO) []model.Dependency {
	var out []model.Dependency
	for i, item := range n.Items {
		if c.invalid[item] {
			continue
		}
		name := fmt.Sprintf("entry %d of dependsOn", i+1)
		d := model.Dependency{Soft: c.text(item, "kind") == "soft", Mitigations: c.stringList(item, "mitigations")}
		if c.providerKey(item, name, providerKeys) == "anyOf" {
			d.Alternatives = c.alternatives(item, service)
		} else {
			d.Alternatives = []model.Need{c.need(item, name, service)}
		}
		d.For = c.dependents(item, all, slos)
		c.checkDuplicate(item, d, out)
		out = append(out, d)
	}
	return out
}

// providerKey returns the field that names the provider of a dependency, and requires
// exactly one.
func (c *fileChecker) providerKey(n *read.Node, name string, keys []string) string {
	var found []string
	for _, key := range keys {
		if !c.missing(n, key) {
			found = append(found, key)
		}
	}
	switch {
	case len(found) > 1:
		c.add(diag.InvalidValue, n.Pos, fmt.Sprintf("%s has more than one provider: %s", name, strings.Join(found, ", ")), "keep one, and make an entry of each other")
	case len(found) == 0 && c.allValid(n):
		c.add(diag.MissingField, n.Pos, fmt.Sprintf("%s needs one of the fields %s", name, strings.Join(keys, ", ")), "say who is needed, for example `{service: database, slo: availability}`")
	}
	return slices.Concat(found, []string{""})[0]
}

// alternatives decodes anyOf: redundant providers.
func (c *fileChecker) alternatives(n *read.Node, service string) []model.Need {
	for _, key := range append([]string{"slo", "needs", "window"}, sloNeeds...) {
		if v := n.Get(key); v != nil {
			c.add(diag.InvalidValue, v.Pos, key+" goes with one provider, and anyOf has several", "move it into the entries of anyOf")
		}
	}
	any := c.valid(n, "anyOf")
	if any == nil {
		return nil
	}
	if len(any.Items) < 2 {
		c.add(diag.InvalidValue, any.Pos, "anyOf needs at least two alternatives", "add one, or name the only one directly")
	}
	var out []model.Need
	for i, item := range any.Items {
		if c.invalid[item] {
			continue
		}
		name := fmt.Sprintf("entry %d of anyOf", i+1)
		c.providerKey(item, name, []string{"provider", "service"})
		need := c.need(item, name, service)
		if slices.ContainsFunc(out, func(o model.Need) bool { return o.Provider() == need.Provider() }) && c.allValid(item) {
			c.add(diag.InvalidValue, item.Pos, "anyOf has "+diag.Shorten(need.Provider())+" twice", "remove one of them: it fails with itself")
		}
		out = append(out, need)
	}
	return out
}

// need decodes what a service needs from one provider.
func (c *fileChecker) need(n *read.Node, name, service string) model.Need {
	out := model.Need{Service: c.text(n, "service"), SLO: c.text(n, "slo")}
	switch slo := n.Get("slo"); {
	case n.Get("service") != nil && c.missing(n, "slo"):
		c.add(diag.MissingField, n.Pos, name+" needs the field slo", "name the SLO of "+diag.Shorten(out.Service)+" that matters, for example availability")
	case slo != nil && n.Get("provider") != nil:
		c.add(diag.InvalidValue, slo.Pos, "slo goes with service, and a bought service has none", "remove it")
	}
	if out.Service != "" && out.Service == service {
		c.add(diag.InvalidValue, n.Get("service").Pos, "a service cannot depend on itself", "name another service")
	}
	if p := c.valid(n, "provider"); p != nil {
		out.Bought = c.boughtProvider(p)
	}
	if needs := c.valid(n, "needs"); needs != nil {
		out.Percent = needs.Number
	}
	if w := c.valid(n, "window"); w != nil {
		out.Window = c.duration(w, "window", minWindow, maxWindow)
		if c.missing(n, "needs") {
			c.add(diag.MissingField, w.Pos, name+" needs the field needs, as it has a window", "add what is needed over the window in percent, for example `needs: 99.9`")
		}
	}
	c.sloNeeds(n, &out)
	return out
}

// sloNeeds decodes how fast, which answers and how many a service needs of an SLO.
func (c *fileChecker) sloNeeds(n *read.Node, out *model.Need) {
	for _, key := range sloNeeds {
		if v := n.Get(key); v != nil && n.Get("provider") != nil {
			c.add(diag.InvalidValue, v.Pos, key+" goes with service: nothing is known of that of a bought service", "remove it")
		}
	}
	if within := c.valid(n, "within"); within != nil {
		if out.Within = c.quantity(within, "within"); out.Within.Size {
			c.add(diag.InvalidValue, within.Pos, "within must be a duration, not the size "+diag.Shorten(within.Text), "write how long an answer may take, such as 300ms")
		}
	}
	if answers := c.valid(n, "answers"); answers != nil {
		for _, item := range answers.Items {
			if item.Kind == read.Number {
				out.Answers = append(out.Answers, fmt.Sprint(int(item.Number))) // 0xc8 is 200
			} else {
				out.Answers = append(out.Answers, item.Text)
			}
		}
		if len(answers.Items) == 0 {
			c.add(diag.InvalidValue, answers.Pos, "answers is empty", "list the statuses that are answers, such as 200 and 402, or remove it")
		}
	}
	if upTo := c.valid(n, "upTo"); upTo != nil {
		r, ok := ParseRate(upTo.Text)
		if !ok {
			c.add(diag.InvalidValue, upTo.Pos, fmt.Sprintf("upTo must be above 0 and at most %d events a second, not %s", maxTraffic, diag.Shorten(upTo.Text)), "")
		}
		out.UpTo = r
	}
}

func (c *fileChecker) boughtProvider(n *read.Node) *model.BoughtService {
	out := &model.BoughtService{Name: c.text(n, "name"), Credit: c.text(n, "credit")}
	if sla := c.valid(n, "sla"); sla != nil {
		out.SLA = sla.Number
	}
	if w := c.valid(n, "window"); w != nil {
		out.Window = c.duration(w, "window", minWindow, maxWindow)
	}
	return out
}

// dependents returns the names of the SLOs in the field for. The key of an SLO with
// several thresholds stands for all the SLOs that it makes.
func (c *fileChecker) dependents(n, all *read.Node, slos []model.SLO) []string {
	list := c.valid(n, "for")
	if list == nil {
		return nil
	}
	if len(list.Items) == 0 {
		c.add(diag.InvalidValue, list.Pos, "for is empty", "list SLOs, or remove it: then it is for all")
	}
	var out, names []string
	for _, slo := range slos {
		names = append(names, slo.Name)
	}
	for _, item := range list.Items {
		if c.invalid[item] {
			continue
		}
		found := len(slos) == 0 || all.Get(item.Text) != nil // errors of the SLOs have been reported
		for _, slo := range slos {
			if item.Text != slo.Name && item.Text != slo.Key {
				continue
			}
			found = true
			if slices.Contains(out, slo.Name) {
				c.add(diag.InvalidValue, item.Pos, "for has "+slo.Name+" twice", "remove one of them")
			}
			out = append(out, slo.Name)
		}
		if !found {
			c.add(diag.UnknownSLO, item.Pos, "the service has no SLO "+diag.Shorten(item.Text), diag.DidYouMean(diag.Closest(item.Text, names), names))
		}
	}
	return out
}

// checkDuplicate reports a second dependency of an SLO on the same provider.
func (c *fileChecker) checkDuplicate(n *read.Node, d model.Dependency, before []model.Dependency) {
	if len(d.Alternatives) != 1 || !c.allValid(n) {
		return
	}
	provider := d.Alternatives[0].Provider()
	for _, other := range before {
		same := len(other.Alternatives) == 1 && other.Alternatives[0].Provider() == provider
		shared := len(d.For) == 0 || len(other.For) == 0 ||
			slices.ContainsFunc(d.For, func(slo string) bool { return slices.Contains(other.For, slo) })
		if same && shared {
			c.add(diag.InvalidValue, n.Pos, "dependsOn has "+diag.Shorten(provider)+" twice: its failures would count twice", "remove one of them, or say by `for` which SLOs each is for")
			return
		}
	}
}
