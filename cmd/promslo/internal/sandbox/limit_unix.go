//go:build linux || darwin

package sandbox

import "syscall"

// setLimits sets resource limits of this process. MacOS does not support all of them: there
// only the watchdog limits it.
func setLimits() {
	for resource, value := range map[int]uint64{
		syscall.RLIMIT_AS:     addressSpace() + maxMemory,
		syscall.RLIMIT_CPU:    maxCPU,
		syscall.RLIMIT_CORE:   0,
		syscall.RLIMIT_NOFILE: 0, // nothing can be opened
	} {
		_ = syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value})
	}
}
