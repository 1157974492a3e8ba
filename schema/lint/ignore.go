package lint

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
)

// ignoresOf returns the ignores by file.
func ignoresOf(services []model.Service) map[string][]model.Ignore {
	out := map[string][]model.Ignore{}
	for _, s := range services {
		if all := s.Source.Ignores; len(all) > 0 {
			out[all[0].Pos.File] = all // services of one file share them
		}
	}
	return out
}

// covers tells whether an ignore takes a finding of its file back.
func covers(i model.Ignore, f diag.Finding) bool {
	return i.Rule == f.ID && i.From <= f.Pos.Line && f.Pos.Line <= i.To && refused(i) == ""
}

// refused says why no comment can take findings of a rule back, or "".
func refused(i model.Ignore) string {
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

func ignoreInvalid(s Subject, report Report) {
	for _, all := range ignoresOf(s.Services) {
		for _, i := range all {
			reason := refused(i)
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

func ignoreReason(s Subject, report Report) {
	for _, all := range ignoresOf(s.Services) {
		for _, i := range all {
			if i.Reason == "" && refused(i) == "" {
				report(i.Pos, fmt.Sprintf("nothing says why %s is ignored here", i.Rule), fmt.Sprintf("write the reason behind it: `promslo:ignore %s REASON`", i.Rule))
			}
		}
	}
}

// IgnoreUnused returns a finding for each ignore that takes none of all findings back:
// of ignores of changes, or of all others, as the two are not checked together. It
// says nothing where specs could not be read, as then not everything was checked.
func IgnoreUnused(findings []diag.Finding, services []model.Service, ofChanges bool) []diag.Finding {
	if slices.ContainsFunc(findings, func(f diag.Finding) bool {
		return f.Severity == diag.Error && MustFind(f.ID).Fixed
	}) {
		return nil
	}
	var unused []diag.Finding
	report := By(diag.IgnoreUnused, &unused)
	byFile := map[string][]diag.Finding{}
	for _, f := range findings {
		byFile[f.Pos.File] = append(byFile[f.Pos.File], f)
	}
	for file, all := range ignoresOf(services) {
		for _, i := range all {
			used := slices.ContainsFunc(byFile[file], func(f diag.Finding) bool { return covers(i, f) })
			if rule, _ := Find(i.Rule); !used && refused(i) == "" && rule.Category.OfChange() == ofChanges {
				report(i.Pos, fmt.Sprintf("there is no finding %s here to ignore", i.Rule), "remove the comment")
			}
		}
	}
	return unused
}
