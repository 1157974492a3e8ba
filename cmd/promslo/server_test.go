package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// server is a real program that serves HTTP on loopback.
type server struct {
	ctx     context.Context
	port    int
	dir     string // its working directory
	started time.Time
	kill    func() // at once, without a chance to tidy up
}

// newServer returns a server that is yet to run, in a directory of its own.
func newServer(ctx context.Context, t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &server{ctx: ctx, port: l.Addr().(*net.TCPAddr).Port, dir: t.TempDir()}
}

func (s *server) address() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

func (s *server) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run starts a program, which ends with the test at the latest, and waits until
// it is ready.
func (s *server) run(t *testing.T, program string, args ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(s.ctx)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = s.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second // then it is killed
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	s.started = time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var err error
	ended := make(chan struct{})
	go func() {
		err = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if t.Failed() {
			t.Logf("%s ended: %v\n%s", filepath.Base(program), err, &log)
		}
	})
	s.kill = func() {
		_ = cmd.Process.Kill() // unless it has ended by itself
		<-ended
	}
	s.wait(t, filepath.Base(program)+" to be ready", func() bool {
		resp, err := s.do("/-/ready", nil)
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// wait polls until done, for half a minute at most.
func (s *server) wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s", what)
		case <-tick.C:
		}
	}
}

// get asks the API and decodes its answer.
func (s *server) get(t *testing.T, path string, params url.Values, answer any) {
	t.Helper()
	resp, err := s.do(path, params)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s?%s: %s %v\n%s", path, params.Encode(), resp.Status, err, body)
	}
}

func (s *server) do(path string, params url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, "http://"+s.address()+path+"?"+params.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}
