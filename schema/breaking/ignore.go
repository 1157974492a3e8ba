package breaking

import (
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// Settle gives findings the severity that the project asks for, and leaves out those
// that a comment takes back. A comment that was there before is about an earlier
// change and takes nothing back: else it would let the next one pass.
func Settle(findings []diag.Finding, before, after Version, scope func(file string) bool) []diag.Finding {
	old := map[string][]model.Ignore{}
	for _, s := range before.Services {
		old[s.Source.File] = s.Source.Ignores
	}
	var fresh []model.Service
	var spent []diag.Finding
	report := lint.By("ignore-unused", &spent)
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
	all := slices.Concat(findings, lint.Unused(findings, fresh, true), spent)
	return diag.Sort(lint.Settle(all, after.Project, fresh))
}
