package breaking

import (
	"fmt"
	"time"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// index is what services promise and need, by names.
type index struct {
	services   map[string]model.Service
	depend     *depend.Graph
	promises   []promise
	byName     map[string]promise
	byIdentity map[string]promise
	origin     map[string]string     // identities before, by those now, of SLOs that lost them
	consumers  map[string][]consumer // by the provider, service/slo
	reached    map[string]hit
}

// hit is the consumers that a change hits, the nearest first.
type hit struct {
	consumers []diag.Consumer
	more      bool // there are more, further away
}

// consumer is one that names a provider.
type consumer struct {
	name   string
	need   *model.Need // nil: a journey, of which the provider is a part
	soft   bool
	choice bool     // one of several that will do
	for_   []string // own SLOs that fail with the provider, service/slo
}

func newIndex(services []model.Service) index {
	x := index{
		depend: depend.New(model.Contracts{Services: services}),
		origin: map[string]string{}, services: map[string]model.Service{}, byName: map[string]promise{}, byIdentity: map[string]promise{},
		consumers: map[string][]consumer{}, reached: map[string]hit{},
	}
	for _, s := range services {
		x.services[s.Name] = s
		for _, slo := range s.SLOs {
			p := promise{s, slo}
			x.promises = append(x.promises, p)
			x.byName[p.name()], x.byIdentity[p.identity()] = p, p
		}
		for _, d := range s.DependsOn {
			x.add(s, d)
		}
		for _, slo := range s.SLOs {
			x.addJourney(promise{s, slo})
		}
	}
	return x
}

func (x index) add(s model.Service, d model.Dependency) {
	var dependents []string
	for _, slo := range s.SLOs {
		if depend.For(d, slo.Name) {
			dependents = append(dependents, s.Name+"/"+slo.Name)
		}
	}
	for i := range d.Alternatives {
		if need := &d.Alternatives[i]; need.Bought == nil {
			x.consumers[need.Provider()] = append(x.consumers[need.Provider()],
				consumer{name: s.Name, need: need, soft: d.Soft, choice: len(d.Alternatives) > 1, for_: dependents})
		}
	}
}

func (x index) addJourney(p promise) {
	for _, part := range p.slo.SLI.Parts() {
		if part.SLO != "" && !part.Entry {
			x.consumers[part.SLO] = append(x.consumers[part.SLO], consumer{name: p.name(), for_: []string{p.name()}})
		}
	}
}

// mostReached is how many consumers are named that reach a provider through others. In
// a large project a few changes may reach everything.
const mostReached = 50

// through returns who fails with consumers of a provider: those that reach it through
// hard dependencies, the nearest first.
func (x index) through(provider string) hit {
	if out, known := x.reached[provider]; known {
		return out
	}
	seen := map[string]bool{}
	visited := map[string]bool{provider: true}
	type step struct{ provider, by string }
	var queue []step
	next := func(c consumer) {
		for _, slo := range c.for_ {
			if !visited[slo] && !c.soft && !c.choice {
				visited[slo] = true
				queue = append(queue, step{slo, c.name})
			}
		}
	}
	for _, c := range x.consumers[provider] {
		seen[c.name] = true
		next(c)
	}
	var out hit
	for len(queue) > 0 && !out.more {
		at := queue[0]
		queue = queue[1:]
		for _, c := range x.consumers[at.provider] {
			if seen[c.name] || c.soft || c.choice {
				continue
			}
			if len(out.consumers) == mostReached {
				out.more = true
				break
			}
			seen[c.name] = true
			out.consumers = append(out.consumers, diag.Consumer{Name: c.name, Says: "reaches it through " + at.by})
			next(c)
		}
	}
	x.reached[provider] = out
	return out
}

// hit returns the consumers of an SLO that changed. Less says what of the promise is
// less now, where that is not in its objective and its window.
func (c *comparison) hit(p pair, less string) hit {
	out := c.named(p.after.name(), func(need model.Need) string {
		if !c.is.depend.Met(need) {
			return "promised is " + promised(p.after.slo)
		}
		return less
	})
	if p.before.name() != p.after.name() {
		return merged(c.left(p.before), out)
	}
	return out
}

// left returns the consumers that still name an SLO which is gone.
func (c *comparison) left(old promise) hit {
	return c.named(old.name(), func(model.Need) string { return "promised is nothing" })
}

// named returns the consumers of a provider, with what they lack.
func (c *comparison) named(provider string, lacks func(model.Need) string) hit {
	var out hit
	for _, consumer := range c.is.consumers[provider] {
		says := "counts " + provider + " as a part"
		if consumer.need != nil {
			says = "depends on " + provider
			if consumer.need.Percent != 0 {
				says = "needs " + over(consumer.need.Percent, consumer.need.Window) + " of " + provider
			}
			if l := lacks(*consumer.need); l != "" {
				says += ", " + l
			}
		}
		if consumer.soft {
			says += " (soft)"
		}
		if consumer.choice {
			says += " (or of another)"
		}
		out.consumers = append(out.consumers, diag.Consumer{Name: consumer.name, Says: says})
	}
	return merged(out, c.is.through(provider))
}

// merged returns the consumers of all hits once each, with the first that they say.
func merged(all ...hit) hit {
	var out hit
	seen := map[string]bool{}
	for _, h := range all {
		out.more = out.more || h.more
		for _, c := range h.consumers {
			if !seen[c.Name] {
				seen[c.Name] = true
				out.consumers = append(out.consumers, c)
			}
		}
	}
	return out
}

// mostLines is how many consumers a message names.
const mostLines = 15

// details are consumers as lines of a message.
func (h hit) details() string {
	out := ""
	for _, c := range h.consumers[:min(mostLines, len(h.consumers))] {
		out += "\n" + c.Name + " " + c.Says
	}
	rest := len(h.consumers) - mostLines
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

// over is a percentage over a window, if that is said.
func over(percent float64, window time.Duration) string {
	if percent == 0 {
		return "nothing"
	}
	return words.Over(percent, window)
}
