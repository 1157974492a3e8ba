package breaking

import (
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// FreshIgnores returns the services of the version after, of files that are in scope,
// with those of their ignores that are about changes and new. One that was there before
// is about an earlier change: it must not let the next one pass, and has a finding.
func FreshIgnores(before, after Version, scope func(file string) bool) (fresh []model.Service, spent []diag.Finding) {
	old := map[string][]model.Ignore{}
	for _, s := range before.Services {
		old[s.Source.File] = s.Source.Ignores
	}
	report := lint.By(diag.IgnoreUnused, &spent)
	for _, s := range after.Services {
		if !scope(s.Source.File) {
			continue
		}
		var ignores []model.Ignore
		for _, i := range s.Source.Ignores {
			rule, _ := lint.Find(i.Rule)
			switch {
			case !rule.Category.OfChange():
			case slices.ContainsFunc(old[s.Source.File], func(o model.Ignore) bool { return o.Rule == i.Rule && o.Reason == i.Reason }):
				report(i.Pos, "the comment was there before: it is about an earlier change, and takes back nothing of this one", "remove it")
			default:
				ignores = append(ignores, i)
			}
		}
		s.Source.Ignores = ignores
		fresh = append(fresh, s)
	}
	return fresh, spent
}
