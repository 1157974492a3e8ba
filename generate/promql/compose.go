package promql

import (
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// Observations counts all observations of a native histogram, or those up to a
// number of seconds, interpolated within a bucket.
func Observations(histogram *Query) (all *Query, upTo func(seconds float64) *Query) {
	rate := func(d time.Duration, by []string) Expr { return Sum(Call("rate", Range(histogram.selector, d)), by...) }
	count := func(d time.Duration, by []string) Expr { return Call("histogram_count", rate(d, by)) }
	all = &Query{build: count}
	return all, func(seconds float64) *Query {
		return &Query{build: func(d time.Duration, by []string) Expr {
			share := Call("histogram_fraction", Number(0), Number(seconds), rate(d, by))
			// Without observations the share is NaN, and there are no good ones.
			some := Op(share, parser.MUL, Op(count(d, by), parser.GTR, Number(0)))
			return Op(some, parser.LOR, Op(Number(0), parser.MUL, count(d, by)), On(by...))
		}}
	}
}

// Between interpolates between two counters: a share of 0 is the lower one, of 1
// the upper one.
func Between(lower, upper *Query, share float64) *Query {
	return &Query{
		build: func(d time.Duration, by []string) Expr {
			l, u := lower.Rate(d, by...), upper.Rate(d, by...)
			return Op(Op(Number(1-share), parser.MUL, l), parser.ADD, Op(Number(share), parser.MUL, u))
		},
		linear: Linear{{Factor: 1 - share, Matchers: nameMatchers(lower.selector)}, {Factor: share, Matchers: nameMatchers(upper.selector)}},
	}
}

// Complement counts the events of total that good does not count, fewer than 0 where
// good ones began before. Where good has no series, all events count, or, if its series
// must exist, the result is absent.
func Complement(total, good *Query, sure bool) *Query {
	return &Query{
		build: func(d time.Duration, by []string) Expr {
			all, some := total.Rate(d, by...), good.Rate(d, by...)
			if !sure {
				some = Op(some, parser.LOR, Op(Number(0), parser.MUL, all), On(by...))
			}
			return Op(all, parser.SUB, some, On(by...))
		},
		linear: linearSum(Weighted{Query: total, Weight: 1}, Weighted{Query: good, Weight: -1}),
	}
}

// Weighted is a query each of whose events counts so much.
type Weighted struct {
	*Query
	Weight float64
	Name   string // unique among the queries
}

// Add adds up what several queries count. A label with their names separates
// them, so that one without series does not hide the others.
func Add(label string, queries ...Weighted) *Query {
	return &Query{
		build: func(d time.Duration, by []string) Expr {
			var all []Expr
			for _, q := range queries {
				rate := q.Rate(d, by...)
				if q.Weight != 1 {
					rate = Op(Number(q.Weight), parser.MUL, rate)
				}
				all = append(all, Labelled(rate, label, q.Name))
			}
			return Sum(Join(parser.LOR, all), by...)
		},
		linear: linearSum(queries...),
	}
}

// Labelled gives all series of e the same value of a label, in which $ means a group of a
// regular expression.
func Labelled(e Expr, label, value string) Expr {
	return Call("label_replace", e, text(label), text(value), text(""), text(""))
}

func text(s string) Expr { return &parser.StringLiteral{Val: s} }

// linearSum returns what queries add up to, nil if any of them is no sum of rates.
func linearSum(queries ...Weighted) Linear {
	var sum Linear
	zero := false // one of them is there without counters, and so is the sum
	for _, q := range queries {
		l, ok := q.Linear()
		if !ok {
			return nil
		}
		zero = zero || !slices.ContainsFunc(l, func(t Term) bool { return !t.Optional })
		sum = append(sum, l.scale(q.Weight)...)
	}
	for i := range sum {
		sum[i].Optional = sum[i].Optional || zero
	}
	return sum
}
