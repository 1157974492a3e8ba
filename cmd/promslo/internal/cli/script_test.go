package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/promslo/promslo/cmd/promslo/internal/grafana/grafanatest"
	"github.com/promslo/promslo/cmd/promslo/internal/sandbox"
)

func TestMain(m *testing.M) {
	if sandbox.IsChild() {
		sandbox.Serve(os.Stdin, os.Stdout)
		return
	}
	testscript.Main(m, map[string]func(){
		"promslo": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScript runs testdata/script, one script a behaviour of the command line.
// UPDATE=1 writes the texts that cmp compares with. Beside the commands of
// testscript there are those of scriptCommands.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../../../testdata/script",
		Cmds:                scriptCommands,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(15 * time.Minute), // what hangs shows which script did
	})
}

var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exit":     exit,
	"edit":     edit,
	"fill":     fill,
	"age":      age,
	"aged":     aged,
	"sametree": sameTree,
	"grafana":  startGrafana,
}

// exit CODE COMMAND runs a command that must end with an exit code.
func exit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE COMMAND ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// edit FILE OLD NEW replaces the first of a text that must be there. \n is a line break.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	file := ts.MkAbs(args[0])
	data, err := os.ReadFile(file)
	ts.Check(err)
	old, now := strings.ReplaceAll(args[1], `\n`, "\n"), strings.ReplaceAll(args[2], `\n`, "\n")
	if !strings.Contains(string(data), old) {
		ts.Fatalf("%s does not hold %q", args[0], old)
	}
	ts.Check(os.WriteFile(file, []byte(strings.Replace(string(data), old, now, 1)), 0o644))
}

// fill FILE BYTES [TEXT] writes a file of one long comment, or of a text again and again.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: fill FILE BYTES [TEXT]")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := append(args, "#")[2]
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat([]byte(text), n/len(text)), 0o644))
}

var longAgo = time.Unix(1_000_000_000, 0)

// age FILE... makes files old.
func age(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		ts.Check(os.Chtimes(ts.MkAbs(name), longAgo, longAgo))
	}
}

// aged FILE... checks that files were (or were not) left as they are since age.
func aged(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if info.ModTime().Equal(longAgo) == neg {
			ts.Fatalf("%s was modified %v", name, info.ModTime())
		}
	}
}

// grafana starts a Grafana, whose address is in GRAFANA until the end of the script.
func startGrafana(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: grafana")
	}
	s := grafanatest.New()
	ts.Defer(s.Close)
	ts.Setenv("GRAFANA", s.URL+"/grafana")
}

// sametree DIR DIR compares all files of two directories byte for byte; neither
// may be empty.
func sameTree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sametree DIR DIR")
	}
	a, b := readTree(ts, args[0]), readTree(ts, args[1])
	if len(a) == 0 {
		ts.Fatalf("%s is empty", args[0])
	}
	for name, data := range a {
		if other, ok := b[name]; !ok || data != other {
			ts.Fatalf("%s differs (in %s: %t)", name, args[1], ok)
		}
	}
	if len(a) != len(b) {
		ts.Fatalf("%d files in %s, %d in %s", len(a), args[0], len(b), args[1])
	}
}

func readTree(ts *testscript.TestScript, dir string) map[string]string {
	files := map[string]string{}
	root := os.DirFS(ts.MkAbs(dir))
	ts.Check(fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		files[name] = string(data)
		return err
	}))
	return files
}

// TestInterrupt checks that an interrupt ends a command that waits for
// standard input.
func TestInterrupt(t *testing.T) {
	promslo, err := exec.LookPath("promslo")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(promslo, "lint", "-")
	cmd.Dir = t.TempDir()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: once it is written, the command reads.
	if _, err := stdin.Write(bytes.Repeat([]byte("#"), 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 2 || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}
