//go:build !unix

package read

import "time"

var started = time.Now()

// processorTime returns the time since the start of the process, which is never
// less than what one processor has spent on it.
func processorTime() time.Duration { return time.Since(started) }
