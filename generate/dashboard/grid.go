package dashboard

// columns is the width of Grafana's grid.
const columns = 24

// grid places panels from left to right, and below when a line is full. Panels
// of one line must be of one height.
type grid struct {
	id     uint // of the latest panel
	x, y   int  // where the next panel goes
	height int  // of the current line
	panels []panel
}

func (g *grid) add(p panel, width, height int) {
	if g.x+width > columns {
		g.x, g.y = 0, g.y+g.height
	}
	g.id++
	p.ID = g.id
	p.place(g.x, g.y, width, height)
	g.panels = append(g.panels, p)
	g.x, g.height = g.x+width, height
}

// bottom is the first line below all panels.
func (g *grid) bottom() int { return g.y + g.height }

func (p *panel) place(x, y, width, height int) {
	p.GridPos.X, p.GridPos.Y, p.GridPos.W, p.GridPos.H = &x, &y, &width, &height
}
