package promql_test

import (
	"testing"

	"github.com/promslo/promslo/generate/promql"
)

func TestNormalize(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"x{a=\"1\",b=\"2\"}", " x{ b=\"2\", a='1' }", true},
		{"sum(rate(x[$window]))", "x", true},
		{"(sum((rate(x{a=\"1\"}[$window]))))", "x{a=\"1\"}", true},
		{"sum by (b, a) (rate(x[$window]))", "sum by (a,b)(rate(x[ $window ]))", true},
		{"sum(rate(x[$window]))", "sum(rate(x[5m]))", false},
		{"sum(increase(x[$window]))", "x", false},
		{"sum by (a) (rate(x[$window]))", "x", false},
		{"x{a=\"1\"}", "x{a!=\"1\"}", false},
		{"a - b", "b - a", false},
		{"(a + b) * c", "a + b * c", false},
		{"no (promql", "no  (promql", true},
	} {
		if a, b := (promql.Text{}).Normalize(test.a), (promql.Text{}).Normalize(test.b); (a == b) != test.same {
			t.Errorf("%s and %s: %s, %s", test.a, test.b, a, b)
		}
	}
}

func TestChange(t *testing.T) {
	for _, test := range []struct{ was, is, want string }{
		{"x", "x{a=\"1\"}", "no longer counted is what has not a=\"1\""},
		{"x{a=\"1\"}", "sum(rate(x[$window]))", "also counted is what has not a=\"1\""},
		{"x{a=\"1\"}", "x{a=\"2\"}", ""},
		{"x", "y{a=\"1\"}", ""},
		{"x", "sum(x) / 2", ""},
	} {
		if got := (promql.Text{}).Change(test.was, test.is); got != test.want {
			t.Errorf("%s to %s: %q, want %q", test.was, test.is, got, test.want)
		}
	}
}
