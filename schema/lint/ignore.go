package lint

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// ignoresByFile returns the ignores of services by file.
func ignoresByFile(services []model.Service) map[string][]model.Ignore {
	out := map[string][]model.Ignore{}
	for _, s := range services {
		if all := s.Source.Ignores; len(all) > 0 {
			out[all[0].Pos.File] = all // services of one file share them
		}
	}
	return out
}

// IsIgnored reports whether an ignore applies to a finding.
func IsIgnored(i model.Ignore, f diag.Finding) bool {
	return i.Rule == f.ID && i.Pos.File == f.Pos.File && i.From <= f.Pos.Line && f.Pos.Line <= i.To && invalidReason(i) == ""
}

// invalidReason returns why an ignore is invalid, or "".
func invalidReason(i model.Ignore) string {
	rule, known := Find(i.Rule)
	switch {
	case i.Rule == "":
		return "the comment names no rule to ignore"
	case !known:
		return "there is no rule " + string(i.Rule)
	case rule.Fixed:
		return string(i.Rule) + " cannot be ignored: what it reports is no matter of opinion"
	case rule.Category == Ignore:
		return string(i.Rule) + " cannot be ignored: it is about such comments"
	}
	return ""
}

func ignoreInvalid(s Input, report Report) {
	for _, all := range ignoresByFile(s.Services) {
		for _, i := range all {
			reason := invalidReason(i)
			if reason == "" {
				continue
			}
			suggestion := "write `promslo:ignore RULE REASON`"
			if _, known := Find(i.Rule); known {
				suggestion = "remove the comment, and see `promslo explain " + string(i.Rule) + "`"
			} else if guess := Suggest(i.Rule); guess != "" {
				suggestion = guess
			}
			report(i.Pos, reason, suggestion)
		}
	}
}

func ignoreReason(s Input, report Report) {
	for _, all := range ignoresByFile(s.Services) {
		for _, i := range all {
			if i.Reason == "" && invalidReason(i) == "" {
				report(i.Pos, fmt.Sprintf("nothing says why %s is ignored here", i.Rule), fmt.Sprintf("write the reason behind it: `promslo:ignore %s REASON`", i.Rule))
			}
		}
	}
}

// IgnoreUnused returns a finding for each ignore that applies to none of the findings. It
// considers either the rules about changes or all other rules, as they are checked
// separately. It returns none if specs could not be read, as then checks were skipped.
func IgnoreUnused(findings []diag.Finding, services []model.Service, ofChanges bool) []diag.Finding {
	if slices.ContainsFunc(findings, func(f diag.Finding) bool {
		return f.Severity == diag.Error && MustFind(f.ID).Fixed
	}) {
		return nil
	}
	var unused []diag.Finding
	report := Reporter(diag.IgnoreUnused, &unused)
	byFile := map[string][]diag.Finding{}
	for _, f := range findings {
		byFile[f.Pos.File] = append(byFile[f.Pos.File], f)
	}
	for file, all := range ignoresByFile(services) {
		for _, i := range all {
			used := slices.ContainsFunc(byFile[file], func(f diag.Finding) bool { return IsIgnored(i, f) })
			if rule, _ := Find(i.Rule); !used && invalidReason(i) == "" && rule.Category != Server && rule.Category.IsChange() == ofChanges {
				report(i.Pos, fmt.Sprintf("there is no finding %s here to ignore", i.Rule), "remove the comment")
			}
		}
	}
	return unused
}
