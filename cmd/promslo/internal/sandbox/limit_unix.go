//go:build linux || darwin

package sandbox

import "syscall"

// limit sets limits for this process. macOS does not know all of them: there the
// watchdog alone has to do.
func limit() {
	for what, most := range map[int]uint64{
		syscall.RLIMIT_AS:     addressSpace() + maxMemory,
		syscall.RLIMIT_CPU:    maxCPU,
		syscall.RLIMIT_CORE:   0,
		syscall.RLIMIT_NOFILE: 0, // nothing can be opened
	} {
		_ = syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most})
	}
}
