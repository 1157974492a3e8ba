package lint

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// quotedValue reports values that quotes or spaces are a part of, or an operator that is
// none in a match.
func quotedValue(s subject, report lint.Report) {
	s.eachMatcher(func(m *promql.Matcher, at diag.Pos) {
		bare := strings.TrimSpace(m.Value)
		if m.Type == labels.MatchEqual {
			bare = strings.TrimSpace(strings.TrimLeft(bare, "="))
		}
		for _, quote := range []string{`"`, `'`, "`"} {
			if len(bare) > 2 && strings.HasPrefix(bare, quote) && strings.HasSuffix(bare, quote) {
				bare = bare[1 : len(bare)-1]
			}
		}
		if bare == m.Value || bare == "" {
			return
		}
		if m.Type != labels.MatchEqual {
			bare = m.Type.String() + bare
		}
		report(at, fmt.Sprintf("%s asks for a %s with the quotes, spaces or signs around the value", diag.Shorten(m.String()), m.Name),
			"write `"+bare+"`, without them")
	})
}
