package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// progress tells people at a terminal how far a command is, in one line that
// goes away again. It is safe for concurrent use.
type progress struct {
	out    io.Writer // nil: it is no terminal
	noun   string    // what is counted
	mutex  sync.Mutex
	next   time.Time // when to show again
	before bool      // a line is shown
}

// progressInterval is the time between two lines of progress, and before the first.
const progressInterval = 200 * time.Millisecond

// newProgress shows nothing unless standard error is a terminal on which lines
// may be rewritten.
func newProgress(s streams, noun string) *progress {
	p := &progress{noun: noun, next: time.Now().Add(progressInterval)}
	if interactive(s.err) {
		p.out = s.err
	}
	return p
}

// interactive reports whether an output is a terminal on which lines may be rewritten.
func interactive(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show says that so many of all are done.
func (p *progress) show(done, all int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if now := time.Now(); p.out != nil && now.After(p.next) {
		p.next, p.before = now.Add(progressInterval), true
		fmt.Fprintf(p.out, "\r\x1b[K%d/%d %s", done, all, p.noun)
	}
}

// end takes the line away.
func (p *progress) end() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.before {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.out = nil
}
