package promql

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/prometheus/prometheus/model/labels"
)

// maxSteps limits the search of Satisfiable: real matchers need some hundreds.
const maxSteps = 20_000

// Contradiction returns two or more matchers of one label that no value of it meets
// together, or nil if there are none, or too much would have to be tried.
func Contradiction(selector []*Matcher) []*Matcher {
	byLabel := map[string][]*Matcher{}
	for _, m := range selector {
		byLabel[m.Name] = append(byLabel[m.Name], m)
	}
	for _, m := range selector {
		of := byLabel[m.Name]
		if Satisfiable(of) {
			continue
		}
		for n := range of {
			if !Satisfiable(of[:n+1]) {
				return of[:n+1]
			}
		}
	}
	return nil
}

// Implies returns the first matcher of b that a series may fail which all matchers of a
// select, or nil if there is none, or too much would have to be tried: whatever a selects,
// b does, too.
func Implies(a, b []*Matcher) *Matcher {
	for _, m := range b {
		inverse, err := m.Inverse()
		if err != nil {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(a), func(o *Matcher) bool { return o.Name != m.Name })
		if can, sure := satisfiable(append(of, inverse)); can && sure {
			return m
		}
	}
	return nil
}

// Satisfiable reports whether some value of a label meets all of its matchers, or whether
// that takes too long to find out.
func Satisfiable(matchers []*Matcher) bool {
	can, sure := satisfiable(matchers)
	return can || !sure
}

// satisfiable runs the automata of matchers side by side. It is not sure if that takes too
// long.
func satisfiable(matchers []*Matcher) (can, sure bool) {
	for _, m := range matchers {
		if m.Type == labels.MatchEqual {
			return !slices.ContainsFunc(matchers, func(other *Matcher) bool { return !other.Matches(m.Value) }), true
		}
	}
	var all []*automaton
	for _, m := range matchers {
		a, ok := newAutomaton(m)
		if !ok {
			return false, false
		}
		all = append(all, a)
	}
	runes, ok := alphabet(all)
	if !ok {
		return false, false
	}
	start := make([][]uint32, len(all))
	for i, a := range all {
		start[i] = a.closure([]uint32{uint32(a.prog.Start)}, syntax.EmptyBeginText|syntax.EmptyBeginLine)
	}
	seen, todo, steps := map[string]bool{}, [][][]uint32{start}, 0
	for len(todo) > 0 {
		states := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		accepted := 0
		for i, a := range all {
			if a.accepts(states[i]) {
				accepted++
			}
		}
		if accepted == len(all) {
			return true, true
		}
		for _, r := range runes {
			next := make([][]uint32, len(all))
			dead := false
			for i, a := range all {
				steps += 1 + len(states[i]) + len(a.prog.Inst)/4
				next[i] = a.step(states[i], r)
				dead = dead || len(next[i]) == 0 && !a.not
			}
			if key := stateKey(next); !dead && !seen[key] {
				seen[key] = true
				todo = append(todo, next)
			}
			if steps > maxSteps {
				return false, false
			}
		}
	}
	return false, true
}

// automaton is a matcher's regular expression, or of != and !~ what it must not match.
type automaton struct {
	prog *syntax.Prog
	not  bool
}

// newAutomaton compiles the pattern of a matcher as Prometheus does, which anchors it. False:
// it looks at what is around a position.
func newAutomaton(m *Matcher) (*automaton, bool) {
	flags := syntax.Perl | syntax.DotNL
	if m.Type == labels.MatchNotEqual {
		flags = syntax.Literal
	}
	re, err := syntax.Parse(m.Value, flags)
	if err != nil {
		return nil, false
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, false
	}
	for _, inst := range prog.Inst {
		if inst.Op == syntax.InstEmptyWidth && syntax.EmptyOp(inst.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return nil, false
		}
	}
	return &automaton{prog, m.Type == labels.MatchNotEqual || m.Type == labels.MatchNotRegexp}, true
}

// closure follows what reads no character, where the conditions hold.
func (a *automaton) closure(states []uint32, holds syntax.EmptyOp) []uint32 {
	var out []uint32
	seen := make([]bool, len(a.prog.Inst))
	for todo := slices.Clone(states); len(todo) > 0; {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		out = append(out, pc)
		switch inst := a.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^holds == 0 {
				todo = append(todo, inst.Out)
			}
		}
	}
	slices.Sort(out)
	return out
}

// step reads a character.
func (a *automaton) step(states []uint32, r rune) []uint32 {
	var next []uint32
	for _, pc := range states {
		inst := a.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if inst.MatchRune(r) {
				next = append(next, inst.Out)
			}
		}
	}
	return a.closure(next, 0)
}

// accepts reports whether the text may end here.
func (a *automaton) accepts(states []uint32) bool {
	matched := slices.ContainsFunc(a.closure(states, syntax.EmptyEndText), func(pc uint32) bool { return a.prog.Inst[pc].Op == syntax.InstMatch })
	return matched != a.not
}

// alphabet returns a character of each range that the automata tell apart, or false if there
// are too many.
func alphabet(all []*automaton) ([]rune, bool) {
	borders := []rune{0, '\n', '\n' + 1}
	add := func(from, to rune) { borders = append(borders, from, to+1) }
	for _, a := range all {
		for _, inst := range a.prog.Inst {
			if inst.Op != syntax.InstRune && inst.Op != syntax.InstRune1 {
				continue
			}
			if len(inst.Rune) == 1 {
				r := inst.Rune[0]
				add(r, r)
				for folded := unicode.SimpleFold(r); folded != r; folded = unicode.SimpleFold(folded) {
					add(folded, folded)
				}
			}
			for i := 0; i+1 < len(inst.Rune); i += 2 {
				add(inst.Rune[i], inst.Rune[i+1])
			}
			if len(borders) > maxSteps/4 {
				return nil, false
			}
		}
	}
	slices.Sort(borders)
	return slices.DeleteFunc(slices.Compact(borders), func(r rune) bool { return r > unicode.MaxRune }), true
}

func stateKey(states [][]uint32) string {
	var b strings.Builder
	for _, s := range states {
		for _, pc := range s {
			b.WriteRune(rune(pc))
		}
		b.WriteByte('/')
	}
	return b.String()
}
