package promql

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// The range of a user's query is written $window. While the text is parsed, a
// duration of the same length that nobody writes stands in its place, so that
// the columns of errors stay right.
const (
	window         = "$window"
	sentinel       = "99999ms"
	sentinelLength = 99999 * time.Millisecond
)

// Error is what is wrong in a PromQL text, and where.
type Error struct {
	Offset  int // bytes from the start of the text
	Message string
	Hint    string // what to write instead; may be empty
}

func (e *Error) Error() string { return e.Message }

// Query is PromQL that a user wrote: a counter's selector, or an expression in
// which $window stands for the range.
type Query struct {
	text     string // with the sentinel in place of $window
	selector *parser.VectorSelector
	build    func(d time.Duration, by []string) Expr // what no text says
	linear   Linear                                  // of build, nil if it is no sum of rates
}

// ParseCount parses what counts events: a selector of counters, or an instant
// vector in which every $window is a range.
func ParseCount(text string) (*Query, *Error) {
	if err := refusePlaceholder(text, "`$window`"); err != nil {
		return nil, err
	}
	replaced := strings.ReplaceAll(text, window, sentinel)
	e, perr := parse(replaced)
	if perr != nil {
		perr.Message = strings.ReplaceAll(perr.Message, sentinel, window)
		return nil, perr
	}
	if s, ok := unwrap(e).(*parser.VectorSelector); ok {
		if err := plainSelector(s); err != nil {
			return nil, err
		}
		return &Query{selector: s}, nil
	}
	if e.Type() != parser.ValueTypeVector {
		return nil, &Error{
			Message: fmt.Sprintf("the expression is a %s, not an instant vector", e.Type()),
			Hint:    "write a counter's selector, or PromQL such as `sum(rate(requests_total[$window]))`",
		}
	}
	if err := refuseNoRate(e); err != nil {
		return nil, err
	}
	if !strings.Contains(text, window) {
		return nil, rangeMissing(e)
	}
	q := &Query{text: replaced}
	if n := setRange(e, time.Hour); n != strings.Count(text, window) {
		return nil, &Error{
			Offset:  strings.Index(text, window),
			Message: "`$window` stands somewhere else than in a range",
			Hint:    "write it as the range in brackets only: `[$window]`",
		}
	}
	return q, nil
}

// ParseValue parses an instant vector, without $window. The example shows one.
func ParseValue(text, example string) (Expr, *Error) {
	if at := strings.Index(text, window); at >= 0 {
		return nil, &Error{Offset: at, Message: "`$window` stands for the range of a query of events only", Hint: "write a range such as `5m`"}
	}
	if err := refusePlaceholder(text, "a range such as `5m`"); err != nil {
		return nil, err
	}
	e, err := parse(text)
	if err != nil {
		return nil, err
	}
	if e.Type() != parser.ValueTypeVector {
		return nil, &Error{Message: fmt.Sprintf("the expression is a %s, not an instant vector", e.Type()), Hint: "write " + example}
	}
	return e, nil
}

// ParseInstant parses an instant vector of 0/1 samples, without $window.
func ParseInstant(text string) (Expr, *Error) {
	e, err := ParseValue(text, "an expression whose samples are 0 while the service is down, such as `up{job=\"users\"}`")
	if err != nil {
		return nil, err
	}
	if b, ok := unwrap(e).(*parser.BinaryExpr); ok && b.Op.IsComparisonOperator() && !b.ReturnBool {
		return nil, &Error{
			Offset:  int(b.PositionRange().Start),
			Message: "the comparison drops samples instead of making them 0, so the service would never be down",
			Hint:    fmt.Sprintf("write `%s bool`", b.Op),
		}
	}
	return e, nil
}

// ParseGauges parses an instant vector whose series are numbers of things that are added up.
func ParseGauges(text string) (Expr, *Error) {
	e, err := ParseValue(text, "gauges that are added up, such as `kube_deployment_spec_replicas`")
	if err != nil {
		return nil, err
	}
	added := unwrap(e)
	if a, ok := added.(*parser.AggregateExpr); ok && a.Op == parser.SUM {
		added = unwrap(a.Expr)
	}
	if b, ok := added.(*parser.BinaryExpr); ok && b.Op.IsComparisonOperator() && !b.ReturnBool {
		return nil, &Error{
			Offset:  int(b.PositionRange().Start),
			Message: "the comparison keeps values as they are, so their sum is no number of instances",
			Hint:    fmt.Sprintf("write `%s bool`, which is 1 for each instance for which it holds", b.Op),
		}
	}
	return e, nil
}

