package depend

import (
	"maps"
	"slices"

	"github.com/promslo/promslo/schema/model"
)

// Node is an SLO of a service.
type Node struct {
	Service model.Service
	SLO     string
}

// Name returns service/slo.
func (n Node) Name() string { return n.Service.Name + "/" + n.SLO }

// Cycle is SLOs of which each depends on the next, and the last on the first.
type Cycle struct {
	Nodes      []Node
	Dependency int // index of the first node's dependency on the second
}

// edge is a hard dependency on one SLO.
type edge struct{ to, dependency int }

// Cycles returns a cycle for each set of SLOs that depend on each other: the shortest from
// the first SLO, by name, of a service that own accepts. Soft and redundant dependencies
// break a cycle.
func (g *Graph) Cycles(own func(service string) bool) (out []Cycle) {
	nodes, edges := g.hardDependencies()
	for _, set := range components(edges) {
		start := slices.IndexFunc(set, func(v int) bool { return own(nodes[v].Service.Name) })
		if len(set) < 2 || start < 0 {
			continue
		}
		path := shortestCycle(edges, set, set[start])
		c := Cycle{}
		for _, v := range path {
			c.Nodes = append(c.Nodes, nodes[v])
		}
		c.Dependency = edges[path[0]][slices.IndexFunc(edges[path[0]], func(e edge) bool { return e.to == path[1] })].dependency
		out = append(out, c)
	}
	return out
}

// hardDependencies returns all SLOs by name, and the hard dependencies of each.
func (g *Graph) hardDependencies() (nodes []Node, edges [][]edge) {
	index := map[[2]string]int{}
	for _, name := range slices.Sorted(maps.Keys(g.services)) {
		for _, slo := range g.services[name].SLOs {
			index[[2]string{name, slo.Name}] = len(nodes)
			nodes = append(nodes, Node{g.services[name], slo.Name})
		}
	}
	edges = make([][]edge, len(nodes))
	for v, node := range nodes {
		for i, d := range node.Service.DependsOn {
			if d.Soft || len(d.Alternatives) != 1 || !AppliesTo(d, node.SLO) {
				continue
			}
			if to, known := index[[2]string{d.Alternatives[0].Service, d.Alternatives[0].SLO}]; known {
				edges[v] = append(edges[v], edge{to, i})
			}
		}
	}
	return nodes, edges
}

// components returns the strongly connected components, each ascending, by Tarjan's
// algorithm (SIAM J. Comput. 1, 1972).
func components(edges [][]edge) (sets [][]int) {
	order, low := make([]int, len(edges)), make([]int, len(edges)) // from 1; 0: not seen
	open := make([]bool, len(edges))
	var stack []int
	seen := 0
	var visit func(v int)
	visit = func(v int) {
		seen++
		order[v], low[v], open[v] = seen, seen, true
		stack = append(stack, v)
		for _, e := range edges[v] {
			if order[e.to] == 0 {
				visit(e.to)
				low[v] = min(low[v], low[e.to])
			} else if open[e.to] {
				low[v] = min(low[v], order[e.to])
			}
		}
		if low[v] != order[v] {
			return
		}
		i := len(stack) - 1
		for ; stack[i] != v; i-- {
			open[stack[i]] = false
		}
		open[v] = false
		sets = append(sets, slices.Sorted(slices.Values(stack[i:])))
		stack = stack[:i]
	}
	for v := range edges {
		if order[v] == 0 {
			visit(v)
		}
	}
	return sets
}

// shortestCycle returns the shortest path from a node back to itself within a set, without
// repeating the node at the end.
func shortestCycle(edges [][]edge, set []int, start int) []int {
	from := map[int]int{}
	for queue := []int{start}; ; queue = queue[1:] {
		v := queue[0]
		for _, e := range edges[v] {
			if e.to == start {
				path := []int{v}
				for ; v != start; v = from[v] {
					path = append(path, from[v])
				}
				slices.Reverse(path)
				return path
			}
			_, seen := from[e.to]
			if _, inside := slices.BinarySearch(set, e.to); inside && !seen {
				from[e.to] = v
				queue = append(queue, e.to)
			}
		}
	}
}
