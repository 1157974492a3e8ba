package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/promslo/promslo/generate/promql"
)

// Check is something that is expected of a result.
type Check struct {
	Alert   string        // it looks at the alerts of this name …
	At      time.Time     // … at this time
	Selects []promql.Read // or it selects series
	Holds   func(*Result) bool
}

// Trial tells what would be the matter with a result if a rule were another.
// It is safe for concurrent use.
type Trial struct {
	base   *Result
	checks []Check
	// The rest is nil if base was not replayed.
	after  map[*rule][]int // the checks that can be made once a rule is evaluated
	wanted map[*rule]bool  // the rules on which checks depend
	shapes func() *shapes
}

// NewTrial prepares trials of a result, of which all checks hold.
func NewTrial(r *Result, checks []Check) *Trial {
	t := &Trial{base: r, checks: slices.Clone(checks)}
	if r.levels == nil {
		return t
	}
	t.after, t.wanted = map[*rule][]int{}, map[*rule]bool{}
	t.shapes = sync.OnceValue(func() *shapes { return newShapes(r) })
	for i := range t.checks {
		c := &t.checks[i]
		last := t.lookedAt(*c)
		if c.Alert != "" {
			c.Selects = slices.Concat(c.Selects, r.textReads(c.At, c.Alert))
			// Other values of an alert may have other texts, that query elsewhere.
			t.lookedAt(*c)
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

// lookedAt notes that a check depends on rules. It returns that which is
// evaluated last of those at which the check looks itself.
func (t *Trial) lookedAt(c Check) (last *rule) {
	direct := map[*rule]bool{}
	for _, s := range c.Selects {
		for _, w := range t.base.writers.of(s.Matchers) {
			direct[w] = true
		}
	}
	var want func(*rule)
	want = func(r *rule) {
		if !t.wanted[r] {
			t.wanted[r] = true
			for w := range r.needs {
				want(w)
			}
		}
	}
	for _, level := range t.base.levels {
		for _, r := range level {
			if direct[r] || c.Alert != "" && r.alert != nil && r.alert.name == c.Alert {
				want(r)
				last = r
			}
		}
	}
	return last
}

// Fails tells whether with a change a rule fails, or a check does not hold: just
// what Run and the checks would find, at a fraction of the work. Only what the
// change makes different is evaluated, up to the first check that does not hold.
// The error tells that ctx was cancelled.
func (t *Trial) Fails(ctx context.Context, c Change) (bool, error) {
	fails, err := false, errInDoubt
	if t.shapes != nil {
		fails, err = t.replay(ctx, c)
	}
	if errors.Is(err, errInDoubt) {
		fails, err = t.run(ctx, c)
	}
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return fails || err != nil, nil
}

// run tries a change by beginning anew.
func (t *Trial) run(ctx context.Context, c Change) (bool, error) {
	result, err := Run(ctx, c.apply(t.base.in))
	if err != nil {
		return false, err
	}
	return len(result.Errors) > 0 || slices.ContainsFunc(t.checks, func(c Check) bool { return !c.Holds(result) }), nil
}

// replay tries a change by a replay of what becomes different. The error is
// errInDoubt if that may not be right; any other is that of a rule that fails.
func (t *Trial) replay(ctx context.Context, c Change) (bool, error) {
	old := t.base.rules[slices.IndexFunc(t.base.rules, func(r *rule) bool { return r.place == place{c.Group, c.Rule} })]
	changed := c.compile(t.base.in, old)
	downstream, ok := downstream(t.base, old, changed)
	if !ok {
		return false, errInDoubt
	}
	if !t.wanted[old] && t.shapes().safe(old, changed, downstream) {
		return false, nil
	}
	x := newReplacement(t.base)
	if err := x.replace(ctx, old, changed); err != nil {
		return false, err
	}
	checked := make([]bool, len(t.checks))
	wrong := func(i int) bool {
		if checked[i] || !x.touches(t.checks[i]) {
			return false
		}
		checked[i] = true
		return !t.checks[i].Holds(x.result)
	}
	if len(x.fresh) == 0 && slices.ContainsFunc(t.after[old], wrong) {
		return true, nil
	}
	var others []*rule
	for _, r := range downstream {
		if !t.wanted[r] {
			others = append(others, r)
			continue
		}
		if err := x.again(ctx, r); err != nil {
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
	if x.othersRead(downstream) {
		return false, errInDoubt
	}
	// Nobody looks at the others: they matter only if they fail.
	if len(others) > 0 && !t.shapes().safe(old, changed, others) {
		for _, r := range others {
			if err := x.again(ctx, r); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}
