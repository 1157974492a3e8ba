//go:build unix

package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// strict is set where no other tests run beside: else how long one takes says little.
var strict = flag.Bool("strict", false, "TestHostile fails if an input takes more than two seconds")

// What a command may take for any input, and when it counts as hanging: a busy
// machine makes it wait, so that processor time decides below that.
const (
	mostTime   = 2 * time.Second // on a machine that does nothing else
	mostMemory = 512 << 20
	hanging    = 5 * mostTime
)

// hostileInput is an entry of testdata/hostile. Texts, names of files and
// arguments are templates between « and »; see hostileFuncs.
type hostileInput struct {
	Name   string
	Git    map[string]hostileFile // of a repository, committed first
	Files  map[string]hostileFile // relative to the working directory
	First  []words                // runs of promslo, or of git, that must end well
	Then   map[string]hostileFile // written after these
	Run    words                  // promslo's arguments
	Stdin  string
	Exit   int
	Either bool   // 0 or 1 is right: only bounds are checked
	Says   string // a part of stdout or stderr
	Never  string // no part of them
	Intact []string
	Slow   bool // not in the quick half
	User   bool // not as root, who may read everything
}

// words are arguments: a list, or one line.
type words []string

func (w *words) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*w = strings.Fields(node.Value)
		return nil
	}
	return node.Decode((*[]string)(w))
}

// TestHostile gives promslo, as a process of its own, what nobody should: every
// input ends within bounds, and as its entry says. -short runs the quick half.
func TestHostile(t *testing.T) {
	files, err := filepath.Glob("../../testdata/hostile/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no inputs", err)
	}
	dir := t.TempDir()
	for _, up := range []string{dir, filepath.Dir(dir)} { // others may look in
		if err := os.Chmod(up, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	promslo := filepath.Join(dir, "promslo")
	if out, err := exec.Command("go", "build", "-o", promslo, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var inputs, held int
	var slowest, largest hostileRun
	for _, file := range files {
		for _, in := range hostileInputs(t, file) {
			if in.Slow && testing.Short() {
				continue
			}
			category := strings.TrimSuffix(filepath.Base(file), ".yaml")
			t.Run(category+"/"+strings.ReplaceAll(in.Name, " ", "-"), func(t *testing.T) {
				inputs++
				run := in.try(t, promslo)
				if !t.Failed() {
					held++
				}
				slowest = max2(slowest, run, func(r hostileRun) int64 { return int64(r.wall) })
				largest = max2(largest, run, func(r hostileRun) int64 { return r.memory })
			})
		}
	}
	fmt.Printf("%d inputs: %d held; slowest %.1f s (%s), largest %d MiB (%s)\n", inputs, held,
		slowest.wall.Seconds(), slowest.name, largest.memory>>20, largest.name)
}

func max2(a, b hostileRun, by func(hostileRun) int64) hostileRun {
	return slices.MaxFunc([]hostileRun{a, b}, func(a, b hostileRun) int { return cmp.Compare(by(a), by(b)) })
}

func hostileInputs(t *testing.T, file string) (inputs []hostileInput) {
	t.Helper()
	data, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	d := yaml.NewDecoder(data)
	d.KnownFields(true)
	if err := d.Decode(&inputs); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return inputs
}

// hostileRun is what one process did and took.
type hostileRun struct {
	name      string
	exit      int // -1: killed
	out       string
	wall, cpu time.Duration
	memory    int64
}

func (in hostileInput) try(t *testing.T, promslo string) hostileRun {
	top := t.TempDir()
	work := filepath.Join(top, "work")
	if err := os.MkdirAll(work, 0o755); err != nil {
		t.Fatal(err)
	}
	if in.Git != nil {
		writeHostile(t, work, in.Git)
		for _, args := range []words{{"git", "init", "-q"}, {"git", "add", "-A"}, {"git", "commit", "-qm", "before"}} {
			in.first(t, promslo, work, args)
		}
	}
	writeHostile(t, work, in.Files)
	for _, args := range in.First {
		in.first(t, promslo, work, args)
	}
	writeHostile(t, work, in.Then)
	before := map[string][]byte{}
	for _, name := range in.Intact {
		before[name], _ = os.ReadFile(filepath.Join(work, name))
	}

	run := in.run(t, promslo, work)
	short := run.out
	if len(short) > 600 {
		short = short[:600] + "…"
	}
	if run.exit != in.Exit && run.exit >= 0 && !(in.Either && run.exit == 1) {
		t.Errorf("exit code %d, want %d\n%s", run.exit, in.Exit, short)
	}
	if !strings.Contains(run.out, in.Says) {
		t.Errorf("does not say %q\n%s", in.Says, short)
	}
	if in.Never != "" && strings.Contains(run.out, in.Never) {
		t.Errorf("says %q\n%s", in.Never, short)
	}
	for _, crash := range []string{"goroutine ", "panic:", "fatal error:"} {
		if strings.Contains(run.out, crash) {
			t.Errorf("crashes\n%s", short)
			break
		}
	}
	if len(run.out) > 8<<20 {
		t.Errorf("prints %d MiB", len(run.out)>>20)
	}
	if run.exit == -1 || *strict && min(run.wall, run.cpu) > mostTime {
		t.Errorf("takes %s, %s of them processor time", run.wall, run.cpu)
	}
	if run.memory > mostMemory {
		t.Errorf("takes %d MiB", run.memory>>20)
	}
	if _, err := os.Lstat(filepath.Join(work, "pwned")); err == nil {
		t.Error("runs what somebody wrote")
	}
	for name, data := range before {
		if after, err := os.ReadFile(filepath.Join(work, name)); err != nil || !bytes.Equal(data, after) {
			t.Errorf("%s is not as it was: %v", name, err)
		}
	}
	first, _, _ := strings.Cut(short, "\n")
	if t.Failed() {
		t.Logf("exit code %d, %s, %d MiB: %s", run.exit, run.wall.Round(time.Millisecond), run.memory>>20, first)
	}
	return run
}

// environment has nothing of whoever runs the tests.
func environment(work string) []string {
	return append(os.Environ(), "HOME="+work, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "NO_COLOR=1")
}

// first runs a command that must end well.
func (in hostileInput) first(t *testing.T, promslo, work string, args words) {
	t.Helper()
	name := promslo
	if args[0] == "git" {
		name, args = "git", args[1:]
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = work, environment(work)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// run runs the command in a process group of its own, which it ends if it hangs.
// The shell's limit of memory protects the machine.
func (in hostileInput) run(t *testing.T, promslo, work string) hostileRun {
	t.Helper()
	args := []string{"-c", `ulimit -v 6291456 2>/dev/null; exec "$0" "$@"`, promslo}
	for _, arg := range in.Run {
		args = append(args, expand(t, arg))
	}
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = work, environment(work), strings.NewReader(expand(t, in.Stdin))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if in.User && os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		for _, dir := range []string{filepath.Dir(filepath.Dir(work)), filepath.Dir(work)} {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		err := filepath.WalkDir(work, func(path string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(path, 65534, 65534))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var out limited
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(hanging, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	_ = cmd.Wait()
	kill.Stop()
	run := hostileRun{name: in.Name, exit: cmd.ProcessState.ExitCode(), out: out.String(), wall: time.Since(start)}
	run.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		run.memory = int64(usage.Maxrss) << 10
		if runtime.GOOS == "darwin" {
			run.memory = int64(usage.Maxrss) // bytes there
		}
	}
	return run
}

// limited keeps so much of the output that a test can judge it.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	l.Buffer.Write(p[:min(len(p), max(0, 9<<20-l.Len()))])
	return len(p), nil
}
