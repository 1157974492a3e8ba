// Package graph draws the dependencies of services, and whether the objectives of
// providers suffice.
//
// In: services and those that they depend on. Out: a diagram as Mermaid or DOT, and lines of
// CODEOWNERS.
package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// Diagram is what is drawn.
type Diagram struct {
	groups []group // by tier, and last what has none
	edges  []edge
	ids    map[string]string // of services, by name
}

// group is the nodes of a tier; without a name it is no group.
type group struct {
	name  string
	nodes []node
}

type node struct {
	id     string
	kind   kind
	label  []string // lines, which users may have written
	broken bool
}

type kind int

const (
	service  kind = iota
	bought        // from somebody else
	missing       // it has no spec that can be read
	junction      // any of several
	audience      // customers, whom something is promised
)

type edge struct {
	from, to string
	label    []string // lines, which users may have written
	soft     bool
	counts   bool // a journey counts the other as a part
	broken   bool
}

// brokenMark begins the text of what is broken: colour alone is not accessible.
const brokenMark = "✗ "

// New lays out all services and providers. It depends on nothing but them.
func New(c model.Contracts, project model.Project) Diagram {
	l := layout{depend: depend.New(c), ids: map[string]string{}, loose: map[string]node{}}
	all := slices.Concat(c.Services, c.Providers)
	slices.SortFunc(all, func(a, b model.Service) int { return cmp.Compare(a.Name, b.Name) })
	tiers := map[string][]node{}
	for i, s := range all {
		l.ids[s.Name] = fmt.Sprintf("s%d", i)
		n := node{id: l.ids[s.Name], label: append([]string{s.Name}, promises(s)...)}
		if l.overpromises(s) {
			n.broken, n.label = true, append(n.label, brokenMark+"beyond its dependencies")
		}
		tiers[s.Tier] = append(tiers[s.Tier], n)
	}
	for _, s := range all {
		for _, d := range s.DependsOn {
			l.add(l.ids[s.Name], s.Name, d)
		}
		for _, slo := range s.SLOs {
			l.journey(s, slo)
			l.customers(s, slo)
		}
	}
	last := tiers[""]
	delete(tiers, "")
	names := slices.SortedFunc(maps.Keys(tiers), project.CompareTiers)
	var out Diagram
	for _, name := range names {
		out.groups = append(out.groups, group{name, tiers[name]})
	}
	for _, key := range slices.Sorted(maps.Keys(l.loose)) {
		last = append(last, l.loose[key])
	}
	out.groups, out.edges, out.ids = append(out.groups, group{"", last}), l.edges, l.ids
	return out
}

// layout builds a diagram.
type layout struct {
	depend *depend.Graph
	ids    map[string]string // of services, by name
	loose  map[string]node   // what is no service, in the order of the keys
	edges  []edge
}

// overpromises reports whether an SLO of a service promises more than its hard
// dependencies leave.
func (l *layout) overpromises(s model.Service) bool {
	return slices.ContainsFunc(s.SLOs, func(slo model.SLO) bool {
		return depend.Exceeds(depend.PromiseOf(slo), depend.Limit(l.depend.Factors(s, slo)))
	})
}

// add draws a dependency: an edge, or one to a junction with an edge to each alternative.
func (l *layout) add(from, consumer string, d model.Dependency) {
	var about []string
	if len(d.For) > 0 {
		about = []string{"for " + strings.Join(d.For, ", ")}
	}
	if len(d.Alternatives) > 1 {
		id := l.addNode("any", fmt.Sprintf("%06d", len(l.edges)), node{kind: junction, label: []string{"any of"}})
		l.edges = append(l.edges, edge{from: from, to: id, label: about, soft: d.Soft})
		from, about = id, nil
	}
	for _, n := range d.Alternatives {
		promise, verdict := l.depend.Check(consumer, d, n)
		e := edge{from: from, to: l.provider(n), label: append(edgeLines(n, promise, verdict), about...), soft: d.Soft, broken: verdict.Broken()}
		if e.broken {
			e.label[0] = brokenMark + e.label[0]
		}
		l.edges = append(l.edges, e)
	}
}

// provider returns the node of a provider.
func (l *layout) provider(n model.Need) string {
	if n.Bought != nil {
		return l.addNode("bought", n.Bought.Name, node{kind: bought, label: []string{n.Bought.Name}})
	}
	if id, known := l.ids[n.Service]; known {
		return id
	}
	return l.addNode("missing", n.Service, node{kind: missing, label: []string{n.Service, "no spec"}})
}

// addNode adds a node that is no service, once, and returns its ID. IDs are numbers, as names
// could be syntax of the output format.
func (l *layout) addNode(prefix, name string, n node) string {
	key := prefix + " " + name
	if _, known := l.loose[key]; !known {
		n.id = fmt.Sprintf("%s%d", prefix, len(l.loose))
		l.loose[key] = n
	}
	return l.loose[key].id
}

// edgeLines says what is needed; and what is promised, if no node says it, or if it is less.
func edgeLines(n model.Need, promise depend.Promise, verdict depend.Verdict) []string {
	var out []string
	if n.Bought == nil {
		out = append(out, n.SLO)
	}
	if text := depend.NeedText(n); text != "" {
		out = append(out, "needs "+text)
	}
	switch {
	case verdict == depend.NoService, verdict == depend.Unreadable:
	case verdict == depend.NoSLO:
		out = append(out, "which it has not")
	case verdict == depend.NoSLA:
		out = append(out, "no SLA")
	case n.Bought != nil || verdict == depend.TooLow:
		text := "promises " + words.Percent(promise.Min)
		if of := promise.Period; of.Window != 0 && of != (depend.Period{Window: n.Window}) {
			text += " over " + words.Period(of.Window, of.Calendar)
		}
		out = append(out, text)
	}
	return out
}

// cut cuts service/slo.
func cut(name string) (service, slo string) {
	service, slo, _ = strings.Cut(name, "/")
	return service, slo
}
