package promql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
)

// selector parses the matchers of a selector without a name.
func selector(t *testing.T, text string) []*promql.Matcher {
	t.Helper()
	q, err := promql.ParseCount("x" + text)
	if err != nil {
		t.Fatal(text, err)
	}
	all, _ := q.Selector()
	var out []*promql.Matcher
	for _, m := range all {
		if m.Name != labels.MetricName {
			out = append(out, m)
		}
	}
	return out
}

func TestContradiction(t *testing.T) {
	for text, want := range map[string]int{
		`{code="200",job="a"}`:                      0,
		`{code="200",code="500"}`:                   2,
		`{code="200",code=~"5.."}`:                  2,
		`{code=~"5..",job="a",code="500"}`:          0,
		`{code=~"5..",code=~"2.."}`:                 2,
		`{code=~"[45]..",code=~"[23].."}`:           2,
		`{code=~"[45]..",code=~"[234].."}`:          0,
		`{code=~"[45]..",code!~"4..",code!~"5.."}`:  3,
		`{code=~"[45]..",code!~"4..",code!~"50."}`:  0,
		`{code=~"a|b",code!="a",code!="b"}`:         3,
		`{code=~"a|b",code!="a",code!="c"}`:         0,
		`{code!~".*"}`:                              1,
		`{code!~".+"}`:                              0, // no such label
		`{code!="",code!~".+"}`:                     2,
		`{path=~"/api/.*",path!~"/api/v[0-9]+/.*"}`: 0,
		`{path=~"/api/.*",path!~"/.*"}`:             2,
		`{path=~"(?i)get",path="GET"}`:              0,
		`{path=~"(?i)get",path!~"[gG][eE][tT]"}`:    2,
		`{path=~"^5..$",path=~"5.."}`:               0,
		`{path=~"^5..$",path=~"4.."}`:               2,
		`{path=~"a.b",path=~"a\nb"}`:                0, // a dot is a line break, too
		`{path=~"\\bx",path="y"}`:                   2,
		`{path=~"\\bx",path=~"y"}`:                  0, // not looked into
	} {
		if got := promql.Contradiction(selector(t, text)); len(got) != want {
			t.Errorf("%s: %v, want %d matchers", text, got, want)
		}
	}
}

func TestImplies(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{`{job="a",code=~"5.."}`, `{job="a"}`, ""},
		{`{code=~"5.."}`, `{job="a"}`, `job="a"`},
		{`{code=~"5.."}`, `{code!=""}`, ""},
		{`{code=~"5.."}`, `{code=~".+"}`, ""},
		{`{code=~"5..|"}`, `{code=~".+"}`, `code=~".+"`},
		{`{code=~"50[0-4]"}`, `{code=~"5.."}`, ""},
		{`{code=~"5.."}`, `{code=~"50[0-4]"}`, `code=~"50[0-4]"`},
		{`{code=~"5.."}`, `{code!~"4.."}`, ""},
		{`{code=~"5.*"}`, `{code!~"[45].."}`, `code!~"[45].."`},
		{`{le="0.5"}`, `{le=~"0.5|1"}`, ""},
		{``, `{job=~".*"}`, ""},
		// It takes too long to find out, which is no reason to say that it is otherwise.
		{`{subresource!~"proxy|attach|log|exec|portforward"}`, `{subresource!~"proxy|attach|log|exec|portforward"}`, ""},
	} {
		got := ""
		if m := promql.Implies(selector(t, tt.a), selector(t, tt.b)); m != nil {
			got = m.String()
		}
		if got != tt.want {
			t.Errorf("%s implies %s but for %q, want %q", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestSatisfiableEnds: what would take long is left undecided.
func TestSatisfiableEnds(t *testing.T) {
	m := func(op labels.MatchType, pattern string) *promql.Matcher {
		return labels.MustNewMatcher(op, "a", pattern)
	}
	start := time.Now()
	if !promql.Satisfiable([]*promql.Matcher{m(labels.MatchRegexp, ".*a.{60}"), m(labels.MatchRegexp, ".*b.{60}"), m(labels.MatchNotRegexp, ".*[ab].{60}")}) {
		t.Error("decided")
	}
	letters := strings.Repeat(`\pL`, 200)
	promql.Satisfiable([]*promql.Matcher{m(labels.MatchRegexp, "(?i)("+strings.Repeat("a?", 400)+")*"), m(labels.MatchNotRegexp, letters), m(labels.MatchNotRegexp, "x"+letters)})
	if took := time.Since(start); took > time.Second {
		t.Error("it takes", took)
	}
}
