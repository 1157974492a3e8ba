package promql

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// IsLegacyName reports whether a metric name can be written without quotes, as before
// Prometheus 3.
func IsLegacyName(metric string) bool {
	for i, r := range metric {
		letter := r == '_' || r == ':' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return metric != ""
}

// IsLegacyLabel reports whether the name of a label can be written without quotes.
func IsLegacyLabel(name string) bool { return IsLegacyName(name) && !strings.Contains(name, ":") }

// QuotedName returns a name of a metric or label in e that only Prometheus 3 has, "" for
// none.
func QuotedName(e Expr) string {
	var names []string
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			for _, m := range n.LabelMatchers {
				names = append(names, m.Name)
				if m.Name == labels.MetricName && m.Type == labels.MatchEqual && !IsLegacyName(m.Value) {
					names = append(names, m.Value)
				}
			}
		case *parser.AggregateExpr:
			names = append(names, n.Grouping...)
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				names = slices.Concat(names, n.VectorMatching.MatchingLabels, n.VectorMatching.Include)
			}
		}
		return nil
	})
	for _, name := range names {
		if !IsLegacyLabel(name) {
			return name
		}
	}
	return ""
}
