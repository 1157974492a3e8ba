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
	// maxWallTime is in case the child's own watchdog fails.
	maxWallTime = 10 * time.Second
	// maxResponse, in bytes, is far above the largest spec.
	maxResponse = 16 << 20
)

// child is a process that evaluates CUE files.
type child struct {
	cmd     *exec.Cmd
	in      *gob.Encoder
	out     *gob.Decoder
	limited *io.LimitedReader // below out
	stderr  limitedBuffer
	start   time.Time
	ready   bool
}

// childName is the process name of a child, by which IsChild recognizes it.
const childName = "promslo: evaluates CUE"

func startChild(ctx context.Context) (*child, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, path), start: time.Now()}
	c.cmd.Args = []string{childName}
	c.cmd.Env = []string{"GOTRACEBACK=none"}
	c.cmd.Stderr = &c.stderr
	c.cmd.SysProcAttr = procAttributes()
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.limited = &io.LimitedReader{R: out}
	c.in, c.out = gob.NewEncoder(in), gob.NewDecoder(c.limited)
	return c, c.cmd.Start()
}

// stop kills the process if it still runs, and returns its CPU time.
func (c *child) stop() time.Duration {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
	return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
}

// evaluate evaluates a file. After an error the child cannot be used.
func (c *child) evaluate(file read.CUESource, packages read.Packages) (out read.Evaluated, err error) {
	var late atomic.Bool
	timer := time.AfterFunc(maxWallTime, func() {
		late.Store(true)
		_ = c.cmd.Process.Kill()
	})
	a, err := c.exchange(file, packages)
	if timer.Stop(); err != nil {
		c.stop()
		return out, &read.Runaway{Reason: c.exitReason(late.Load())}
	}
	if a.Runaway != "" {
		return out, &read.Runaway{Reason: a.Runaway}
	}
	return a.Result, nil
}

// exchange sends a file and serves the child's requests for packages until the result.
func (c *child) exchange(file read.CUESource, packages read.Packages) (response, error) {
	if err := c.in.Encode(request{File: &file}); err != nil {
		return response{}, err
	}
	for {
		var a response
		c.limited.N = maxResponse
		if err := c.out.Decode(&a); err != nil {
			return response{}, err
		}
		switch {
		case a.Ready:
			c.ready = true
		case a.Needs != nil:
			files, err := packages(*a.Needs)
			q := request{Files: files}
			if err != nil {
				q.Err = err.Error()
			}
			if err := c.in.Encode(q); err != nil {
				return response{}, err
			}
		default:
			return a, nil
		}
	}
}

// exitReason returns why a child ended, from the output of Go's runtime.
func (c *child) exitReason(late bool) string {
	said := c.stderr.String()
	switch {
	case late:
		return fmt.Sprintf("it takes more than %s", maxWallTime)
	case c.limited.N <= 0:
		return fmt.Sprintf("its values take more than %d MiB", maxResponse>>20)
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

// limitedBuffer keeps the first 4 KiB that are written to it.
type limitedBuffer struct{ strings.Builder }

func (h *limitedBuffer) Write(p []byte) (int, error) {
	h.Builder.Write(p[:min(len(p), max(0, 4<<10-h.Len()))])
	return len(p), nil
}
