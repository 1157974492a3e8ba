package sandbox

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// procAttributes kill the child when the parent ends, even if it is killed.
func procAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// addressSpace returns the address space of this process in bytes.
func addressSpace() uint64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		size, _, _ := bytes.Cut(data, []byte(" "))
		if pages, err := strconv.ParseUint(string(size), 10, 64); err == nil {
			return pages * uint64(os.Getpagesize())
		}
	}
	return 1 << 30
}
