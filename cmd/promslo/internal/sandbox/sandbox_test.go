//go:build unix

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/read"
)

func TestMain(m *testing.M) {
	switch {
	case IsChild():
		Serve(os.Stdin, os.Stdout)
	case os.Getenv("SANDBOX_TEST_PARENT") != "":
		waitForPackages()
	default:
		os.Exit(m.Run())
	}
}

const spec = `service: "users"
`

// evaluate returns what came out of one file, as text.
func evaluate(s *Sandbox, source string) string {
	out, err := s.Evaluate(read.CUESource{File: "a.cue", Data: []byte(source), Module: "m"}, noPackages)
	if wasted, ok := errors.AsType[*read.Runaway](err); ok {
		return "runaway: " + wasted.Reason
	}
	if err != nil {
		return "error: " + err.Error()
	}
	if len(out.Findings) > 0 {
		return "finding: " + out.Findings[0].Message
	}
	return fmt.Sprintf("%d values", len(out.Values))
}

func noPackages(string) (map[string][]byte, error) { return nil, nil }

// TestHostile evaluates what would exhaust a process. After each of them an honest
// file is evaluated.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds, and minutes under the race detector")
	}
	let := "let a0 = {z: 1}\n"
	built := `_a0: "aaaaaaaaaa"` + "\n"
	for i := range 60 {
		let += fmt.Sprintf("let a%d = {x: a%d, y: a%d}\n", i+1, i, i)
		built += fmt.Sprintf("_a%d: \"\\(_a%d)\\(_a%d)\"\n", i+1, i, i)
	}
	repeat := strings.Repeat
	for name, test := range map[string]struct{ source, want string }{
		"fields in each other":      {repeat("a:", 520_000), "runaway: "},
		"optional fields":           {repeat("a?: ", 200_000), "runaway: "},
		"comprehensions":            {"[" + repeat("for x in y ", 16_000) + "{}]", "runaway: it takes more than 800ms"},
		"conditions":                {repeat("if true {", 100_000), "runaway: it "},
		"sum":                       {"a: 1" + repeat("+1", 500_000), "runaway: it "},
		"selectors":                 {"a: x" + repeat(".y", 500_000), "runaway: it "},
		"braces":                    {"a: " + repeat("{", 500_000), "finding: this is not CUE: expression exceeds"},
		"brackets":                  {"a: " + repeat("[", 500_000), "finding: this is not CUE: expression exceeds"},
		"parentheses":               {"a: " + repeat("(", 500_000), "finding: this is not CUE: expression exceeds"},
		"interpolations":            {"a: " + repeat(`"\(`, 200_000), "finding: this is not CUE: expression exceeds"},
		"attribute":                 {"@a(" + repeat("(", 500_000), "runaway: it takes more than 800ms"},
		"digits":                    {"a: " + repeat("9", 900_000), "runaway: it takes more than 800ms"},
		"one number, gigabytes":     {"import \"math/bits\"\na: bits.Lsh(1, 32000000000)", "runaway: it takes more than 400 MiB of memory"},
		"one number, 400 megabytes": {"import \"math/bits\"\na: bits.Lsh(1, 3000000000)", "runaway: it takes more than"},
		"list":                      {"import \"list\"\na: list.Range(0, 1000000000, 1)", "runaway: it takes more than"},
		"let clauses":               {let + "a: a60", "runaway: it takes more than"},
		"strings of each other":     {built, "runaway: it "},
		"template":                  {"import \"text/template\"\na: template.Execute(\"{{range 1000000000}}aaaaaaaaaaaaaaaaaa{{end}}\", {})", "runaway: it takes more than"},
		"large answer":              {"a: \"aaaaaaaaaa\" * 1000000", "finding: a text has 10000000 bytes"},
		"definitions":               {"#A: {x: #A}\na: #A", "finding: "},
		"regular expression":        {"a: \"a\" =~ \"(((a{100}){100}){100}){100}\"", "finding: "},
		"program":                   {"import \"tool/exec\"\na: exec.Run", "finding: a spec cannot import"},
		"file":                      {"@extern(embed)\npackage a\na: _ @embed(file=\"/etc/passwd\",type=text)", "finding: @embed and @extern"},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(t.Context())
			defer s.Close()
			if got := evaluate(s, test.source); !strings.HasPrefix(got, test.want) {
				t.Errorf("%s, want %s", got, test.want)
			}
			if got := evaluate(s, spec); got != "2 values" {
				t.Errorf("an honest file after it: %s", got)
			}
		})
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d KiB of memory at most", usage.Maxrss)
	if usage.Maxrss > 512<<10 && runtime.GOOS == "linux" { // elsewhere it counts bytes, and knows no limit
		t.Errorf("%d KiB of memory", usage.Maxrss)
	}
}

