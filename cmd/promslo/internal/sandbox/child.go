package sandbox

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/promslo/promslo/schema/read"
)

const (
	// maxWall ends what the child's own watchdog did not.
	maxWall = 10 * time.Second
	// maxAnswer is far above the bytes of the largest spec.
	maxAnswer = 16 << 20
)

// child is a process that evaluates.
type child struct {
	cmd    *exec.Cmd
	in     *gob.Encoder
	out    *gob.Decoder
	bound  *io.LimitedReader // of out
	stderr head
	start  time.Time
	ready  bool
}

// marker is the name by which a process knows that it is a child.
const marker = "promslo: evaluates CUE"

func startChild(ctx context.Context) (*child, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, path), start: time.Now()}
	c.cmd.Args = []string{marker}
	c.cmd.Env = []string{"GOTRACEBACK=none"}
	c.cmd.Stderr = &c.stderr
	c.cmd.SysProcAttr = attributes()
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.bound = &io.LimitedReader{R: out}
	c.in, c.out = gob.NewEncoder(in), gob.NewDecoder(c.bound)
	return c, c.cmd.Start()
}

// end ends the process, if it still runs, and returns the processor time that it took.
func (c *child) end() time.Duration {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
	return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
}

// evaluate evaluates a file. After an error the child is of no more use.
func (c *child) evaluate(file read.CUESource, packages read.Packages) (out read.Evaluated, err error) {
	var late atomic.Bool
	timer := time.AfterFunc(maxWall, func() {
		late.Store(true)
		_ = c.cmd.Process.Kill()
	})
	a, err := c.converse(file, packages)
	if timer.Stop(); err != nil {
		c.end()
		return out, &read.Runaway{Reason: c.cause(late.Load())}
	}
	if a.Runaway != "" {
		return out, &read.Runaway{Reason: a.Runaway}
	}
	return a.Result, nil
}

// converse sends a file and answers the child's questions until it is done.
func (c *child) converse(file read.CUESource, packages read.Packages) (answer, error) {
	if err := c.in.Encode(question{File: &file}); err != nil {
		return answer{}, err
	}
	for {
		var a answer
		c.bound.N = maxAnswer
		if err := c.out.Decode(&a); err != nil {
			return answer{}, err
		}
		switch {
		case a.Ready:
			c.ready = true
		case a.Needs != nil:
			files, err := packages(*a.Needs)
			q := question{Files: files}
			if err != nil {
				q.Err = err.Error()
			}
			if err := c.in.Encode(q); err != nil {
				return answer{}, err
			}
		default:
			return a, nil
		}
	}
}

// cause says why a child ended, from what Go's runtime said last.
func (c *child) cause(late bool) string {
	said := c.stderr.String()
	switch {
	case late:
		return fmt.Sprintf("it takes more than %s", maxWall)
	case c.bound.N <= 0:
		return fmt.Sprintf("its values take more than %d MiB", maxAnswer>>20)
	case strings.Contains(said, "memory"):
		return fmt.Sprintf("it takes more than %d MiB of memory", maxMemory>>20)
	case strings.Contains(said, "stack"):
		return "it is nested too deeply"
	case said != "":
		line, _, _ := strings.Cut(said, "\n")
		return "the process for it ended: " + line
	}
	return "the process for it ended, most likely because of its memory or time: " + c.cmd.ProcessState.String()
}

// head keeps the beginning of what is written to it.
type head struct{ strings.Builder }

func (h *head) Write(p []byte) (int, error) {
	h.Builder.Write(p[:min(len(p), max(0, 4<<10-h.Len()))])
	return len(p), nil
}
