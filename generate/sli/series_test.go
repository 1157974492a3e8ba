package sli_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/generate/sli"
	spec "github.com/promslo/promslo/schema/sli"
)

func count(t *testing.T, text string) *promql.Query {
	t.Helper()
	if text == "" {
		return nil
	}
	q, err := promql.ParseCount(text)
	if err != nil {
		t.Fatal(text, err)
	}
	return q
}

func TestFindCounters(t *testing.T) {
	tests := []struct {
		name, bad, good, total string
		want                   string // good series, bad series, idle series
		steady                 bool
	}{
		{
			name: "by a label", bad: `req_total{code=~"5.."}`, total: "req_total",
			want: `[req_total{code="200"}] [req_total{code="500"}] []`, steady: true,
		},
		{
			name: "all but some", bad: `req_total{job="x",code!~"2..|404"}`, total: `req_total{job="x"}`,
			want: `[req_total{code="200",job="x"}] [req_total{code="500",job="x"}] []`, steady: true,
		},
		{
			name: "two metrics", bad: "errors_total", total: "req_total",
			want: `[req_total{}] [req_total{} errors_total{}] []`, steady: true,
		},
		{
			name: "good ones", good: `sum(rate(seconds_bucket{le="1"}[$window]))`, total: "seconds_count",
			want: `[seconds_count{} seconds_bucket{le="1"}] [seconds_count{}] []`, steady: true,
		},
		{
			name: "total as a sum", bad: "sum(rate(errors_total[$window]))", total: "sum(rate(errors_total[$window])) + sum(rate(ok_total[$window]))",
			want: `[ok_total{}] [errors_total{}] []`, steady: true,
		},
		{
			name: "a name in quotes", bad: `{"http.errors"}`, total: `{"http.requests"}`,
			want: `[{"http.requests"}] [{"http.requests"} {"http.errors"}] []`, steady: true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, ok := sli.SLI{Kind: "events", Bad: count(t, tt.bad), Good: count(t, tt.good), Total: count(t, tt.total)}.Counters()
			if !ok {
				t.Fatal("nothing found")
			}
			if diff := cmp.Diff(tt.want, fmt.Sprint(c.Good, c.Bad, c.Idle)); diff != "" {
				t.Errorf("- want, + got:\n%s", diff)
			}
			if c.CompleteWithoutErrors() != tt.steady {
				t.Errorf("steady: %v", c.CompleteWithoutErrors())
			}
			for _, s := range append(c.Good, c.Bad...) {
				if !c.Selects(s.Series) || c.Selects(sli.Series{"__name__": "else"}) {
					t.Errorf("does not select %s, or something else", s)
				}
			}
		})
	}
	odd := sli.SLI{Kind: "events", Bad: count(t, "sum(rate(a[$window])) ^ 2"), Total: count(t, "b")}
	if _, ok := odd.Counters(); ok {
		t.Error("found series of what is no sum")
	}
}

func TestFindJourney(t *testing.T) {
	part := func(weight float64, bad, good, total string) sli.Part {
		return sli.Part{Weight: weight, SLI: sli.SLI{Kind: "events", Bad: count(t, bad), Good: count(t, good), Total: count(t, total)}}
	}
	// find returns good journeys, those that fail in a part, and those that fail twice.
	find := func(entry string, parts ...sli.Part) (found []string) {
		journey := sli.SLI{Kind: "journey", Total: count(t, entry), Entry: entry, Parts: parts}
		var total, bad []promql.Weighted
		for _, p := range parts {
			one := p.SLI.Bad
			if one == nil {
				one = promql.Complement(p.SLI.Total, p.SLI.Good, true)
			}
			total, bad = append(total, promql.Weighted{Query: p.SLI.Total, Weight: p.Weight}), append(bad, promql.Weighted{Query: one, Weight: p.Weight})
		}
		journey.Bad = promql.Add("part", bad...)
		if entry == "" {
			journey.Total = promql.Add("part", total...)
		}
		c, ok := journey.Counters()
		if !ok {
			return []string{"nothing"}
		}
		for _, set := range append(append([][]sli.Increment{c.Parts.Good}, c.Parts.Bad...), c.Parts.Retried) {
			text := ""
			for _, s := range set {
				text += fmt.Sprintf("%s×%.4g ", s.String(), s.By)
			}
			found = append(found, text)
		}
		return found
	}
	cart, mail := part(1, `cart_total{code="500"}`, "", "cart_total"), part(0.4, "", `mail_bucket{le="2"}`, "mail_count")
	for name, tt := range map[string]struct{ got, want []string }{
		"entry": {find("buy_total", cart, mail), []string{
			`buy_total{}×1 cart_total{code="200"}×2 mail_count{}×2 mail_bucket{le="2"}×2 `,
			`cart_total{code="500"}×1 buy_total{}×1 `, `mail_count{}×2.5 buy_total{}×1 `, `cart_total{code="500"}×2 buy_total{}×1 `,
		}},
		"parts": {find("", cart, mail), []string{
			`cart_total{code="200"}×0.5 mail_count{}×1.25 mail_bucket{le="2"}×1.25 `, `cart_total{code="500"}×1 `, `mail_count{}×2.5 `, ``,
		}},
		"the entry is a part": {find("cart_total", cart), []string{`cart_total{code="200"}×1 `, `cart_total{code="500"}×1 `, ``}},
		"the entry is slow": {find("mail_count", part(1, `cart_total{code="500"}`, "", "cart_total"), part(1, "", `mail_bucket{le="2"}`, "mail_count")), []string{
			`mail_count{}×1 mail_bucket{le="2"}×1 cart_total{code="200"}×2 `,
			`cart_total{code="500"}×1 mail_count{}×1 mail_bucket{le="2"}×1 `, `mail_count{}×1 `, `cart_total{code="500"}×2 mail_count{}×1 mail_bucket{le="2"}×1 `,
		}},
		"an event of two parts": {find("buy_total", cart, part(1, `cart_total{code=~"5.."}`, "", "cart_total")), []string{"nothing"}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s, - want, + got:\n%s", name, diff)
		}
	}
}

