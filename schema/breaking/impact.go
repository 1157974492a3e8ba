package breaking

import (
	"fmt"
	"slices"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// index is the SLOs and the consumers of one version, by name.
type index struct {
	promql      PromQL
	services    map[string]model.Service
	depend      *depend.Graph
	promises    []promise
	byName      map[string]promise
	byIdentity  map[string]promise
	oldIdentity map[string]string     // of SLOs whose identity changed, by the new one
	consumers   map[string][]consumer // by provider, as service/slo
	indirect    map[string]impact
}

// impact is the consumers that a change affects, direct ones first.
type impact struct {
	consumers []hit
	more      bool // more indirect consumers were omitted
}

// hit is an affected consumer.
type hit struct {
	diag.Consumer
	lacks bool // it gets less than it needs
}

// consumer is a service or journey that refers to a provider.
type consumer struct {
	name        string
	service     string
	need        *model.Need // nil: a journey that has the provider as a part
	dependency  model.Dependency
	alternative bool     // the provider is one of several alternatives
	dependents  []string // SLOs that fail with the provider, as service/slo
}

func (c consumer) soft() bool { return c.dependency.Soft }

func newIndex(v Version, promql PromQL) index {
	x := index{
		promql:      promql,
		depend:      depend.New(model.Contracts{Services: v.Services, Broken: v.Broken, Nameless: v.Nameless}),
		oldIdentity: map[string]string{}, services: map[string]model.Service{}, byName: map[string]promise{}, byIdentity: map[string]promise{},
		consumers: map[string][]consumer{}, indirect: map[string]impact{},
	}
	for _, s := range v.Services {
		x.services[s.Name] = s
		for _, slo := range s.SLOs {
			p := promise{s, slo}
			x.promises = append(x.promises, p)
			x.byName[p.name()], x.byIdentity[p.identity()] = p, p
		}
		for _, d := range s.DependsOn {
			x.addDependency(s, d)
		}
		for _, slo := range s.SLOs {
			x.addJourney(promise{s, slo})
		}
	}
	return x
}

func (x index) addDependency(s model.Service, d model.Dependency) {
	var dependents []string
	for _, slo := range s.SLOs {
		if depend.AppliesTo(d, slo.Name) {
			dependents = append(dependents, s.Name+"/"+slo.Name)
		}
	}
	for i := range d.Alternatives {
		if need := &d.Alternatives[i]; need.Bought == nil {
			x.consumers[need.Provider()] = append(x.consumers[need.Provider()],
				consumer{name: s.Name, service: s.Name, need: need, dependency: d, alternative: len(d.Alternatives) > 1, dependents: dependents})
		}
	}
}

func (x index) addJourney(p promise) {
	for _, part := range p.slo.SLI.Parts() {
		if part.SLO != "" && !part.Entry {
			x.consumers[part.SLO] = append(x.consumers[part.SLO], consumer{name: p.name(), service: p.service.Name, dependents: []string{p.name()}})
		}
	}
}

// maxIndirect limits the indirect consumers of a provider that are listed. In a large
// project a few changes may affect everything.
const maxIndirect = 50

// indirectConsumers returns the consumers that depend on a provider through hard
// dependencies of other consumers, nearest first.
func (x index) indirectConsumers(provider string) impact {
	if out, known := x.indirect[provider]; known {
		return out
	}
	seen := map[string]bool{}
	visited := map[string]bool{provider: true}
	type step struct{ provider, by string }
	var queue []step
	next := func(c consumer) {
		for _, slo := range c.dependents {
			if !visited[slo] && !c.soft() && !c.alternative {
				visited[slo] = true
				queue = append(queue, step{slo, c.name})
			}
		}
	}
	for _, c := range x.consumers[provider] {
		seen[c.name] = true
		next(c)
	}
	var out impact
	for len(queue) > 0 && !out.more {
		at := queue[0]
		queue = queue[1:]
		for _, c := range x.consumers[at.provider] {
			if seen[c.name] || c.soft() || c.alternative {
				continue
			}
			if len(out.consumers) == maxIndirect {
				out.more = true
				break
			}
			seen[c.name] = true
			out.consumers = append(out.consumers, hit{Consumer: diag.Consumer{Name: c.name, Text: "reaches it through " + at.by}})
			next(c)
		}
	}
	x.indirect[provider] = out
	return out
}

// impact returns the consumers and customers of a changed SLO. Less is the text for
// consumers whose need is still met: what is weaker besides objective and window.
func (c *comparison) impact(p sloPair, less string) impact {
	out := c.consumersOf(p.after.name(), customersOf(p.before, c.counted(p.after)), func(by consumer) (text string, lacks bool) {
		promised := "promised is " + promiseText(p.after.slo)
		if !c.afterIndex.depend.Met(by.service, by.dependency, *by.need) {
			return promised + c.leaves(p, by), true
		}
		if was, known := c.needBefore(p.before.name(), by); known && !c.afterIndex.depend.Met(by.service, by.dependency, renamed(*was.need, *by.need)) {
			return promised + ", and needed was " + neededText(*was.need), true
		}
		return less, false
	})
	if p.before.name() != p.after.name() {
		return mergeImpacts(c.removalImpact(p.before), out)
	}
	return out
}

// counted returns the promise of an SLO at the times that count for customers.
func (c *comparison) counted(p promise) depend.Promise {
	out := depend.PromiseOf(p.slo)
	out.Silence = depend.Silence{}
	return out
}

// leaves says what a promise leaves over the window of a need, if that is another, and what
// else of the need it does not meet.
func (c *comparison) leaves(p sloPair, by consumer) string {
	promise, verdict := c.afterIndex.depend.Check(by.service, by.dependency, *by.need)
	if left := promise.Over(depend.Period{Window: by.need.Window}).Min; verdict == depend.TooLow && left != promise.Min {
		return ", which leaves " + words.Percent(depend.RoundDown(left))
	}
	text := ""
	for _, gap := range c.afterIndex.depend.Gaps(*by.need) {
		if gap.Verdict.Broken() {
			text += ", " + gap.Promised
		}
	}
	return text
}

// needBefore returns what a consumer needed of a provider before, if that was met.
func (c *comparison) needBefore(provider string, now consumer) (consumer, bool) {
	for _, was := range c.beforeIndex.consumers[provider] {
		heir, there := c.successor[was.service]
		if there && heir.Name == now.service && was.need != nil && slices.Equal(was.dependency.For, now.dependency.For) &&
			c.beforeIndex.depend.Met(was.service, was.dependency, *was.need) {
			return was, true
		}
	}
	return consumer{}, false
}

// renamed returns a need, but of the provider of another one.
func renamed(n, by model.Need) model.Need {
	n.Service, n.SLO = by.Service, by.SLO
	return n
}

// removalImpact returns the consumers that still refer to a removed SLO, and its customers.
func (c *comparison) removalImpact(old promise) impact {
	customers := customersOf(old, depend.Promise{})
	if _, moved := c.afterIndex.byIdentity[old.identity()]; moved {
		customers = impact{}
	}
	return c.consumersOf(old.name(), customers, func(consumer) (string, bool) { return "promised is nothing", true })
}

// customersOf returns those whom an SLO was promised to, and what is left to them.
func customersOf(old promise, now depend.Promise) impact {
	e := old.slo.External
	if e == nil {
		return impact{}
	}
	text := "got a promise of " + words.Percent(e.Objective) + " over " + words.Period(e.Window, e.Calendar) + " of " + old.name()
	left := now.Over(depend.Period{Window: e.Window, Calendar: e.Calendar}).Min
	lacks := depend.Below(left, e.Objective)
	switch {
	case now.Max == 0:
		text += ", left is nothing"
	case lacks:
		text += ", left is " + words.Percent(depend.RoundDown(left))
	}
	return impact{consumers: []hit{{diag.Consumer{Name: e.Audience, Text: text}, lacks}}}
}

// consumersOf returns the direct consumers of a provider, its customers, and the indirect
// consumers. About returns what is
// to say of a need, and whether it lacks something.
func (c *comparison) consumersOf(provider string, customers impact, about func(consumer) (text string, lacks bool)) impact {
	var out impact
	for _, consumer := range c.afterIndex.consumers[provider] {
		says, lacks := "counts "+provider+" as a part", false
		if consumer.need != nil {
			says = "depends on " + provider
			if text := depend.NeedText(*consumer.need); text != "" {
				says = "needs " + text + " of " + provider
			}
			text := ""
			if text, lacks = about(consumer); text != "" {
				says += ", " + text
			}
		}
		if consumer.soft() {
			says += " (soft)"
		}
		if consumer.alternative {
			says += " (or of another)"
		}
		out.consumers = append(out.consumers, hit{diag.Consumer{Name: consumer.name, Text: says}, lacks})
	}
	return mergeImpacts(out, customers, c.afterIndex.indirectConsumers(provider))
}

// mergeImpacts returns the consumers of all impacts. Of a consumer that lacks something all
// that it lacks is said, else what comes first.
func mergeImpacts(all ...impact) impact {
	var out impact
	lacking, seen := map[string]bool{}, map[string]bool{}
	for _, h := range all {
		for _, c := range h.consumers {
			lacking[c.Name] = lacking[c.Name] || c.lacks
		}
	}
	for _, h := range all {
		out.more = out.more || h.more
		for _, c := range h.consumers {
			key := c.Name
			if c.lacks {
				key += "\n" + c.Text
			}
			if c.lacks == lacking[c.Name] && !seen[key] {
				seen[key] = true
				out.consumers = append(out.consumers, c)
			}
		}
	}
	return out
}

// maxConsumerLines is how many consumers a message lists.
const maxConsumerLines = 15

// list returns the consumers as findings have them.
func (h impact) list() (out []diag.Consumer) {
	for _, c := range h.consumers {
		out = append(out, c.Consumer)
	}
	return out
}

// text returns the consumers as further lines of a message.
func (h impact) text() string {
	out := ""
	for _, c := range h.consumers[:min(maxConsumerLines, len(h.consumers))] {
		out += "\n" + c.Name + " " + c.Text
	}
	rest := len(h.consumers) - maxConsumerLines
	switch {
	case rest > 0 && h.more:
		out += fmt.Sprintf("\n%d others and more", rest)
	case rest > 0:
		out += fmt.Sprintf("\n%d others", rest)
	case h.more:
		out += "\nmore reach it through these"
	}
	return out
}

// percentOver returns a percentage and its window, if there is one.
func percentOver(percent float64, window time.Duration) string {
	if percent == 0 {
		return "nothing"
	}
	return words.Over(percent, window)
}
