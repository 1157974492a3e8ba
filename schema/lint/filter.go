package lint

import (
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// Filter removes findings that are ignored by a comment in their spec or whose rule is off,
// and sets the severity of the others to that of the project. Fixed rules are unchanged.
func Filter(findings []diag.Finding, project model.Project, services []model.Service) []diag.Finding {
	ignores := ignoresByFile(services)
	var out []diag.Finding
	for _, f := range findings {
		rule := MustFind(f.ID)
		if rule.Fixed {
			out = append(out, f)
			continue
		}
		if slices.ContainsFunc(ignores[f.Pos.File], func(i model.Ignore) bool { return IsIgnored(i, f) }) {
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
