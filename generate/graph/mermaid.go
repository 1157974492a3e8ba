package graph

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// shapes are the brackets of a node in Mermaid.
var shapes = map[kind][2]string{service: {"[", "]"}, bought: {"[/", "/]"}, missing: {"[", "]"}, junction: {"((", "))"}, audience: {"([", "])"}}

// Direction is where the arrows of a diagram of Mermaid lead.
type Direction string

// The directions.
const (
	Right Direction = "LR" // for wide screens
	Down  Direction = "TB" // for pages
)

// unwrapped keeps the lines of labels whole, which Mermaid breaks at 200 pixels.
const unwrapped = `%%{init: {"flowchart": {"wrappingWidth": 400}}}%%`

// Mermaid returns the diagram as a flowchart of Mermaid.
func (d Diagram) Mermaid(to Direction) string {
	var b strings.Builder
	b.WriteString(unwrapped + "\nflowchart " + string(to) + "\n")
	classes := map[string][]string{}
	for i, g := range d.groups {
		indent := "  "
		if g.name != "" {
			fmt.Fprintf(&b, "  subgraph tier%d[%s]\n", i, mermaidText(g.name))
			indent = "    "
		}
		for _, n := range g.nodes {
			fmt.Fprintf(&b, "%s%s%s%s%s\n", indent, n.id, shapes[n.kind][0], mermaidText(n.label...), shapes[n.kind][1])
			if n.broken {
				classes["broken"] = append(classes["broken"], n.id)
			}
			if n.kind == missing {
				classes["missing"] = append(classes["missing"], n.id)
			}
		}
		if g.name != "" {
			b.WriteString("  end\n")
		}
	}
	var broken []string
	for i, e := range d.edges {
		arrow := "-->"
		switch {
		case e.soft:
			arrow = "-.->"
		case e.counts:
			arrow = "==>"
		}
		if len(e.label) > 0 {
			arrow += "|" + mermaidText(e.label...) + "|"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", e.from, arrow, e.to)
		if e.broken {
			broken = append(broken, strconv.Itoa(i))
		}
	}
	if len(broken) > 0 {
		fmt.Fprintf(&b, "  linkStyle %s stroke:red,stroke-width:3px\n", strings.Join(broken, ","))
	}
	for _, class := range []struct{ name, style string }{{"broken", "stroke:red,stroke-width:3px"}, {"missing", "stroke-dasharray:4"}} {
		if ids := classes[class.name]; len(ids) > 0 {
			fmt.Fprintf(&b, "  classDef %s %s\n  class %s %s\n", class.name, class.style, strings.Join(ids, ","), class.name)
		}
	}
	return b.String()
}

// mermaidText quotes lines of text. All but what surely means nothing is written as the
// number of its character: Mermaid reads quotes, Markdown, HTML and its own keywords
// inside of labels.
func mermaidText(lines ...string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br/>")
		}
		for i, r := range line {
			inside := i > 0 && strings.ContainsRune(" %,-", r) || r == '.' && strings.IndexFunc(line[i+1:], unicode.IsDigit) == 0 // no list
			if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '✗' || inside {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "#%d;", r)
			}
		}
	}
	b.WriteByte('"')
	return b.String()
}
