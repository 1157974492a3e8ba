package contract

import (
	"github.com/promslo/promslo/generate/markdown"
	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/words"
)

// broken is a contract that does not hold.
type broken struct{ Who, Needed, What, Promised string }

// broken lists needs that are not met, promises beyond what hard dependencies leave, and
// what customers were promised beyond that.
func (c catalogue) broken(services []plan.Service) (out []broken) {
	for _, s := range services {
		for _, d := range s.DependsOn {
			for _, n := range d.Alternatives {
				if _, verdict := c.needs.Check(s.Name, d, n); verdict.Broken() {
					out = append(out, broken{consumerNames(s, d.For), neededText(n), c.provider(n), c.promised(s.Name, d, n)})
				}
			}
		}
		of, _ := c.needs.Service(s.Name)
		for _, promised := range of.SLOs {
			own := depend.PromiseOf(promised)
			limit := depend.Limit(c.needs.Factors(of, promised))
			if depend.Exceeds(own, limit) {
				needed, left := own.Min, limit.Min
				if !depend.Below(left, needed) {
					needed, left = own.Max, limit.Max
				}
				out = append(out, broken{
					slo(s.Name, promised.Name), plan.Number(needed) + percent + " over " + words.Period(promised.Window, promised.Calendar), "all that it fails with",
					plan.Number(depend.RoundDown(left)) + percent + " — **less than it promises**",
				})
			}
			own.Silence = depend.Silence{} // nothing counts for customers either
			for _, e := range promised.Externals {
				if left := own.Over(depend.Period{Window: e.Window, Calendar: e.Calendar}).Min; depend.Below(left, e.Objective) {
					out = append(out, broken{
						markdown.Text(e.Audience), plan.Number(e.Objective) + percent + " over " + words.Period(e.Window, e.Calendar), slo(s.Name, promised.Name),
						plan.Number(depend.RoundDown(left)) + percent + " is left — **less than was promised to them**",
					})
				}
			}
		}
	}
	return out
}
