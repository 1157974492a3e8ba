package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestFullDisk lets the disk be full after each page, and after each file.
func TestFullDisk(t *testing.T) {
	if os.Getenv("PROMSLO_OWN_MOUNTS") == "" {
		inside := exec.Command("unshare", "-rm", os.Args[0], "-test.run", "^TestFullDisk$")
		inside.Env = append(os.Environ(), "PROMSLO_OWN_MOUNTS=1")
		if err := exec.Command("unshare", "-rm", "true").Run(); err != nil {
			t.Skip("this user may not mount anything: ", err)
		}
		if out, err := inside.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	r := newRobust(t, 1)
	if err := os.RemoveAll(r.out); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(r.out, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", r.out, "tmpfs", 0, "size=64m,nr_inodes=10000"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Unmount(r.out, 0) }()
	steps := func(option string, used, step int) (failed int) {
		for limit := used; ; limit += step {
			_ = syscall.Mount("none", r.out, "tmpfs", syscall.MS_REMOUNT, "size=64m,nr_inodes=10000")
			r.specs(1, 0)
			r.generate()
			r.specs(1, 1)
			if err := syscall.Mount("none", r.out, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf(option, limit)); err != nil {
				t.Fatalf(option+": %v", limit, err)
			}
			out, err := r.command("generate").CombinedOutput()
			got := r.read()
			if err == nil {
				if !maps.Equal(got, r.made[1]) {
					t.Fatalf("%d: success, and other files", limit)
				}
				return failed
			}
			failed++
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 2 || !bytes.Contains(out, []byte("no space left on device")) {
				t.Fatalf("%v\n%s", err, out)
			}
			if !maps.Equal(got, r.made[0]) {
				t.Fatalf("%d: the files are not all as before: %d of %d", limit, len(got), len(r.made[0]))
			}
		}
	}
	r.specs(1, 0)
	r.generate()
	var stat syscall.Statfs_t
	if err := syscall.Statfs(r.out, &stat); err != nil {
		t.Fatal(err)
	}
	page := int(stat.Bsize)
	pages := steps("size=%d,nr_inodes=10000", int(stat.Blocks-stat.Bfree)*page, page)
	inodes := steps("size=64m,nr_inodes=%d", len(r.made[0])+4, 1) // with the directories
	t.Logf("full at %d pages and %d files", pages, inodes)
	if pages < 20 || inodes < 4 {
		t.Errorf("the disk was full at %d pages and %d files only", pages, inodes)
	}
}
