package contract

import (
	"cmp"
	"slices"
	"strings"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
)

// debt is what a service owes when a promise is broken, beside what a bought service that it
// fails with owes then.
type debt struct{ To, For, WeOwe, DueTo, TheyOwe string }

// debts lists what a service owes to customers, and what others owe to it: also those that
// its providers buy from. Nothing is owed: none.
func (c catalogue) debts(s plan.Service) (out []debt) {
	listed := map[string]bool{}
	for _, promised := range s.SLOs {
		fails := slices.DeleteFunc(c.needs.FailsWith(s.Name+"/"+promised.Name), func(name string) bool { return strings.Contains(name, "/") }) // not bought
		for _, e := range promised.Externals {
			line := debt{
				To: markdown.Text(e.Audience), For: "[" + promised.Name + "](#" + promised.Name + ") below " + plan.Number(e.Objective) + percent,
				WeOwe: cmp.Or(markdown.Text(e.Remedy), "nothing"), DueTo: "itself", TheyOwe: "—",
			}
			out = append(out, line)
			for _, name := range fails {
				listed[name] = true
				promise, credit := c.bought(name)
				line.DueTo, line.TheyOwe = markdown.Text(name)+promise, cmp.Or(credit, "nothing")
				out = append(out, line)
			}
		}
	}
	for _, d := range s.DependsOn {
		for _, n := range d.Alternatives {
			if n.Bought != nil && n.Bought.Credit != "" && !listed[n.Bought.Name] {
				listed[n.Bought.Name] = true
				promise, credit := c.bought(n.Bought.Name)
				out = append(out, debt{To: "—", For: "—", WeOwe: "—", DueTo: markdown.Text(n.Bought.Name) + promise, TheyOwe: credit})
			}
		}
	}
	owed := func(d debt) bool {
		return d.WeOwe != "nothing" && d.WeOwe != "—" || d.TheyOwe != "nothing" && d.TheyOwe != "—"
	}
	if !slices.ContainsFunc(out, owed) {
		return nil
	}
	return out
}

// bought is what a bought service promises and pays back: what the first service says that
// buys from it, and of several SLAs the least.
func (c catalogue) bought(name string) (promise, credit string) {
	least := 0.0
	for _, consumer := range c.needs.Names() {
		s, _ := c.needs.Service(consumer)
		for _, d := range s.DependsOn {
			for _, n := range d.Alternatives {
				if n.Bought == nil || n.Bought.Name != name {
					continue
				}
				credit = cmp.Or(credit, n.Bought.Credit)
				if sla := n.Bought.SLA; sla != 0 && (least == 0 || sla < least) {
					least, promise = sla, " below "+ratio(sla, n.Bought.Window, "")
				}
			}
		}
	}
	return promise, markdown.Text(credit)
}
