package lint

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/promql"
	"github.com/promslo/promslo/schema/diag"
)

// sides are both sides of an SLI that counts events by sums of rates.
type sides struct {
	name        string // of the one beside total: bad or good
	side, total []counter
	bad         bool     // the side is that of bad events
	at          diag.Pos // of the side
	status      string   // label of promises, where promslo itself writes the side
}

// counter is a term of a sum of rates.
type counter struct {
	factor   float64
	family   string            // name of the metric, or of the histogram that it is a part of
	le       float64           // boundary of a bucket; +Inf of the count of a histogram, NaN of other metrics
	matchers []*promql.Matcher // others than those of the name and of le
}

// sides returns those of each place that has bad or good events.
func (s subject) sides() []sides {
	var out []sides
	for _, counted := range s.plan.SLI.Places() {
		side := cmp.Or(counted.Bad, counted.Good)
		if side == nil {
			continue
		}
		one := sides{name: "good", bad: counted.Bad != nil}
		if one.bad {
			one.name = "bad"
		}
		found := false
		for _, w := range counted.Sources {
			if w.Query != nil && w.Query == side || w.Status != "" {
				one.at, one.status, found = s.source.At(w.Path...), w.Status, true
			}
		}
		var ok, right bool
		one.side, ok = counters(side)
		one.total, right = counters(counted.Total)
		if found && ok && right {
			out = append(out, one)
		}
	}
	return out
}

// counters returns the terms of a query, or false if it is no sum of rates of named metrics,
// or one selects nothing.
func counters(q *promql.Query) ([]counter, bool) {
	l, ok := q.Linear()
	var out []counter
	for _, t := range l {
		c := counter{factor: t.Factor, le: math.NaN()}
		name, named := promql.MatchedValue(t.Matchers, labels.MetricName)
		ok = ok && named
		for _, m := range t.Matchers {
			switch m.Name {
			case labels.MetricName:
			case "le":
				var number bool
				c.le, number = boundaryOf(m)
				ok = ok && number
			default:
				c.matchers = append(c.matchers, m)
			}
		}
		var bucket, count bool
		if c.family, bucket = strings.CutSuffix(name, "_bucket"); !bucket {
			c.family, count = strings.CutSuffix(name, "_count")
		}
		if !ok || bucket == math.IsNaN(c.le) || promql.Contradiction(c.matchers) != nil {
			return nil, false
		}
		if count {
			c.le = math.Inf(1)
		}
		out = append(out, c)
	}
	return out, ok && len(out) > 0
}

// boundaryOf returns the only number that a matcher of le selects, however it is written.
func boundaryOf(m *promql.Matcher) (float64, bool) {
	texts := m.SetMatches()
	if m.Type == labels.MatchEqual {
		texts = []string{m.Value}
	}
	le := math.NaN()
	for _, text := range texts {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !math.IsNaN(le) && n != le {
			return 0, false
		}
		le = n
	}
	return le, !math.IsNaN(le)
}

// sameButLe reports whether counters are buckets, or the count, of the same observations.
func sameButLe(all ...counter) bool {
	return !slices.ContainsFunc(all, func(c counter) bool {
		return math.IsNaN(c.le) || c.family != all[0].family ||
			promql.Implies(c.matchers, all[0].matchers) != nil || promql.Implies(all[0].matchers, c.matchers) != nil
	})
}

// byValue returns what counters of one histogram count of an observation in each range
// between the boundaries of all, the lowest first.
func byValue(of, all []counter) []float64 {
	borders := []float64{math.Inf(-1)}
	for _, c := range all {
		if !math.IsInf(c.le, 1) {
			borders = append(borders, c.le)
		}
	}
	slices.Sort(borders)
	out := make([]float64, 0, len(borders))
	for _, above := range slices.Compact(borders) {
		sum := 0.0
		for _, c := range of {
			if c.le > above {
				sum += c.factor
			}
		}
		out = append(out, sum)
	}
	return out
}

// isNegative reports whether counters never count more than nothing: each that adds is
// contained in one that takes away.
func isNegative(of []counter) bool {
	if len(of) > 1 && sameButLe(of...) {
		return slices.Max(byValue(of, of)) <= 0
	}
	if len(of) != 2 {
		return false
	}
	add, take := of[0], of[1]
	if add.factor < 0 {
		add, take = take, add
	}
	return add.factor > 0 && -take.factor >= add.factor && add.isIn(take)
}

// isIn reports whether all that a counter counts another counts, too.
func (c counter) isIn(other counter) bool {
	sameMetric := c.family == other.family && math.IsNaN(c.le) == math.IsNaN(other.le)
	return sameMetric && (math.IsNaN(c.le) || c.le <= other.le) && promql.Implies(c.matchers, other.matchers) == nil
}
