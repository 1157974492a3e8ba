package breaking

import (
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// NewIgnores returns the services of the version after in files in scope, with only those
// of their ignores that are new and for rules about changes. An ignore that was there
// before is for an earlier change, and has no effect: where it would take a finding back,
// that is said.
func NewIgnores(before, after Version, scope func(file string) bool, findings []diag.Finding) (kept []model.Service, stale []diag.Finding) {
	old := map[string][]model.Ignore{}
	for _, s := range before.Services {
		old[s.Source.File] = s.Source.Ignores
	}
	report := lint.Reporter(diag.IgnoreUnused, &stale)
	for _, s := range after.Services {
		if !scope(s.Source.File) {
			continue
		}
		var ignores []model.Ignore
		for _, i := range s.Source.Ignores {
			rule, _ := lint.Find(i.Rule)
			switch {
			case !rule.Category.IsChange():
			case slices.ContainsFunc(old[s.Source.File], func(o model.Ignore) bool { return o.Rule == i.Rule && o.Reason == i.Reason }):
				if slices.ContainsFunc(findings, func(f diag.Finding) bool { return lint.IsIgnored(i, f) }) {
					report(i.Pos, "the comment was there before: it is about an earlier change, and takes back nothing of this one", "write what this change was agreed on by, or remove it")
				}
			default:
				ignores = append(ignores, i)
			}
		}
		s.Source.Ignores = ignores
		kept = append(kept, s)
	}
	return kept, stale
}
