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
	// maxAge replaces a child before it reaches its limit of CPU time.
	maxAge = 10 * time.Second
	// Abandoned files count as minWasted CPU time at least and half of maxWasted at most, so
	// that no file alone makes a run give up; after a total of maxWasted no more files are
	// evaluated.
	maxWasted, minWasted = 1200 * time.Millisecond, 300 * time.Millisecond
)

// Sandbox evaluates CUE files sequentially. It starts its process for the first one.
type Sandbox struct {
	ctx    context.Context
	mutex  sync.Mutex
	child  *child
	wasted time.Duration // CPU time of abandoned files
	err    error
}

// New returns a sandbox. Its process ends when ctx is done.
func New(ctx context.Context) *Sandbox { return &Sandbox{ctx: ctx} }

// Err returns an error if the process cannot be started.
func (s *Sandbox) Err() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.err
}

// Close ends the process.
func (s *Sandbox) Close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.stopChild()
}

func (s *Sandbox) stopChild() {
	if s.child != nil {
		s.child.stop()
		s.child = nil
	}
}

// Evaluate evaluates a file. The error is a *read.Runaway if it exceeded a limit.
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
		s.stopChild()
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
	ready, used := s.child.ready, s.child.stop()
	s.child = nil
	if s.ctx.Err() != nil { // the run was interrupted
		return out, s.ctx.Err()
	}
	if !ready {
		s.err = fmt.Errorf("the process that evaluates CUE does not start: %w", err)
		return out, s.err
	}
	s.wasted += min(max(min(time.Since(start), used), minWasted), maxWasted/2)
	return out, err
}
