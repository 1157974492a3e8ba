package promql

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
)

// NewMatcher returns a matcher with an operator of PromQL: =, !=, =~ or !~.
func NewMatcher(label, op, value string) (*Matcher, error) {
	types := map[string]labels.MatchType{"=": labels.MatchEqual, "!=": labels.MatchNotEqual, "=~": labels.MatchRegexp, "!~": labels.MatchNotRegexp}
	t, known := types[op]
	if !known {
		return nil, fmt.Errorf("there is no operator %s", op)
	}
	if t == labels.MatchRegexp || t == labels.MatchNotRegexp {
		if err := CheckRegexp(value); err != nil {
			return nil, err
		}
	}
	return labels.NewMatcher(t, label, value)
}
