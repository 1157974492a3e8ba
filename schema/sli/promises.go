package sli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
)

// promises decodes statuses or codes. Advice is the suggestion for an empty list.
func promises(v Value, advice string) []string {
	p := v.Field("promises")
	if p == nil {
		return nil
	}
	if len(p.Items()) == 0 {
		p.Report(diag.InvalidValue, "promises is empty", advice)
	}
	var out []string
	for _, item := range p.Items() {
		s := item.Text()
		if n, ok := item.Number(); ok {
			s = fmt.Sprint(int(n)) // 0xc8 is 200
		}
		out = append(out, s)
	}
	return out
}

// joinOr lists alternatives, sorted: 200, 201 or 404.
func joinOr(options []string) string {
	options = slices.Sorted(slices.Values(options))
	last := len(options) - 1
	if last == 0 {
		return options[0]
	}
	return strings.Join(options[:last], ", ") + " or " + options[last]
}

// comparePromises compares two lists of promises by which of all codes keep them.
func comparePromises(all, was, is []string, keeps func(promises []string, code string) bool) (weaker, stronger bool) {
	for _, code := range all {
		before, after := keeps(was, code), keeps(is, code)
		weaker, stronger = weaker || after && !before, stronger || before && !after
	}
	return weaker, stronger
}
