//go:build unix

package project

import (
	"os"
	"syscall"
)

// sameOwner reports whether two paths have the same owner. A missing a counts as the same,
// a missing b does not.
func sameOwner(a, b string) bool {
	infoA, errA := os.Lstat(a)
	infoB, errB := os.Lstat(b)
	if errA != nil || errB != nil {
		return errA != nil && errB == nil || a == b
	}
	statA, okA := infoA.Sys().(*syscall.Stat_t)
	statB, okB := infoB.Sys().(*syscall.Stat_t)
	return okA && okB && statA.Uid == statB.Uid
}
