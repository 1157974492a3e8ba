package read

import (
	"fmt"
	"runtime/metrics"
	"time"
)

// Limits of the evaluation of one CUE file. A normal spec takes some milliseconds and less
// than a megabyte.
const (
	maxCPUTime = 800 * time.Millisecond // CPU time, so that the load of the machine does not count
	maxHeap    = 256 << 20              // growth in bytes
)

// runGuarded runs f, and returns the exceeded limit or "". After that f continues in the
// background.
func runGuarded(deadline time.Duration, f func()) string {
	done := make(chan struct{})
	start, before := cpuTime(), heap()
	go func() {
		defer close(done)
		f()
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return ""
		case <-tick.C:
			if cpuTime()-start > deadline {
				return fmt.Sprintf("it takes more than %s", deadline)
			}
			if heap() > before+maxHeap {
				return fmt.Sprintf("it takes more than %d MiB of memory", maxHeap>>20)
			}
		}
	}
}

// heap returns the bytes of all objects on the heap.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