// parse returns the tree of a text within the limits. What the printer would lose is
// refused.
func parse(text string) (Expr, *Error) {
	if err := CheckText(text, SpecLimits); err != nil {
		return nil, err
	}
	e, err := prom.ParseExpr(text)
	if err == nil {
		return e, nil
	}
	var errs parser.ParseErrors
	if errors.As(err, &errs) && len(errs) > 0 {
		return nil, &Error{Offset: int(errs[0].PositionRange.Start), Message: "PromQL: " + errs[0].Err.Error()}
	}
	return nil, &Error{Message: "PromQL: " + err.Error()}
}

func plainSelector(s *parser.VectorSelector) *Error {
	if s.OriginalOffset != 0 || s.OriginalOffsetExpr != nil || s.Timestamp != nil || s.StartOrEnd != 0 || s.Anchored || s.Smoothed {
		return &Error{
			Message: "a selector here takes no offset, @ or other modifier",
			Hint:    "write the whole expression with `[$window]`",
		}
	}
	return nil
}

func unwrap(e Expr) Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// Selector returns the matchers of the counter that q selects, if q is a mere
// selector; its metric name is among them.
func (q *Query) Selector() ([]*Matcher, bool) {
	if q.selector == nil {
		return nil, false
	}
	return q.selector.LabelMatchers, true
}

// FromSelector makes the query that counts a counter's increase. The error reports
// a character that PromQL cannot have in a text.
func FromSelector(metric string, matchers ...*Matcher) (*Query, *Error) {
	s := Selector(metric, matchers...)
	text := s.String()
	if err := CheckText(text, SpecLimits); err != nil {
		return nil, &Error{Message: err.Message, Hint: err.Hint} // the text is not the user's
	}
	if _, err := prom.ParseMetricSelector(text); err != nil {
		return nil, &Error{Message: "the selector " + text + " is no PromQL"}
	}
	return &Query{selector: s}, nil
}

// KeepsLabel reports whether the result of q has a label of the counters.
func (q *Query) KeepsLabel(label string) bool {
	if q.text == "" {
		return true
	}
	e, err := prom.ParseExpr(q.text)
	return err == nil && KeepsLabel(e, label)
}

// String prints q in one line, or nothing if no text says it.
func (q *Query) String() string {
	if q.selector != nil {
		return q.selector.String()
	}
	e, err := prom.ParseExpr(q.text)
	if err != nil {
		return ""
	}
	return lineWithWindow(e)
}

// lineWithWindow prints an expression in one line, as it was written.
func lineWithWindow(e Expr) string {
	return strings.ReplaceAll(line(e), model.Duration(sentinelLength).String(), window)
}

// Rate returns the events per second over the last d, summed over all series or
// those that agree in some labels.
func (q *Query) Rate(d time.Duration, by ...string) Expr {
	switch {
	case q.build != nil:
		return q.build(d, by)
	case q.selector != nil:
		return Sum(Call("rate", Range(q.selector, d)), by...)
	}
	e := q.tree()
	setRange(e, d)
	if _, ok := linear(e); !ok {
		// NaN, as of a division by no requests, would stay in every sum.
		return Sum(Op(countEach(e), parser.GTE, Number(math.Inf(-1))), by...)
	}
	return AddUp(e, by...)
}

// AddUp sums over all series of an expression or those that agree in some labels. It
// changes the expression: in its sums, each addend counts 0 while it has no series.
func AddUp(e Expr, by ...string) Expr { return Sum(sumsAddends(countEach(e)), by...) }

// setRange replaces the sentinel in every range of e and returns how many there were.
func setRange(e Expr, d time.Duration) int {
	n := 0
	parser.Inspect(e, func(node parser.Node, _ []parser.Node) error {
		switch node := node.(type) {
		case *parser.MatrixSelector:
			if node.Range == sentinelLength {
				node.Range = d
				n++
			}
		case *parser.SubqueryExpr:
			if node.Range == sentinelLength {
				node.Range = d
				n++
			}
		}
		return nil
	})
	return n
}
