//go:build unix

package main_test

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	kills   = flag.Int("kills", 20, "how often TestKilled kills a run")
	shuffle = flag.Int("shuffles", 20, "how many runs TestShuffled compares")
)

// tree is the content of all files below a directory, as sums.
type tree map[string][sha256.Size]byte

// robust is a project of some services whose specs have two versions.
type robust struct {
	*testing.T
	program string
	dir     string
	out     string
	env     []string
	made    [2]tree // of each version
}

func newRobust(t *testing.T, services int) *robust {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long, and tries a program of its own")
	}
	r := &robust{T: t, program: filepath.Join(t.TempDir(), "promslo"), dir: t.TempDir()}
	r.out = filepath.Join(r.dir, "gen")
	if out, err := exec.Command("go", "build", "-o", r.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for version := range r.made {
		r.specs(services, version)
		r.generate()
		r.made[version] = r.read()
	}
	return r
}

// specs writes a version of all specs. Both have one service that the other lacks.
func (r *robust) specs(services, version int) {
	r.Helper()
	r.write("promslo.yaml", "out: gen\n")
	for i := range services {
		name := fmt.Sprintf("s%d", i)
		if i == 0 {
			name = fmt.Sprintf("s%d-%d", i, version)
		}
		r.write(fmt.Sprintf("s%d.slo.yaml", i), fmt.Sprintf(`service: %s
slos:
  availability:
    objective: %s
    window: 7d
    sli: {http: {metric: http_requests_total, match: {job: %[1]s}}}
`, name, []string{"99.9", "99.5"}[version]))
	}
}

func (r *robust) write(name, text string) {
	r.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644); err != nil {
		r.Fatal(err)
	}
}

func (r *robust) command(args ...string) *exec.Cmd {
	cmd := exec.Command(r.program, args...)
	cmd.Dir, cmd.Env = r.dir, append(append(os.Environ(), "PROMSLO_CACHE=off"), r.env...)
	return cmd
}

func (r *robust) generate(args ...string) {
	r.Helper()
	if out, err := r.command(append([]string{"generate"}, args...)...).CombinedOutput(); err != nil {
		r.Fatalf("%v\n%s", err, out)
	}
}

func (r *robust) read() tree {
	r.Helper()
	files := tree{}
	err := fs.WalkDir(os.DirFS(r.out), ".", func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && e.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(r.out, name))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // renamed or removed meanwhile
		}
		files[name] = sha256.Sum256(data)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return files
}

// whole checks that each file is as one of the versions has it. What waits for its
// rename is no file yet.
func (r *robust) whole(files tree) {
	r.Helper()
	for name, sum := range files {
		if strings.Contains(name, ".promslo-") {
			continue
		}
		if sum != r.made[0][name] && sum != r.made[1][name] {
			r.Errorf("%s is neither the old nor the new file", name)
		}
	}
}

// TestKilled kills runs at any moment: each file is old or new, and the next run
// makes all of them new, with nothing else left.
func TestKilled(t *testing.T) {
	r := newRobust(t, 12)
	longest := 300 * time.Millisecond
	cut := 0
	for i := range *kills {
		version := i % 2
		r.specs(12, version)
		cmd := r.command("generate")
		started := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(rand.N(longest), func() { _ = cmd.Process.Kill() })
		if err := cmd.Wait(); err != nil {
			cut++
		} else {
			longest = max(time.Since(started), 10*time.Millisecond)
		}
		timer.Stop()
		r.whole(r.read())
		r.generate()
		if got := r.read(); !maps.Equal(got, r.made[version]) {
			t.Fatalf("kill %d: the next run leaves %d files of %d, or others", i, len(got), len(r.made[version]))
		}
	}
	t.Logf("%d of %d runs were killed before their end", cut, *kills)
	if cut < *kills/4 {
		t.Errorf("only %d of %d runs were killed before their end", cut, *kills)
	}
}

// TestConcurrent lets several runs write to one directory at a time, while others read.
func TestConcurrent(t *testing.T) {
	r := newRobust(t, 6)
	for round := range 20 {
		r.specs(6, round%2)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if out, err := r.command("generate").CombinedOutput(); err != nil {
					t.Errorf("round %d: %v\n%s", round, err, out)
				}
			})
		}
		done := make(chan struct{})
		go func() { group.Wait(); close(done) }()
		for reading := true; reading; {
			select {
			case <-done:
				reading = false
			default:
			}
			r.whole(r.read())
		}
		if got := r.read(); !maps.Equal(got, r.made[round%2]) {
			t.Fatalf("round %d: %d files of %d, or others", round, len(got), len(r.made[round%2]))
		}
	}
}

// TestShuffled compares runs whose arguments come in any order, on any number of
// processors, in any time zone and language, with and without what runs before made.
func TestShuffled(t *testing.T) {
	r := newRobust(t, 12)
	cache := t.TempDir()
	specs, err := filepath.Glob(filepath.Join(r.dir, "*.slo.yaml"))
	if err != nil || len(specs) != 12 {
		t.Fatal(specs, err)
	}
	pick := func(of ...string) string { return of[rand.IntN(len(of))] }
	for i := range *shuffle {
		r.env = []string{
			"GOMAXPROCS=" + pick("1", "2", "3", "8"), "TZ=" + pick("UTC", "Asia/Kolkata", "America/New_York", "Nowhere/Else"),
			"LC_ALL=" + pick("C", "de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.eucJP"), "PROMSLO_CACHE=" + pick("off", cache),
		}
		rand.Shuffle(len(specs), func(i, j int) { specs[i], specs[j] = specs[j], specs[i] })
		args := specs
		if i%2 == 0 {
			args = []string{"."}
		}
		if i%4 < 2 {
			if err := os.RemoveAll(r.out); err != nil {
				t.Fatal(err)
			}
		}
		r.generate(args...)
		if got := r.read(); !maps.Equal(got, r.made[1]) {
			t.Fatalf("run %d, %v %v: other files", i, r.env, args)
		}
	}
}
