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
	Module string // unique name of its module; empty: it is in none
}

// Packages returns the CUE files of a directory in the module of a file, by name. The
// directory is relative to the module's root, with slashes. If it does not exist, there
// are no files and no error.
type Packages func(dir string) (map[string][]byte, error)

// Evaluate evaluates a CUE file. The error is a *Runaway if it exceeded a limit.
type Evaluate func(CUESource, Packages) (Evaluated, error)

// Evaluated is the result of a CUE file: the values of the spec in depth-first order, each
// before its children. There are none if there are findings.
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
	Children           int // of a list or an object: how many direct children follow it
}

// Runaway is the error of an evaluation that exceeded a limit and was abandoned.
type Runaway struct{ Reason string }

func (r *Runaway) Error() string { return r.Reason }

// Evaluator evaluates CUE files in this process. It is safe for concurrent use and opens
// no files. CUE's evaluation can neither be cancelled nor limited: an abandoned one
// continues in the background and may exhaust the memory or the stack of the process, so
// nothing is evaluated after it.
type Evaluator struct {
	Schema     Package       // importable without a module
	Deadline   time.Duration // CPU time for one file; 0: 0.8 s
	mutex      sync.Mutex
	idle       []*session
	runaway    bool
	openSchema *Package // Schema without constraints, as files import it
}

// Evaluate evaluates a file. The error is a *Runaway if it exceeded a limit.
func (e *Evaluator) Evaluate(file CUESource, packages Packages) (Evaluated, error) {
	s, err := e.takeSession()
	if err != nil {
		return Evaluated{}, err
	}
	var out Evaluated
	reason := runGuarded(cmp.Or(e.Deadline, maxCPUTime), func() { out = s.evaluate(file, packages) })
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if reason != "" {
		e.runaway = true
		return Evaluated{}, &Runaway{reason}
	}
	e.idle = append(e.idle, s)
	return out, nil
}

// takeSession returns an idle session.
func (e *Evaluator) takeSession() (*session, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.runaway {
		return nil, errors.New("the evaluation of another file had to be given up, and goes on")
	}
	if e.openSchema == nil {
		open := e.Schema.open()
		e.openSchema = &open
	}
	if len(e.idle) == 0 {
		return &session{schema: *e.openSchema}, nil
	}
	s := e.idle[len(e.idle)-1]
	e.idle = e.idle[:len(e.idle)-1]
	return s, nil
}

// readCUE returns the document of a CUE file, none if it is empty.
func readCUE(m *meter, in Input, data []byte, evaluate Evaluate) []*Node {
	module := openModule(in)
	defer module.close()
	out, err := evaluate(CUESource{in.File, data, module.root}, module.read)
	if lost, ok := errors.AsType[*Runaway](err); ok {
		m.add(diag.Runaway, Position{}, "the file cannot be evaluated: "+lost.Reason, "look for long lists, large comprehensions and strings built from each other")
		return nil
	}
	if err != nil {
		m.add(diag.NotEvaluated, Position{}, "the file was not evaluated: "+err.Error(), "")
		return nil
	}
	for _, f := range out.Findings {
		m.add(f.ID, Position{f.Pos.Line, f.Pos.Column}, f.Message, f.Suggestion)
	}
	if len(out.Findings) > 0 || len(out.Values) == 0 {
		return nil
	}
	doc, rest := m.node(out.Values, 0)
	if m.exceeded || len(rest) > 0 {
		return nil
	}
	return []*Node{doc}
}

// node builds the node of the first value with its children, and returns the remaining
// values. It checks the limits again, as the values come from another process.
func (m *meter) node(values []Value, depth int) (*Node, []Value) {
	v, rest := values[0], values[1:]
	n := &Node{Kind: Kind(v.Kind), Integer: v.Integer, Number: v.Number, Text: v.Text, Pos: Position{v.Line, v.Column}}
	if !m.countValue(depth, n.Pos) || !m.countText(v.Text, n.Pos) || !m.countText(v.Key, n.Pos) || !m.checkEntries(v.Children, n.Pos) {
		return n, nil
	}
	for range min(v.Children, len(rest)) {
		if len(rest) == 0 || m.exceeded {
			break
		}
		var child *Node
		key, at := rest[0].Key, Position{rest[0].KeyLine, rest[0].KeyColumn}
		child, rest = m.node(rest, depth+1)
		if n.Kind == Object {
			n.put(key, at, child)
		} else {
			n.Items = append(n.Items, child)
		}
	}
	return n, rest
}

// MergeNotEvaluated merges the findings of files that were not evaluated into one.
func MergeNotEvaluated(findings []diag.Finding) (out []diag.Finding) {
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
