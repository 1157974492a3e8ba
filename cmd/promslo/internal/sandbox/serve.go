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
	maxMemory = 400 << 20 // of address space, beyond what a process has at its start
	maxStack  = 64 << 20
	maxCPU    = 60 // seconds, for all files; the watchdog bounds one file
)

// Inside reports whether this process is to Serve. It is for the start of main.
func Inside() bool { return len(os.Args) == 1 && os.Args[0] == marker }

// Serve evaluates the files that the parent writes until it closes the pipe, or has ended.
func Serve(in io.Reader, out io.Writer) {
	// The parent decides what a signal to both means.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	runtime.GOMAXPROCS(2)
	debug.SetMaxStack(maxStack)
	questions := make(chan question)
	go receive(in, questions)
	time.NewTimer(0).Stop() // for timers the runtime opens a file, once
	limit()
	enc := gob.NewEncoder(out)
	answered := func(a answer) {
		if enc.Encode(a) != nil {
			os.Exit(0) // the parent has ended
		}
	}
	packages := func(dir string) (map[string][]byte, error) {
		answered(answer{Needs: &dir})
		q := <-questions
		if q.Err != "" {
			return nil, errors.New(q.Err)
		}
		return q.Files, nil
	}
	answered(answer{Ready: true})
	evaluator := read.Evaluator{Schema: schema.Definitions()}
	for q := range questions {
		result, err := evaluator.Evaluate(*q.File, packages)
		if err != nil {
			answered(answer{Runaway: err.Error()})
			return
		}
		answered(answer{Result: result})
	}
}

// receive passes on what the parent writes. The end of the parent ends the process at
// once, whatever it evaluates.
func receive(in io.Reader, questions chan<- question) {
	dec := gob.NewDecoder(in)
	for {
		var q question
		if dec.Decode(&q) != nil {
			os.Exit(0)
		}
		questions <- q
	}
}
