package lint

import (
	"math"
	"slices"
	"strings"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/words"
)

// invertedSLI reports sides that count the opposite of what they are called.
func invertedSLI(s subject, report lint.Report) {
	for _, of := range s.sides() {
		if of.isSwapped() {
			report(of.at, of.name+" counts all events, and total only some of them: the two are swapped", "exchange "+of.name+" and total")
			continue
		}
		if le, inverted := of.countsFast(); inverted {
			which := "the fast or small ones, within"
			if !of.bad {
				which = "the slow or large ones, not those within"
			}
			report(of.at, of.name+" is inverted: it counts "+which+" le="+words.Number(le)+", as a bucket holds what is at most its boundary",
				"write the bucket as `good`, or use the SLI kind latency")
			continue
		}
		for _, c := range of.side {
			if what := of.opposite(c); what != "" && c.factor > 0 {
				other := map[bool]string{true: "good", false: "bad"}[of.bad]
				suggestion := "write it as `" + other + "`, or match the others"
				if of.status != "" {
					suggestion = "list in promises what keeps the promise, not what breaks it"
				}
				report(of.at, "the SLI is inverted: "+of.name+" counts "+what, suggestion)
				break
			}
		}
	}
}

// isSwapped reports whether the side contains total, or is called like all events while
// total is called like failures.
func (of sides) isSwapped() bool {
	if len(of.side) != 1 || len(of.total) != 1 {
		return false
	}
	c, total := of.side[0], of.total[0]
	if c.family == total.family {
		return math.IsNaN(c.le) && math.IsNaN(total.le) && total.isIn(c) && !c.isIn(total)
	}
	return of.bad && hasWord(total.family, failures) && !hasWord(c.family, failures)
}

// countsFast reports whether bad counts what is below the lowest boundary, and good what
// is above the highest, and not the other way round.
func (of sides) countsFast() (le float64, inverted bool) {
	if !sameButLe(of.side...) {
		return 0, false
	}
	counts := byValue(of.side, of.side)
	lowest, highest := counts[0] > 0, counts[len(counts)-1] > 0
	for i, c := range of.side {
		if i == 0 || c.le < le {
			le = c.le
		}
	}
	return le, lowest != highest && lowest == of.bad
}

// opposite says what a counter counts that belongs to the other side, or returns "".
func (of sides) opposite(c counter) string {
	wrong := ""
	for _, m := range c.matchers {
		label := m.Name
		if label == of.status && !strings.Contains(label, "grpc") {
			label = "code"
		}
		values, known := outcomesOf(label)
		if !known {
			continue
		}
		what, belongs, opposite := "successes", values.failures, values.successes
		if !of.bad {
			what, belongs, opposite = "failures", opposite, belongs
		}
		all := slices.DeleteFunc(slices.Clone(c.matchers), func(o *promql.Matcher) bool { return o.Name != m.Name })
		accepted := func(value string) bool {
			return !slices.ContainsFunc(all, func(m *promql.Matcher) bool { return !m.Matches(value) })
		}
		rejected := func(value string) bool { return !accepted(value) }
		right, inverted := slices.ContainsFunc(belongs, accepted), slices.ContainsFunc(opposite, accepted)
		switch {
		case right && !inverted:
			return ""
		case inverted && !right,
			of.bad && inverted && slices.ContainsFunc(belongs, rejected) && !slices.ContainsFunc(opposite, rejected):
			wrong = what + ", " + joinMatchers(all)
		}
	}
	words, others := failures, successes
	if !of.bad {
		words, others = others, words
	}
	if len(c.matchers) == 0 && hasWord(c.family, others) && !hasWord(c.family, words) {
		return "what " + c.family + " is called after"
	}
	return wrong
}

// outcomes are values of a label that tell an event that succeeded, and one that failed.
type outcomes struct{ successes, failures []string }

// outcomesOf returns the values of a label by its name, or false if it tells no outcome.
func outcomesOf(label string) (outcomes, bool) {
	name := strings.ToLower(label)
	is := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	switch {
	case is("grpc"):
		return outcomes{[]string{"OK", "0"}, []string{"Unavailable", "Internal", "Unknown", "UNAVAILABLE", "INTERNAL", "UNKNOWN", "14", "13", "2"}}, true
	case is("success"):
		return outcomes{[]string{"true", "1", "yes"}, []string{"false", "0", "no"}}, true
	case is("error", "fail", "exception"):
		return outcomes{[]string{"", "false", "0", "no", "none", "None"}, []string{"true", "1", "yes"}}, true
	case is("status", "code", "result", "outcome", "state", "response"):
		return outcomes{
			[]string{"200", "201", "204", "2xx", "ok", "OK", "success", "SUCCESS", "successful", "succeeded", "Succeeded"},
			[]string{"500", "502", "503", "504", "5xx", "error", "ERROR", "SERVER_ERROR", "failed", "Failed", "failure", "FAILURE"},
		}, true
	}
	return outcomes{}, false
}

// Words in names of metrics.
var (
	failures  = []string{"error", "errors", "err", "errs", "failed", "failure", "failures", "fails", "exception", "exceptions", "dropped", "drops", "rejected", "timeouts", "lost", "discarded", "aborted", "unsuccessful"}
	successes = []string{"success", "successes", "successful", "succeeded"}
)

func hasWord(metric string, of []string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(metric), func(r rune) bool { return r == '_' || r == '.' || r == ':' }),
		func(w string) bool { return slices.Contains(of, w) })
}
