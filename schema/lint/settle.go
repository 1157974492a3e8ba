package lint

import (
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Settle leaves out findings that a comment in their spec takes back or whose rule
// is off, and gives the others the severity that the project asks for. Rules that
// are fixed stay as they are.
func Settle(findings []diag.Finding, project model.Project, services []model.Service) []diag.Finding {
	ignores := ignoresOf(services)
	var out []diag.Finding
	for _, f := range findings {
		rule := MustFind(f.ID)
		if rule.Fixed {
			out = append(out, f)
			continue
		}
		if slices.ContainsFunc(ignores[f.Pos.File], func(i model.Ignore) bool { return covers(i, f) }) {
			continue
		}
		level, set := project.Lint[f.ID]
		switch {
		case level == model.Off || rule.Off && !set:
			continue
		case level == model.Warning:
			f.Severity = diag.Warning
		case level == model.Error:
			f.Severity = diag.Error
		}
		out = append(out, f)
	}
	return out
}
