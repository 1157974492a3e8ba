package sandbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/promslo/promslo/schema/read"
)

const (
	// maxAge keeps an honest child from its limit on processor time.
	maxAge = 10 * time.Second
	// Files that were given up count for minWasted each, at least; after maxWasted of
	// processor time together nothing more is evaluated.
	maxWasted, minWasted = 1200 * time.Millisecond, 300 * time.Millisecond
)

// Sandbox evaluates CUE files, one at a time. It starts its process at the first.
type Sandbox struct {
	ctx    context.Context
	mutex  sync.Mutex
	child  *child
	wasted time.Duration // that went into files that were given up
	err    error
}

// New returns a sandbox whose process ends with ctx at the latest.
func New(ctx context.Context) *Sandbox { return &Sandbox{ctx: ctx} }

// Err returns why the sandbox does not work, nil if it does.
func (s *Sandbox) Err() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.err
}

// Close ends the process.
func (s *Sandbox) Close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.end()
}

func (s *Sandbox) end() {
	if s.child != nil {
		s.child.end()
		s.child = nil
	}
}

// Evaluate evaluates a file. The error is a *schema.Runaway if that had to be given up.
func (s *Sandbox) Evaluate(file read.CUESource, packages read.Packages) (out read.Evaluated, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.err != nil:
		return out, s.err
	case s.ctx.Err() != nil:
		return out, s.ctx.Err()
	case s.wasted >= maxWasted:
		return out, errors.New("too many other CUE files had to be given up")
	}
	start := time.Now()
	if s.child != nil && start.Sub(s.child.start) > maxAge {
		s.end()
	}
	if s.child == nil {
		if s.child, err = startChild(s.ctx); err != nil {
			s.err = fmt.Errorf("cannot start a process that evaluates CUE: %w", err)
			return out, s.err
		}
	}
	out, err = s.child.evaluate(file, packages)
	if err == nil {
		return out, nil
	}
	ready, used := s.child.ready, s.child.end()
	s.child = nil
	if s.ctx.Err() != nil { // what interrupts the run is not the file's fault
		return out, s.ctx.Err()
	}
	if !ready {
		s.err = fmt.Errorf("the process that evaluates CUE does not start: %w", err)
		return out, s.err
	}
	s.wasted += max(min(time.Since(start), used), minWasted)
	return out, err
}
