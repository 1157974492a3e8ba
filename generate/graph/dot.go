package graph

import (
	"fmt"
	"strings"
)

// nodeAttributes are the attributes of a node in DOT.
var nodeAttributes = map[kind]string{service: "", bought: ", shape=parallelogram", missing: ", style=dashed", junction: ", shape=circle", audience: ", shape=oval"}

// DOT returns the diagram in the language of Graphviz.
func (d Diagram) DOT() string {
	var b strings.Builder
	b.WriteString("digraph promslo {\n  rankdir=LR\n  node [shape=box]\n")
	for i, g := range d.groups {
		indent := "  "
		if g.name != "" {
			fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s\n", i, dotText(g.name))
			indent = "    "
		}
		for _, n := range g.nodes {
			fmt.Fprintf(&b, "%s%s [label=%s%s%s]\n", indent, n.id, dotText(n.label...), nodeAttributes[n.kind], red(n.broken))
		}
		if g.name != "" {
			b.WriteString("  }\n")
		}
	}
	for _, e := range d.edges {
		style := ""
		switch {
		case e.soft:
			style = ", style=dashed"
		case e.counts:
			style = ", style=bold"
		}
		fmt.Fprintf(&b, "  %s -> %s [label=%s%s%s]\n", e.from, e.to, dotText(e.label...), style, red(e.broken))
	}
	b.WriteString("}\n")
	return b.String()
}

func red(broken bool) string {
	if broken {
		return ", color=red, penwidth=3"
	}
	return ""
}

// dotText quotes lines of text. Graphviz reads escapes and entities of HTML in labels.
func dotText(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = dotEscapes.Replace(line)
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}

var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`)