// Of many files that have to be given up some are tried.
func TestManyHostile(t *testing.T) {
	s := New(t.Context())
	defer s.Close()
	tried := 0
	for ; tried < 10 && strings.HasPrefix(evaluate(s, "import \"math/bits\"\na: bits.Lsh(1, 32000000000)"), "runaway: "); tried++ {
	}
	if tried != int(maxWasted/minWasted) {
		t.Errorf("tried %d", tried)
	}
	if got := evaluate(s, spec); got != "error: too many other CUE files had to be given up" {
		t.Error(got)
	}
	if err := s.Err(); err != nil {
		t.Error(err) // it is the files' fault
	}
}

// What a file imports comes from the parent, and a process serves many files.
func TestPackages(t *testing.T) {
	s := New(t.Context())
	defer s.Close()
	files := map[string]map[string][]byte{
		"cue.mod": {"module.cue": []byte(`module: "example.com/m@v0", language: version: "v0.12.0"`)},
		"lib":     {"lib.cue": []byte("package lib\nName: \"users\"")},
	}
	asked := 0
	packages := func(dir string) (map[string][]byte, error) {
		asked++
		if dir == "no" {
			return nil, errors.New("no/no.cue: this cannot be read")
		}
		return files[dir], nil
	}
	source := "package a\nimport \"example.com/m/lib\"\nservice: lib.Name"
	for range 3 {
		out, err := s.Evaluate(read.CUESource{File: "a.cue", Data: []byte(source), Module: "m"}, packages)
		if err != nil || len(out.Values) != 2 || out.Values[1].Text != "users" || out.Values[1].Line != 3 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	if once := asked; once > 10 {
		t.Errorf("asked %d times", once)
	}
	out, err := s.Evaluate(read.CUESource{File: "a.cue", Data: []byte(strings.ReplaceAll(source, "lib", "no")), Module: "m"}, packages)
	if err != nil || len(out.Findings) != 1 || !strings.Contains(out.Findings[0].Message, "no/no.cue: this cannot be read") {
		t.Errorf("%+v, %v", out, err)
	}
}

// An interrupt ends an evaluation, and is not taken for the file's fault.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := New(ctx)
	defer s.Close()
	packages := func(string) (map[string][]byte, error) {
		cancel()
		time.Sleep(100 * time.Millisecond)
		return nil, nil
	}
	start := time.Now()
	_, err := s.Evaluate(read.CUESource{File: "a.cue", Data: []byte("package a\nimport \"example.com/m/lib\"\na: lib.x"), Module: "m"}, packages)
	if !errors.Is(err, context.Canceled) || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

// waitForPackages evaluates a file and prints the child's process ID while that waits.
func waitForPackages() {
	s := New(context.Background())
	_, _ = s.Evaluate(read.CUESource{File: "a.cue", Data: []byte("package a\nimport \"example.com/m/lib\"\na: lib.x"), Module: "m"}, func(string) (map[string][]byte, error) {
		fmt.Println(s.child.cmd.Process.Pid)
		time.Sleep(time.Minute)
		return nil, nil
	})
}

// A child ends with its parent, even if that is killed.
func TestOrphan(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "SANDBOX_TEST_PARENT=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	for start := time.Now(); syscall.Kill(pid, 0) == nil && !zombie(pid); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatal("the child still runs")
		}
	}
}

// zombie reports whether a process has ended and only waits to be noticed.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}
