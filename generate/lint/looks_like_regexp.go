package lint

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// meant are parts of texts that are written in regular expressions, and hardly elsewhere:
// .* or .+, \d or \., a|b, 5.. and [0-9], and what begins with ^ or ~.
var meant = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\.[*+]|\\[dwsDWS.]|[^|\s]\|[^|\s]|^[1-5]\.\.$|\[[^\]]*\w-\w[^\]]*\]|^[\^~]|^\(\?`)
})

// looksLikeRegexp reports values that are compared as they stand, and look as if they
// were to match others. A cluster of Envoy such as outbound|80||shop is none.
func looksLikeRegexp(s subject, report lint.Report) {
	s.eachMatcher(func(m *promql.Matcher, at diag.Pos) {
		plain := m.Type == labels.MatchEqual || m.Type == labels.MatchNotEqual
		if !plain || !meant().MatchString(m.Value) || strings.Contains(m.Value, "||") {
			return
		}
		operator := "=~"
		if m.Type == labels.MatchNotEqual {
			operator = "!~"
		}
		report(at, fmt.Sprintf("%s compares %s with this very text, which looks like a regular expression", diag.Shorten(m.String()), m.Name),
			fmt.Sprintf("write `%s%s` for a regular expression", operator, strings.TrimPrefix(m.Value, "~")))
	})
}
