package cli

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// duplicateAlerts reports SLOs whose alerts are called like those of an SLO that this run
// does not read, but whose rules are in the output directory.
func (g *generation) duplicateAlerts(ctx context.Context, services []model.Service) (found []diag.Finding) {
	if g.out.dir == nil {
		return nil
	}
	files, _ := fs.Glob(g.out.dir.FS(), "rules/*.rules.yaml")
	for _, file := range files {
		other := strings.TrimSuffix(path.Base(file), ".rules.yaml")
		// Only a service whose name begins or continues one of ours can have such an SLO.
		near := func(s model.Service) bool {
			a, b := words.CamelCase(s.Name), words.CamelCase(other)
			return s.Name != other && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
		}
		if !slices.ContainsFunc(services, near) {
			continue
		}
		spec := g.owner.path(g.update.Source(file))
		if spec == "" || g.owner.read[spec] {
			continue
		}
		taken := map[string]diag.Pos{}
		for _, s := range g.w.ServicesOf(ctx, spec) {
			for _, slo := range s.SLOs {
				taken[words.CamelCase(s.Name, slo.Name)] = s.Source.At("slos", slo.Key)
			}
		}
		for _, s := range services {
			for _, slo := range s.SLOs {
				name := words.CamelCase(s.Name, slo.Name)
				if pos, ok := taken[name]; ok && s.Name != other {
					found = append(found, diag.Finding{
						ID: diag.DuplicateAlert, Pos: s.Source.At("slos", slo.Key),
						Message:    fmt.Sprintf("the alerts of another SLO are called %s… too: it is in %s, which made %s", name, pos, path.Join(g.owner.w.Shown(g.owner.out), file)),
						Suggestion: "rename one of the two; its `id` keeps the history",
					})
				}
			}
		}
	}
	return found
}
