package dashboard

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/promslo/promslo/generate/markdown"
)

// escapeMarkdown makes text of a spec inert in Markdown. Everything but letters, digits
// and a few marks that mean nothing within a line becomes a character
// reference: CommonMark takes no reference for markup, and Grafana, which looks
// for variables before it renders, finds no `$`.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range markdown.Line(s) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(" ,-", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}

// escapeTitle makes text inert in a title, which is no Markdown but in which Grafana
// replaces variables. There is no way to quote them: look-alikes take their place.
func escapeTitle(s string) string {
	return strings.NewReplacer("$", "＄", "[[", "[ [").Replace(s)
}
