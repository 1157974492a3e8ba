package cli

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
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
		if !slices.ContainsFunc(services, func(s model.Service) bool { return s.Name != other && g.mayClash(s, other, file) }) {
			continue
		}
		spec := g.owner.path(g.update.Source(file))
		if spec == "" || g.owner.read[spec] {
			continue
		}
		taken := map[string]diag.Pos{}
		for _, s := range g.w.ServicesOf(ctx, spec) {
			for _, slo := range s.SLOs {
				for _, name := range s.AlertNames(slo) {
					taken[name] = schema.AlertNamePos(s, slo)
				}
			}
		}
		for _, s := range services {
			for _, slo := range s.SLOs {
				for _, name := range s.AlertNames(slo) {
					if pos, ok := taken[name]; ok && s.Name != other {
						found = append(found, diag.Finding{
							ID: diag.DuplicateAlert, Pos: schema.AlertNamePos(s, slo),
							Message:    fmt.Sprintf("an alert of another SLO is called %s too: it is in %s, which made %s", name, pos, path.Join(g.owner.w.Shown(g.owner.out), file)),
							Suggestion: schema.DuplicateAlertSuggestion,
						})
						break
					}
				}
			}
		}
	}
	return found
}

// mayClash reports whether the rules of another service may have an alert of a name in s:
// the name of one service begins or continues that of the other, or s names alerts by
// itself and the rules have such a name.
func (g *generation) mayClash(s model.Service, other, rules string) bool {
	a, b := model.CamelCase(s.Name), model.CamelCase(other)
	if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
		return true
	}
	var text string
	for _, slo := range s.SLOs {
		if slo.Alerting.Name == "" {
			continue
		}
		if text == "" {
			data, _ := fs.ReadFile(g.out.dir.FS(), rules)
			text = string(data)
		}
		if slices.ContainsFunc(s.AlertNames(slo), func(name string) bool { return strings.Contains(text, "alert: "+name+"\n") }) {
			return true
		}
	}
	return false
}
