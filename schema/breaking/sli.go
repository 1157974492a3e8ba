package breaking

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// measured is what an SLI measures, as text to compare: all of it but the bounds
// within which an event is good. A part of a journey is the SLO that it names, by its
// identity: what that SLO measures is a matter of its own.
func (x index) measured(s model.SLI) string {
	switch {
	case s.Events != nil:
		e := s.Events
		return fmt.Sprintf("events %q %q %q", expression(e.Bad), expression(e.Good), expression(e.Total))
	case s.HTTP != nil:
		return fmt.Sprintf("http %s %q %s", s.HTTP.Metric, s.HTTP.Match, s.HTTP.StatusLabel)
	case s.GRPC != nil:
		return fmt.Sprintf("grpc %s %q %s", s.GRPC.Metric, s.GRPC.Match, s.GRPC.CodeLabel)
	case s.Latency != nil:
		l := s.Latency
		return fmt.Sprintf("latency %s %q %t %d", l.Histogram, l.Match, l.Native, l.Buckets)
	case s.Uptime != nil:
		return fmt.Sprintf("uptime %q", expression(s.Uptime.Expr))
	case s.Threshold != nil:
		return fmt.Sprintf("threshold %q", expression(s.Threshold.Expr))
	case s.Journey != nil:
		parts := []string{"begins with anything"}
		if e := s.Journey.Entry; e != nil {
			parts[0] = "begins with " + x.part(*e)
		}
		for _, p := range s.Journey.All {
			parts = append(parts, x.part(p))
		}
		slices.Sort(parts[1:])
		return fmt.Sprintf("journey %q", parts)
	}
	return ""
}

func (x index) part(p model.Part) string {
	if p.SLO == "" {
		return x.measured(p.SLI) + words.Limits(p.SLI) + words.Number(p.Weight)
	}
	id := p.SLO
	if of, known := x.byName[p.SLO]; known {
		id = of.identity()
		id = cmp.Or(x.origin[id], id)
	}
	return id + " " + words.Number(p.Weight)
}

// expression is PromQL without regard to how its lines are broken.
func expression(text string) string { return strings.Join(strings.Fields(text), " ") }

// bounds tells whether events that were bad are good now, and the reverse. SLIs of
// two kinds have nothing to compare.
func bounds(was, is model.SLI) (looser, tighter bool) {
	switch {
	case was.Kind() != is.Kind() || words.Limits(was) == words.Limits(is):
	case is.HTTP != nil:
		return kept(statuses(), was.HTTP.Promises, is.HTTP.Promises, keepsStatus)
	case is.GRPC != nil:
		codes := slices.Concat(was.GRPC.Promises, is.GRPC.Promises, model.ServerFailures, []string{"any other"})
		return kept(codes, was.GRPC.Promises, is.GRPC.Promises, keepsCode)
	case is.Latency != nil:
		return is.Latency.Threshold > was.Latency.Threshold, is.Latency.Threshold < was.Latency.Threshold
	case is.Uptime != nil:
		return is.Uptime.Share < was.Uptime.Share, is.Uptime.Share > was.Uptime.Share
	case is.Threshold != nil:
		from := cmp.Compare(bound(is.Threshold.Above, -1), bound(was.Threshold.Above, -1))
		to := cmp.Compare(bound(is.Threshold.Below, 1), bound(was.Threshold.Below, 1))
		return from < 0 || to > 0, from > 0 || to < 0
	}
	return false, false
}

// bound is a bound, or infinity of a sign where there is none.
func bound(b *float64, sign int) float64 {
	if b == nil {
		return math.Inf(sign)
	}
	return *b
}

// kept compares two lists of promises by what keeps them.
func kept(all, was, is []string, keeps func(promises []string, code string) bool) (looser, tighter bool) {
	for _, code := range all {
		before, after := keeps(was, code), keeps(is, code)
		looser, tighter = looser || after && !before, tighter || before && !after
	}
	return looser, tighter
}

// statuses are all of HTTP.
func statuses() (all []string) {
	for i := 100; i < 600; i++ {
		all = append(all, strconv.Itoa(i))
	}
	return all
}

func keepsStatus(promises []string, status string) bool {
	if len(promises) == 0 {
		return status[0] != '5'
	}
	return slices.Contains(promises, status) || slices.Contains(promises, status[:1]+"xx")
}

func keepsCode(promises []string, code string) bool {
	if len(promises) == 0 {
		return !slices.Contains(model.ServerFailures, code)
	}
	return slices.Contains(promises, code)
}

func sliChanged(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		was, is := p.before.slo.SLI, p.after.slo.SLI
		if c.was.measured(was) == c.is.measured(is) {
			continue
		}
		report(change{
			at: p.after.at("sli", is.Kind()), subject: p.after.name(), before: c.was.measured(was), after: c.is.measured(is), hit: c.hit(p, ""),
			message:    fmt.Sprintf("%s measures something else: its budget is made of both until %s have passed", p.after.name(), words.Duration(p.after.slo.Window)),
			suggestion: "if it is another promise, make it an SLO of its own; else say why by `promslo:ignore sli-changed`",
		})
	}
}

func sliRelaxed(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if looser, _ := bounds(p.before.slo.SLI, p.after.slo.SLI); looser {
			was, is := words.Limits(p.before.slo.SLI), words.Limits(p.after.slo.SLI)
			report(change{
				at: p.limitsAt(), subject: p.after.name(), before: was, after: is, hit: c.hit(p, "which counts more as good"),
				message:    fmt.Sprintf("%s counts as good what broke the promise before: %s, and was %s", p.after.name(), is, was),
				suggestion: "agree on it with the consumers first",
			})
		}
	}
}

func sliTightened(c *comparison, report func(change)) {
	for _, p := range c.pairs {
		if looser, tighter := bounds(p.before.slo.SLI, p.after.slo.SLI); tighter && !looser {
			was, is := words.Limits(p.before.slo.SLI), words.Limits(p.after.slo.SLI)
			report(change{
				at: p.limitsAt(), subject: p.after.name(), before: was, after: is,
				message: fmt.Sprintf("%s promises more (%s, and was %s), and its budget is made of both until %s have passed",
					p.after.name(), is, was, words.Duration(p.after.slo.Window)),
				suggestion: "expect its figures to change for so long",
			})
		}
	}
}

// limitsAt is where the bounds of an SLI stand.
func (p pair) limitsAt() diag.Pos {
	kind := p.after.slo.SLI.Kind()
	field := map[string]string{"http": "promises", "grpc": "promises", "latency": "threshold", "uptime": "instances"}[kind]
	return p.after.at("sli", kind, field)
}
