package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := &progress{out: &b, noun: "tests"} // the interval has passed
	p.show(3, 40)
	p.show(4, 40) // too soon
	p.end()
	p.show(5, 40)
	if b.String() != "\r\x1b[K3/40 tests\r\x1b[K" {
		t.Errorf("%q", b.String())
	}

	b.Reset()
	p = newProgress(streams{err: &b}, "tests")
	p.show(1, 2)
	p.end()
	if b.Len() > 0 {
		t.Errorf("%q", b.String())
	}
}

func TestRewritable(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	_, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if interactive(file) || interactive(pipe) || interactive(&bytes.Buffer{}) {
		t.Error("no terminal")
	}
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer terminal.Close()
	if !interactive(terminal) {
		t.Error("a terminal")
	}
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if interactive(terminal) {
				t.Error("interactive")
			}
		})
	}
}
