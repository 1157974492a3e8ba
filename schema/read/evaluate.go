package read

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/promslo/promslo/schema/diag"
)

// CUESource is a CUE file to evaluate.
type CUESource struct {
	File   string // as findings show it
	Data   []byte
	Module string // what tells its module from others; empty: it belongs to none
}

// Packages returns the CUE files of a directory in the module of a file, by name.
// The directory is relative to the module's root, with slashes. A directory that
// is not there has none.
type Packages func(dir string) (map[string][]byte, error)

// Evaluate evaluates a CUE file. The error is a *Runaway if that had to be given up.
type Evaluate func(CUESource, Packages) (Evaluated, error)

// Evaluated is what came out of a CUE file: the spec, which is empty where there
// are findings, as a list in which each value stands in front of those in it.
type Evaluated struct {
	Values   []Value
	Findings []diag.Finding
}

// Value is one value of a spec.
type Value struct {
	Kind               uint8   // of a node
	Integer            bool    // of a number
	Number             float64 // of a number
	Text               string
	Line, Column       int
	Key                string // in the object around it
	KeyLine, KeyColumn int
	Children           int // of a list or an object: how many of the values that follow are its own
}

// Runaway says that the evaluation of a file had to be given up.
type Runaway struct{ Reason string }

func (r *Runaway) Error() string { return r.Reason }

// Evaluator evaluates CUE files in this process, several at a time. It reads no
// file. CUE's evaluation can neither be cancelled nor bounded: one that is given up
// goes on in the background, and may still exhaust the memory or the stack of the
// process, so that nothing is evaluated after it.
type Evaluator struct {
	Schema   Package       // that files may import without a module
	Deadline time.Duration // processor time for one file; 0: 0.8 s
	mutex    sync.Mutex
	idle     []*session
	lost     bool
	open     *Package // Schema as it is imported
}

// Evaluate evaluates a file. The error is a *Runaway if that had to be given up.
func (e *Evaluator) Evaluate(file CUESource, packages Packages) (Evaluated, error) {
	s, err := e.take()
	if err != nil {
		return Evaluated{}, err
	}
	var out Evaluated
	reason := guard(cmp.Or(e.Deadline, maxTime), func() { out = s.evaluate(file, packages) })
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if reason != "" {
		e.lost = true
		return Evaluated{}, &Runaway{reason}
	}
	e.idle = append(e.idle, s)
	return out, nil
}

// take returns a session that nobody uses.
func (e *Evaluator) take() (*session, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.lost {
		return nil, errors.New("the evaluation of another file had to be given up, and goes on")
	}
	if e.open == nil {
		open := e.Schema.open()
		e.open = &open
	}
	if len(e.idle) == 0 {
		return &session{schema: *e.open}, nil
	}
	s := e.idle[len(e.idle)-1]
	e.idle = e.idle[:len(e.idle)-1]
	return s, nil
}

// readCUE returns the one document of a CUE file, none if it is empty.
func readCUE(m *meter, in Input, data []byte, evaluate Evaluate) []*Node {
	module := openModule(in)
	defer module.close()
	out, err := evaluate(CUESource{in.File, data, module.root}, module.read)
	if lost, ok := errors.AsType[*Runaway](err); ok {
		m.add(diag.Runaway, Place{}, "the file cannot be evaluated: "+lost.Reason, "look for long lists, large comprehensions and strings built from each other")
		return nil
	}
	if err != nil {
		m.add(diag.NotEvaluated, Place{}, "the file was not evaluated: "+err.Error(), "")
		return nil
	}
	for _, f := range out.Findings {
		m.add(f.ID, Place{f.Pos.Line, f.Pos.Column}, f.Message, f.Suggestion)
	}
	if len(out.Findings) > 0 || len(out.Values) == 0 {
		return nil
	}
	doc, rest := m.node(out.Values, 0)
	if m.over || len(rest) > 0 {
		return nil
	}
	return []*Node{doc}
}

// node builds the first of some values with those in it, and returns the rest. The
// values come from another process, and are held to the limits once more.
func (m *meter) node(values []Value, depth int) (*Node, []Value) {
	v, rest := values[0], values[1:]
	n := &Node{Kind: Kind(v.Kind), Integer: v.Integer, Number: v.Number, Text: v.Text, Pos: Place{v.Line, v.Column}}
	if !m.take(depth, n.Pos) || !m.takeText(v.Text, n.Pos) || !m.takeText(v.Key, n.Pos) || !m.fits(v.Children, n.Pos) {
		return n, nil
	}
	for range min(v.Children, len(rest)) {
		if len(rest) == 0 || m.over {
			break
		}
		var child *Node
		key, at := rest[0].Key, Place{rest[0].KeyLine, rest[0].KeyColumn}
		child, rest = m.node(rest, depth+1)
		if n.Kind == Object {
			n.put(key, at, child)
		} else {
			n.Items = append(n.Items, child)
		}
	}
	return n, rest
}

// OnceNotEvaluated keeps one of the findings of files that were not evaluated: they
// all say the same.
func OnceNotEvaluated(findings []diag.Finding) (out []diag.Finding) {
	count := 0
	for _, f := range diag.Sort(findings) {
		if f.ID != diag.NotEvaluated {
			out = append(out, f)
		} else if count++; count == 1 {
			out = append(out, f)
		}
	}
	for i, f := range out {
		if f.ID == diag.NotEvaluated && count > 1 {
			out[i].Message = fmt.Sprintf("%s (nor were %d more)", f.Message, count-1)
		}
	}
	return out
}
