//go:build !linux

package sandbox

import "syscall"

// procAttributes are empty: the child exits at the end of its input.
func procAttributes() *syscall.SysProcAttr { return nil }

// addressSpace returns an estimate of the address space of a Go program at its start, in
// bytes.
func addressSpace() uint64 { return 1 << 30 }
