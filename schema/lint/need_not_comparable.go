package lint

// needNotComparable reports needs of which the provider says nothing: answers of an SLO that
// counts no statuses, and traffic of one that does not say what it expects.
func needNotComparable(s Input, report Report) {
	s.eachNeed(func(n need) {
		for _, gap := range s.Depend.Gaps(n.Need) {
			if !gap.Verdict.Broken() {
				reportGap(n, gap, report)
			}
		}
	})
}
