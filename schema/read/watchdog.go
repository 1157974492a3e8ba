package read

import (
	"fmt"
	"runtime/metrics"
	"time"
)

// What the evaluation of one CUE file may cost. An honest spec takes some
// milliseconds and well below a megabyte.
const (
	maxTime = 800 * time.Millisecond // of the processors: how busy a machine is does not count
	maxHeap = 256 << 20              // growth in bytes
)

// guard runs f, which evaluates CUE, and returns why it had to be given up, or
// "". An f that was given up goes on in the background.
func guard(deadline time.Duration, f func()) string {
	done := make(chan struct{})
	start, before := processorTime(), heap()
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
			if processorTime()-start > deadline {
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
