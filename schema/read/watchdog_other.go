//go:build !unix

package read

import "time"

var started = time.Now()

// cpuTime returns the time since the start of the process, an upper bound of the CPU time
// on one core.
func cpuTime() time.Duration { return time.Since(started) }
