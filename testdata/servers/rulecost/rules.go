package main

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

const global = time.Minute // evaluation interval of groups that have none

// rule is a recording or alerting rule.
type rule struct {
	record, alert string // one of them
	labels        map[string]string
	expr          string
	interval      time.Duration
	offset        time.Duration // query_offset
	reads         []read
	queryEnds     bool // it has @ start() or @ end(): a range query would find other values

	ms float64 // of a query
}

// read is a selector in an expression. Past ones see more than the newest sample.
type read struct {
	matchers []*labels.Matcher
	past     bool
}

func (r *rule) perMinute() float64 { return r.ms * float64(time.Minute) / float64(r.interval) }

func (r *rule) title() string {
	if window := r.labels["slo_window"]; window != "" {
		return r.record + " over " + window
	}
	return cmp.Or(r.record, r.alert)
}

// mayRecord tells whether a selector may find what a rule records.
func (r *rule) mayRecord(by []*labels.Matcher) bool {
	return r.record != "" && !slices.ContainsFunc(by, func(m *labels.Matcher) bool {
		value, fixed := r.labels[m.Name]
		if m.Name == labels.MetricName {
			value, fixed = r.record, true
		}
		return fixed && !m.Matches(value)
	})
}

func readRules(file string) ([]*rule, error) {
	exprs := parser.NewParser(parser.Options{})
	parsed, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, exprs, nil)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	var all []*rule
	for _, g := range parsed.Groups {
		for _, r := range g.Rules {
			expr, err := exprs.ParseExpr(r.Expr)
			if err != nil {
				return nil, err
			}
			out := &rule{record: r.Record, alert: r.Alert, expr: r.Expr, interval: cmp.Or(time.Duration(g.Interval), global), labels: map[string]string{}}
			maps.Copy(out.labels, g.Labels)
			maps.Copy(out.labels, r.Labels)
			if g.QueryOffset != nil {
				out.offset = time.Duration(*g.QueryOffset)
			}
			parser.Inspect(expr, out.inspect)
			all = append(all, out)
		}
	}
	return all, nil
}

// inspect notes what a node of the expression reads.
func (r *rule) inspect(node parser.Node, path []parser.Node) error {
	switch n := node.(type) {
	case *parser.SubqueryExpr:
		r.queryEnds = r.queryEnds || n.StartOrEnd != 0
	case *parser.VectorSelector:
		r.queryEnds = r.queryEnds || n.StartOrEnd != 0
		past := n.OriginalOffset != 0 || n.Timestamp != nil || slices.ContainsFunc(path, func(above parser.Node) bool {
			switch above.(type) {
			case *parser.MatrixSelector, *parser.SubqueryExpr:
				return true
			}
			return false
		})
		r.reads = append(r.reads, read{n.LabelMatchers, past})
	}
	return nil
}

// inOrder returns recording rules with those first that others read. The second
// result is those that read from each other in a circle, and their readers.
func inOrder(rules []*rule) (ordered, circle []*rule) {
	circle = slices.DeleteFunc(slices.Clone(rules), func(r *rule) bool { return r.record == "" })
	for more := true; more; {
		waiting := slices.Clone(circle)
		circle = slices.DeleteFunc(circle, func(r *rule) bool {
			ready := !slices.ContainsFunc(waiting, func(w *rule) bool { return r.readsFrom(w) })
			if ready {
				ordered = append(ordered, r)
			}
			return ready
		})
		more = len(circle) < len(waiting)
	}
	return ordered, circle
}

func (r *rule) readsFrom(w *rule) bool {
	return slices.ContainsFunc(r.reads, func(s read) bool { return w.mayRecord(s.matchers) })
}

// withPast returns the rules whose whole past somebody reads: over a range, at an
// offset, or to record what is itself read so. Of others the newest samples do.
func withPast(rules, circle []*rule) map[*rule]bool {
	found := map[*rule]bool{}
	var need func(*rule)
	readBy := func(r *rule, all bool) {
		for _, s := range r.reads {
			for _, w := range rules {
				if (all || s.past) && w.mayRecord(s.matchers) && !found[w] {
					need(w)
				}
			}
		}
	}
	need = func(r *rule) {
		found[r] = true
		readBy(r, true)
	}
	for _, r := range circle {
		need(r)
	}
	for _, r := range rules {
		readBy(r, false)
	}
	return found
}

// recorded returns the labels of what a rule records.
func (r *rule) recorded(l labels.Labels) labels.Labels {
	b := labels.NewBuilder(l)
	b.Set(labels.MetricName, r.record)
	for name, value := range r.labels {
		if !strings.Contains(value, "{{") { // no recording rule needs a template
			b.Set(name, value)
		}
	}
	return b.Labels()
}