// TestStates: values of the series that are read make time good and bad.
func TestStates(t *testing.T) {
	hundred, zero := 100.0, 0.0
	for _, tt := range []struct {
		of   spec.Kind
		want string
	}{
		{&spec.Uptime{Expr: `up{job="x"}`}, `up{job="x"} 1 0`},
		{&spec.Uptime{Expr: `max(probe_success) == bool 1`}, `probe_success{} 1 0`},
		{&spec.Uptime{Expr: `sum(queue) < bool 100`}, `queue{} 1 101`},
		{&spec.Uptime{Expr: `up{job="a"} or up{job="b"}`}, `up{job="a"} 1 0, up{job="b"} 0 0 idle`},
		{&spec.Uptime{Expr: `up or down`}, `up{} 1 0, down{} 1 1`},
		{&spec.Uptime{Expr: `up or vector(0)`}, "none"},
		{&spec.Uptime{Expr: `count_over_time(up[5m])`}, "none"},
		{&spec.Uptime{Expr: `up * on () (hour() > bool 8)`}, "none"},
		{&spec.Threshold{Expr: `time() - max(done)`, Below: &hundred}, `done{} 1 101 since`},
		{&spec.Threshold{Expr: `used{job="x"} / limit`, Below: &hundred}, `used{job="x"} 1 1, limit{job="x"} 1 0`},
		{&spec.Threshold{Expr: `-depth`, Above: &zero}, `depth{} -1 1`},
		{&spec.Gauge{Bad: `down`, Total: `desired`}, `down{} 0 1 idle, desired{} 1 1; fractions scales ×2`},
		{&spec.Gauge{Good: `ready{a="b"}`, Total: `desired`}, `ready{a="b"} 1 0, desired{a="b"} 1 1; fractions scales ×2`},
		{&spec.Gauge{Bad: `desired - on () ready`, Total: `max(desired)`}, `desired{} 1 1, ready{} 1 0; fractions scales ×0`},
		{&spec.Ratio{Errors: `error_ratio`}, `error_ratio{} 0 1; fractions ×1`},
		{&spec.Ratio{Success: `availability_percent / 100`}, `availability_percent{} 101 0`},
	} {
		s, findings := sli.New(sli.Spec{SLI: tt.of}, 30*time.Second)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		got := "none"
		if states, ok := s.States(); ok {
			got = ""
			for i, one := range states.All {
				got += fmt.Sprint(strings.Repeat(", ", min(i, 1)), one.Series, " ", one.Good, " ", one.Bad)
				got += said("since", one.Since) + said("idle", one.Idle)
			}
			if states.Fractions {
				got += fmt.Sprintf("; fractions%s ×%g", said("scales", states.Scales), states.Second)
			}
		}
		if got != tt.want {
			t.Errorf("%v: %s, want %s", tt.of, got, tt.want)
		}
	}
}

// said returns a word if something holds.
func said(word string, holds bool) string {
	if holds {
		return " " + word
	}
	return ""
}
