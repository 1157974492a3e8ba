package promql_test

import (
	"strings"
	"testing"
	"time"

	"github.com/promslo/promslo/generate/promql"
)

func nested(open string, n int, inner, end string) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
}

func matchers(n int, one string) string { return "up{" + strings.Repeat(one+", ", n-1) + one + "}" }

// TestCheckText tries what is just within each limit, and what is just beyond.
func TestCheckText(t *testing.T) {
	most := promql.SpecLimits
	for _, test := range []struct {
		name           string
		within, beyond string
		offset         int
		message        string
	}{
		{"length", "up" + strings.Repeat(" ", most.Bytes-2), "up" + strings.Repeat(" ", most.Bytes-1), most.Bytes, "PromQL: the expression has 8193 bytes, and may have at most 8192"},
		{"comment", "up #" + strings.Repeat("(", most.Bytes-4), "up #" + strings.Repeat("(", most.Bytes), most.Bytes, "8196 bytes"},
		{"parentheses", nested("(", 32, "up", ")"), nested("(", 33, "up", ")"), 32, "brackets are nested more than 32 levels deep"},
		{"functions", nested("abs(", 32, "up", ")"), nested("abs(", 33, "up", ")"), 4*32 + 3, "brackets are nested more than 32 levels deep"},
		{"right", nested("up + (", 32, "up", ")"), nested("up + (", 33, "up", ")"), 6*32 + 5, "brackets are nested more than 32 levels deep"},
		{"subqueries", nested("max_over_time(", 31, "up", "[5m:1m])"), nested("max_over_time(", 33, "up", "[5m:1m])"), 14*33 - 1, "brackets are nested more than 32 levels deep"},
		{"alternatives", "up" + strings.Repeat(" or up", 249), "up" + strings.Repeat(" or up", 250), 2 + 249*6 + 4, "more than 500 words and signs"},
		{"powers", "up" + strings.Repeat("^2", 249), "up" + strings.Repeat("^2", 250), 2 + 249*2 + 1, "more than 500 words and signs"},
		{"signs", strings.Repeat("-", 32) + "up", strings.Repeat("-", 33) + "up", 32, "more than 32 signs stand before each other"},
		{"comparisons", "up" + strings.Repeat(" != 1", 200), "up" + strings.Repeat(" != 1", 250), 2 + 249*5 + 4, "more than 500 words and signs"},
		{"labels", "sum by (" + strings.Repeat("a, ", 240) + "b) (up)", "sum by (" + strings.Repeat("a, ", 300) + "b) (up)", 8 + 248*3 + 1, "more than 500 words and signs"},
		{"matchers", matchers(50, `a="b"`), matchers(51, `a="b"`), 3 + 50*7 + 1, "a selector has more than 50 matchers"},
		{"repetition", `up{a=~"x{498}"}`, `up{a=~"x{500}"}`, 6, "the regular expressions have more than 500 parts, with repetitions"},
		{"repetitions", `up{a=~"x{200}",b=~"x{200}"}`, `up{a=~"x{300}",b=~"x{300}"}`, 18, "the regular expressions have more than 500 parts, with repetitions"},
		{"nested repetitions", `up{a=~"((a|b{8}){6}){6}"}`, `up{a=~"((a{9}|b{9}){6}){6}"}`, 6, "the regular expressions have more than 500 parts, with repetitions"},
		{"groups", `up{a=~"` + strings.Repeat("(a.)", 120) + `"}`, `up{a=~"` + strings.Repeat("(a.)", 130) + `"}`, 6, "the regular expressions have more than 500 parts, with repetitions"},
		{"long pattern", `up{a=~"` + strings.Repeat("/path|", 341) + `"}`, `up{a=~"` + strings.Repeat("/path|", 342) + `"}`, 6, "a regular expression has 2052 bytes, and may have at most 2048"},
		{"label_replace", `label_replace(up, "a", "$1", "b", "(x{490})")`, `label_replace(up, "a", "$1", "b", "(x{500})")`, 34, "more than 500 parts"},
	} {
		if err := promql.CheckText(test.within, most); err != nil {
			t.Errorf("%s, within: %+v", test.name, err)
		}
		if _, err := promql.ParseInstant(test.within); err != nil && !strings.Contains(err.Message, "drops samples") {
			t.Errorf("%s, within: %+v", test.name, err)
		}
		err := promql.CheckText(test.beyond, most)
		if err == nil || err.Offset != test.offset || !strings.Contains(err.Message, test.message) || err.Hint == "" {
			t.Errorf("%s, beyond: %+v, want %d: %s", test.name, err, test.offset, test.message)
		}
		if _, parsed := promql.ParseInstant(test.beyond); parsed == nil || parsed.Message != err.Message {
			t.Errorf("%s, beyond: the parser says %+v", test.name, parsed)
		}
	}
}

// TestCheckTextLeavesSyntax: what is no PromQL is for the parser.
func TestCheckTextLeavesSyntax(t *testing.T) {
	for _, text := range []string{"", "(", ")))", "up{", `up{a="`, "up[5m", `"\xff"`, "\xff", "up{a=~\"(\"}", "]", "{}}", "5m:", "$window"} {
		if err := promql.CheckText(text, promql.SpecLimits); err != nil {
			t.Errorf("%s: %+v", text, err)
		}
	}
}

// TestPrint prints deep and long expressions: they mean the same afterwards, and
// neither the time nor the text grows with the square of their size.
func TestPrint(t *testing.T) {
	long := strings.Repeat("long_", 12) + "name"
	for name, text := range map[string]string{
		"parentheses": nested("(", 32, long+" + "+long, ")"),
		"functions":   nested("abs(", 30, long+" + "+long, ")"),
		"sums":        nested("sum by (pod) (", 30, long+" + "+long, ")"),
		"quantiles":   nested("quantile(0.9, ", 30, long+" + "+long, ")"),
		"subqueries":  nested("max_over_time(", 30, long, "[5m:1m] offset 1m)"),
		"right":       nested("up + (", 30, long, ")"),
		"signs":       "-(-(-" + long + "*" + long + ") ^ -" + long + ")",
		"or":          long + strings.Repeat(" or "+long, 100),
		"and":         long + strings.Repeat(" and on (a) "+long, 100),
		"sum":         long + strings.Repeat(" + "+long+" - 2", 60),
		"powers":      long + strings.Repeat(" ^ "+long, 100),
		"product":     long + strings.Repeat(" * on (a) group_left (b) "+long, 30),
		"arguments":   `label_replace(label_join(` + long + `, "aaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbb", "cccccccccccc"), "a", "$1", "b", "(.*)")`,
		"clamp":       `clamp(` + long + ` + ` + long + `, 1, scalar(` + long + `))`,
		"nothing":     `time() + ` + long + ` + pi() + vector(time())`,
	} {
		e, err := promql.Parse(text)
		if err != nil {
			t.Fatal(name, err)
		}
		begin := time.Now()
		printed := promql.String(e)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: %s", name, took)
		}
		if lines := strings.Count(printed, "\n") + 1; len(printed) > len(text)+lines*(64+2)+2 {
			t.Errorf("%s: %d bytes in %d lines, of %d", name, len(printed), lines, len(text))
		}
		again, err := promql.Parse(printed)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, printed)
		}
		if again.String() != e.String() {
			t.Errorf("%s means something else:\n%s", name, printed)
		}
		// Line puts parentheses around powers and signs that need none.
		if one := promql.Line(again); one != e.String() && !strings.Contains(text, "^") {
			t.Errorf("%s in one line: %s", name, one)
		}
	}
}
