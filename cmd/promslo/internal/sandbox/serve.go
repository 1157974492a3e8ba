package sandbox

import (
	"encoding/gob"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/read"
)

const (
	maxMemory = 400 << 20 // of address space, in addition to that at the start
	maxStack  = 64 << 20
	maxCPU    = 60 // seconds, for all files; the watchdog limits each file
)

// IsChild reports whether this process must call Serve. Main calls it first.
func IsChild() bool { return len(os.Args) == 1 && os.Args[0] == childName }

// Serve evaluates the files that the parent sends until it closes the pipe or ends.
func Serve(in io.Reader, out io.Writer) {
	// The parent handles signals to both.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	runtime.GOMAXPROCS(2)
	debug.SetMaxStack(maxStack)
	questions := make(chan request)
	go receive(in, questions)
	time.NewTimer(0).Stop() // makes the runtime open its file for timers before the limits
	setLimits()
	enc := gob.NewEncoder(out)
	answered := func(a response) {
		if enc.Encode(a) != nil {
			os.Exit(0) // the parent has ended
		}
	}
	packages := func(dir string) (map[string][]byte, error) {
		answered(response{Needs: &dir})
		q := <-questions
		if q.Err != "" {
			return nil, errors.New(q.Err)
		}
		return q.Files, nil
	}
	answered(response{Ready: true})
	evaluator := read.Evaluator{Schema: schema.Definitions()}
	for q := range questions {
		result, err := evaluator.Evaluate(*q.File, packages)
		if err != nil {
			answered(response{Runaway: err.Error()})
			return
		}
		answered(response{Result: result})
	}
}

// receive forwards the requests of the parent. When the parent ends, it exits the process at
// once, even during an evaluation.
func receive(in io.Reader, questions chan<- request) {
	dec := gob.NewDecoder(in)
	for {
		var q request
		if dec.Decode(&q) != nil {
			os.Exit(0)
		}
		questions <- q
	}
}
