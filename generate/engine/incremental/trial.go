package incremental

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/promslo/promslo/generate/engine"
	"github.com/promslo/promslo/generate/promql"
)

// Check is an assertion on a result.
type Check struct {
	Alert   string        // name of the alerts that it compares …
	At      time.Time     // … at this time
	Selects []promql.Read // selectors of the query that it makes
	Passes  func(*engine.Result) bool
}

// Trial tries changes on one result. It is safe for concurrent use.
type Trial struct {
	base   *engine.Result
	checks []Check
	// The rest is nil if base was not replayed.
	after  map[*engine.Rule][]int // indexes of the checks that can be made once a rule is evaluated
	needed map[*engine.Rule]bool  // the rules on which checks depend
	labels func() *possibleLabels
}

// NewTrial prepares trials of a result on which all checks pass.
func NewTrial(r *engine.Result, checks []Check) *Trial {
	t := &Trial{base: r, checks: slices.Clone(checks)}
	if r.Levels == nil {
		return t
	}
	t.after, t.needed = map[*engine.Rule][]int{}, map[*engine.Rule]bool{}
	t.labels = sync.OnceValue(func() *possibleLabels { return newPossibleLabels(r) })
	for i := range t.checks {
		c := &t.checks[i]
		last := t.addNeeded(*c)
		if c.Alert != "" {
			c.Selects = slices.Concat(c.Selects, r.TextReads(c.At, c.Alert))
			// With another value an alert may have annotations that query other series.
			t.addNeeded(*c)
			if len(c.Selects) > 0 {
				last = nil
			}
		}
		if last != nil {
			t.after[last] = append(t.after[last], i)
		}
	}
	return t
}

// addNeeded notes the rules on which a check depends. It returns the last of those
// that it reads directly, in the order of evaluation.
func (t *Trial) addNeeded(c Check) (last *engine.Rule) {
	direct := map[*engine.Rule]bool{}
	for _, s := range c.Selects {
		for _, w := range t.base.Writers.Of(s.Matchers) {
			direct[w] = true
		}
	}
	var want func(*engine.Rule)
	want = func(r *engine.Rule) {
		if !t.needed[r] {
			t.needed[r] = true
			for w := range r.ReadsFrom {
				want(w)
			}
		}
	}
	for _, level := range t.base.Levels {
		for _, r := range level {
			if direct[r] || c.Alert != "" && r.Alert != nil && r.Alert.Name == c.Alert {
				want(r)
				last = r
			}
		}
	}
	return last
}

// Fails tells whether with a change a rule or a check fails, as engine.Run and the
// checks would find. The error is that of a cancelled ctx.
func (t *Trial) Fails(ctx context.Context, c Change) (bool, error) {
	fails, err := false, engine.ErrStepByStep
	if t.labels != nil {
		fails, err = t.replay(ctx, c)
	}
	if errors.Is(err, engine.ErrStepByStep) {
		fails, err = t.run(ctx, c)
	}
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return fails || err != nil, nil
}

// run tries a change by evaluating all rules.
func (t *Trial) run(ctx context.Context, c Change) (bool, error) {
	result, err := engine.Run(ctx, c.apply(t.base.Input))
	if err != nil {
		return false, err
	}
	return len(result.Errors) > 0 || slices.ContainsFunc(t.checks, func(c Check) bool { return !c.Passes(result) }), nil
}

// replay tries a change by evaluating only what differs. The error is
// engine.ErrStepByStep if that may be wrong; any other is that of a rule that fails.
func (t *Trial) replay(ctx context.Context, c Change) (bool, error) {
	old := t.base.Rules[slices.IndexFunc(t.base.Rules, func(r *engine.Rule) bool { return r.Place == engine.Place{Group: c.Group, Rule: c.Rule} })]
	changed := c.compile(t.base.Input, old)
	downstream, ok := downstream(t.base, old, changed)
	if !ok {
		return false, engine.ErrStepByStep
	}
	if !t.needed[old] && t.labels().safe(old, changed, downstream) {
		return false, nil
	}
	x := newCopyOnWrite(t.base)
	if err := x.replace(ctx, old, changed); err != nil {
		return false, err
	}
	checked := make([]bool, len(t.checks))
	wrong := func(i int) bool {
		if checked[i] || !x.affects(t.checks[i]) {
			return false
		}
		checked[i] = true
		return !t.checks[i].Passes(x.result)
	}
	if len(x.added) == 0 && slices.ContainsFunc(t.after[old], wrong) {
		return true, nil
	}
	var others []*engine.Rule
	for _, r := range downstream {
		if !t.needed[r] {
			others = append(others, r)
			continue
		}
		if err := x.reevaluate(ctx, r); err != nil {
			return false, err
		}
		if slices.ContainsFunc(t.after[r], wrong) {
			return true, nil
		}
	}
	for i := range t.checks {
		if wrong(i) {
			return true, nil
		}
	}
	if x.addedReadOutside(downstream) {
		return false, engine.ErrStepByStep
	}
	// No check reads the others: they matter only if they fail.
	if len(others) > 0 && !t.labels().safe(old, changed, others) {
		for _, r := range others {
			if err := x.reevaluate(ctx, r); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}
