package report

import (
	"fmt"
	"strings"

	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// splitChanges splits findings into those of changes and others.
func splitChanges(all []diag.Finding) (changes, others []diag.Finding) {
	for _, f := range all {
		if f.Change != nil {
			changes = append(changes, f)
		} else {
			others = append(others, f)
		}
	}
	return changes, others
}

// Limits of a cell in characters and of the consumers in a row, as a comment on GitHub has
// at most 65536 characters.
const (
	maxCell      = 200
	maxConsumers = 8
)

// changesTable returns a summary of changes and a table with the values before and after.
func changesTable(changes []diag.Finding) string {
	var b strings.Builder
	b.WriteString(changesSummary(changes))
	b.WriteString("\n\n| | change | before | after | hits |\n|---|---|---|---|---|\n")
	for _, f := range changes {
		what := markdown.Code(truncate(f.Change.Subject)) + " " + string(f.ID)
		if f.Pos.File != "" {
			what += "<br>" + markdown.Code(sanitize(f.Pos.String()))
		}
		all := f.Change.Consumers
		var hit []string
		for _, c := range all[:min(maxConsumers, len(all))] {
			hit = append(hit, markdown.Code(truncate(c.Name+" "+c.Text)))
		}
		switch rest := len(all) - maxConsumers; {
		case f.Change.More:
			hit = append(hit, fmt.Sprintf("and %d or more others", max(rest, 0)+1))
		case rest > 0:
			hit = append(hit, fmt.Sprintf("and %d others", rest))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.Severity, what, markdown.Code(truncate(f.Change.Before)), markdown.Code(truncate(f.Change.After)), strings.Join(hit, "<br>"))
	}
	return b.String()
}

// changesSummary returns the number of changes by category and of affected consumers.
func changesSummary(changes []diag.Finding) string {
	count := map[lint.Category]int{}
	consumers, more := map[string]bool{}, ""
	for _, f := range changes {
		if f.Change.More {
			more = " or more"
		}
		rule, _ := lint.Find(f.ID)
		count[rule.Category]++
		for _, c := range f.Change.Consumers {
			consumers[c.Name] = true
		}
	}
	var parts []string
	for _, of := range []struct {
		category lint.Category
		one, all string
	}{
		{lint.Promise, "change weakens a promise", "changes weaken promises"},
		{lint.History, "change touches a history", "changes touch histories"},
		{lint.Ambition, "change climbs too fast", "changes climb too fast"},
	} {
		switch n := count[of.category]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+of.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, of.all))
		}
	}
	out := strings.Join(parts, ", ")
	switch n := len(consumers); n {
	case 0:
		return out + "."
	case 1:
		return out + "; 1 consumer is hit."
	default:
		return fmt.Sprintf("%s; %d%s consumers are hit.", out, n, more)
	}
}

// truncate returns sanitized text of at most maxCell characters.
func truncate(text string) string {
	if r := []rune(text); len(r) > maxCell {
		text = string(r[:maxCell]) + "…"
	}
	return sanitize(text)
}
