package breaking

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// projectPos returns the position of a setting in the project file, or where it was before.
func (c *comparison) projectPos(path ...string) diag.Pos {
	for _, p := range []model.Project{c.after.Project, c.before.Project} {
		if p.At != nil && p.At().File != "" {
			return p.At(path...)
		}
	}
	return diag.Pos{}
}

// eachTier calls f for each tier of the project before, by name.
func (c *comparison) eachTier(f func(name string, was, is model.Tier)) {
	for _, name := range slices.Sorted(maps.Keys(c.before.Project.Tiers)) {
		if is, there := c.after.Project.Tiers[name]; there {
			f(name, c.before.Project.Tiers[name], is)
		}
	}
}

// servicesOf returns the services of a tier, or all, as those that a setting is for.
func (c *comparison) servicesOf(tier string) (out impact) {
	for _, s := range c.after.Services {
		if tier == "" || s.Tier == tier {
			out.consumers = append(out.consumers, hit{Consumer: diag.Consumer{Name: s.Name, Text: "is touched by this"}})
		}
	}
	return out
}

// origin returns the position of what an SLO has from its spec or, if both versions have it
// from a tier that changed, from the project file.
func (c *comparison) origin(p sloPair, of func(model.Tier) any, path ...string) diag.Pos {
	inherits := func(p promise) bool { return p.pos(path...) == p.pos(path[:len(path)-1]...) }
	was, is := c.before.Project.Tiers[p.before.service.Tier], c.after.Project.Tiers[p.after.service.Tier]
	if inherits(p.before) && inherits(p.after) && p.before.service.Tier == p.after.service.Tier && !reflect.DeepEqual(of(was), of(is)) {
		return c.projectPos(append([]string{"tiers", p.after.service.Tier}, path...)...)
	}
	return p.after.pos(path...)
}

// maxSubjects is how many SLOs a message lists that one line changes alike.
const maxSubjects = 10

// mergeLines makes one change of those that one line of the project file makes.
func (c *comparison) mergeLines(changes []change) (out []change) {
	file := c.projectPos().File
	index := map[string]int{}
	alike := map[int][]string{}
	for _, ch := range changes {
		key := fmt.Sprint(ch.pos, ch.before, ch.after)
		i, found := index[key]
		if ch.pos.File != file || file == "" || !found {
			index[key] = len(out)
			out = append(out, ch)
			continue
		}
		alike[i] = append(alike[i], ch.subject)
		out[i].impact = mergeImpacts(out[i].impact, ch.impact)
	}
	for i, names := range alike {
		others := strings.Join(names[:min(len(names), maxSubjects)], ", ")
		if rest := len(names) - maxSubjects; rest > 0 {
			others += fmt.Sprintf(" and %d more", rest)
		}
		out[i].message += ", and so it is with " + others
	}
	return out
}

// byPosition orders changes, so that the first of those at one line is always the same.
func byPosition(a, b change) int {
	return cmp.Or(cmp.Compare(a.pos.String(), b.pos.String()), cmp.Compare(a.subject, b.subject))
}
