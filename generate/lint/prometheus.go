package lint

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// prometheusVersion reports names that only Prometheus 3 knows, where nothing says which
// version there is.
func prometheusVersion(s subject, report lint.Report) {
	if at, name := s.quotedName(); name != "" && s.server == 0 {
		report(at, "the name "+diag.Shorten(name)+" needs Prometheus 3", "say `prometheusVersion: 3` in the project file, or write the names that an older Prometheus stores, with underscores")
	}
}

// prometheusRefuses reports such names where there is an older Prometheus.
func prometheusRefuses(s subject, report lint.Report) {
	if at, name := s.quotedName(); name != "" && s.server == 2 {
		report(at, "the name "+diag.Shorten(name)+" needs Prometheus 3, and prometheusVersion in the project file is 2", "write the names that Prometheus 2 stores, with underscores")
	}
}

// quotedName returns a name in the SLI or groupBy that only Prometheus 3 has, and where.
func (s subject) quotedName() (at diag.Pos, name string) {
	for i, label := range s.model.GroupBy {
		if !promql.IsLegacyLabel(label) {
			return s.at("groupBy", strconv.Itoa(i)), label
		}
	}
	for _, counted := range s.plan.SLI.Places() {
		if m := counted.Moment; m != nil {
			name = cmp.Or(promql.QuotedName(m.All), promql.QuotedName(m.Bad))
		}
		for _, q := range []*promql.Query{counted.Total, counted.Bad, counted.Good} {
			if q != nil {
				name = cmp.Or(name, promql.QuotedName(q.Rate(time.Minute)))
			}
		}
	}
	return s.at("sli"), name
}

// OncePerFile keeps the first finding in each file of rules that are about the server.
func OncePerFile(findings []diag.Finding) []diag.Finding {
	seen := map[string]bool{}
	return slices.DeleteFunc(findings, func(f diag.Finding) bool {
		if f.ID != diag.PrometheusVersion && f.ID != diag.PrometheusRefuses {
			return false
		}
		again := seen[f.Pos.File]
		seen[f.Pos.File] = true
		return again
	})
}
