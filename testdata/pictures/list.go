package main

import "slices"

// pictures lists every picture: each state and shape at 1400 pixels and at 900, some of them in the light theme.
func pictures() (out []picture) {
	light := []string{"paging", "spent", "fleet"}
	add := func(p picture) {
		for _, width := range []int{1400, 900} {
			p := p
			p.width, p.theme = width, "dark"
			if width == 900 {
				p.name += "-900"
			}
			out = append(out, p)
		}
		if slices.Contains(light, p.name) {
			p.name, p.width, p.theme = p.name+"-light", 1400, "light"
			out = append(out, p)
		}
	}
	for _, slo := range []string{"ok", "paging", "burning", "policy", "spent", "no-data", "idle", "maintenance", "weekend", "month", "uptime"} {
		add(picture{name: slo, dashboard: "shop." + slo})
	}
	for _, slo := range []string{"one", "five", "forty"} {
		add(picture{name: "groups-" + slo, dashboard: "payments." + slo})
	}
	add(picture{name: "clusters", dashboard: "shop.ok", clusters: true})
	add(picture{name: "pair", dashboard: "shop.paging", pair: true})
	add(picture{name: "service", dashboard: "shop"})
	add(picture{name: "fleet", dashboard: "_fleet", clusters: true})
	return out
}
