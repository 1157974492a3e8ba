//go:build !linux

package schema

import "os"

// maxMemory is not known here: Windows does not say, and macOS counts otherwise.
func maxMemory(*os.ProcessState) int64 { return 0 }
