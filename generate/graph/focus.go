package graph

import "slices"

// Focus returns a service and its neighbours: what it needs, and who relies on it. It returns
// an empty diagram if there is no such service.
func (d Diagram) Focus(service string) Diagram {
	focus, known := d.ids[service]
	if !known {
		return Diagram{}
	}
	near := map[string]bool{focus: true}
	var junctions []string
	for _, e := range d.edges {
		if e.from == focus || e.to == focus {
			near[e.from], near[e.to] = true, true
		}
	}
	for _, g := range d.groups {
		for _, n := range g.nodes {
			if n.kind == junction && near[n.id] {
				junctions = append(junctions, n.id)
			}
		}
	}
	at := func(e edge) bool {
		return e.from == focus || e.to == focus || slices.Contains(junctions, e.from) || slices.Contains(junctions, e.to)
	}
	out := Diagram{ids: d.ids}
	for _, e := range d.edges {
		if at(e) {
			near[e.from], near[e.to] = true, true
			out.edges = append(out.edges, e)
		}
	}
	for _, g := range d.groups {
		g.nodes = slices.DeleteFunc(slices.Clone(g.nodes), func(n node) bool { return !near[n.id] })
		if len(g.nodes) > 0 {
			out.groups = append(out.groups, g)
		}
	}
	return out
}

// Edges is how many lines the diagram has.
func (d Diagram) Edges() int { return len(d.edges) }

// Has reports whether there is a service.
func (d Diagram) Has(service string) bool {
	_, known := d.ids[service]
	return known
}
