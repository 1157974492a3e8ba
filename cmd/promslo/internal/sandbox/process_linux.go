package sandbox

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// attributes let the child end with the parent, even if that is killed.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// addressSpace returns the bytes of address space that this process has.
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
