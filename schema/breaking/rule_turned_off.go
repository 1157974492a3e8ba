package breaking

import (
	"fmt"
	"slices"

	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// ruleTurnedOff reports rules that the project file makes less severe.
func ruleTurnedOff(c *comparison, report func(change)) {
	for _, id := range lint.IDs() {
		rule := lint.MustFind(id)
		was, is := levelOf(rule, c.before.Project), levelOf(rule, c.after.Project)
		if slices.Index(levels, is) >= slices.Index(levels, was) {
			continue
		}
		text := map[model.Level]string{model.Off: "off", model.Warning: "a warning", model.Error: "an error"}
		report(change{
			pos: c.projectPos("lint", string(id)), subject: string(id), before: string(was), after: string(is),
			message: fmt.Sprintf("the rule %s is %s, and was %s", id, text[is], text[was]), suggestion: "leave it on, and take single findings back by a comment that says why",
		})
	}
}

var levels = []model.Level{model.Off, model.Warning, model.Error}

// levelOf returns how severe a rule is in a project.
func levelOf(rule lint.Rule, p model.Project) model.Level {
	level, set := p.Lint[rule.ID]
	switch {
	case set && !rule.Fixed:
		return level
	case rule.Off:
		return model.Off
	}
	return model.Level(rule.Severity.String())
}
