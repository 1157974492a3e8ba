package schema

import (
	"os"
	"syscall"
)

// maxMemory is how many bytes a process had at most.
func maxMemory(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss << 10
}
