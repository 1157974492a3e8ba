package sli

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/promslo/promslo/schema/diag"
)

// Match selects series by labels: label → matchers that must all hold, in the order of the
// spec. One may start with =~, != or !~.
type Match map[string][]string

// match returns the label matchers of a block.
func match(v Value) Match {
	m := v.Field("match")
	if m == nil {
		return nil
	}
	out := Match{}
	for _, label := range m.Keys() {
		f := m.Field(label)
		switch {
		case f == nil:
		case !f.IsList():
			out[label] = []string{f.Text()}
		case len(f.Items()) == 0:
			f.Report(diag.InvalidValue, "match."+label+" is empty", "list matchers of the label, or remove it")
		default:
			for _, item := range f.Items() {
				out[label] = append(out[label], item.Text())
			}
		}
	}
	return out
}

// sorted returns the matchers in an order that says nothing: as they must all hold.
func (m Match) sorted() Match {
	out := maps.Clone(m)
	for label, values := range out {
		out[label] = slices.Sorted(slices.Values(values))
	}
	return out
}

// selector returns the matchers as a selector of a metric.
func (m Match) selector(metric string) string {
	var matchers []string
	if !legacyName.MatchString(metric) {
		matchers, metric = append(matchers, strconv.Quote(metric)), ""
	}
	for _, label := range slices.Sorted(maps.Keys(m)) {
		for _, value := range m[label] {
			operator := "="
			for _, o := range []string{"=~", "!=", "!~"} {
				if after, found := strings.CutPrefix(value, o); found {
					operator, value = o, after
					break
				}
			}
			name := label
			if !legacyName.MatchString(label) {
				name = strconv.Quote(label)
			}
			matchers = append(matchers, name+operator+strconv.Quote(value))
		}
	}
	if len(matchers) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(matchers, ", ") + "}"
}

// legacyName are names that PromQL knows without quotes.
var legacyName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
