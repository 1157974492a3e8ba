//go:build !linux

package sandbox

import "syscall"

// attributes are none: a child whose parent has ended sees the end of its input.
func attributes() *syscall.SysProcAttr { return nil }

// addressSpace returns the bytes of address space that a Go program may have at its start.
func addressSpace() uint64 { return 1 << 30 }
