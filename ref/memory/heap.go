package memory

import (
	"fmt"
	"runtime"
)

// maxHeap is the longest buffer of Heap in bytes. No secret is as long, and make would panic at some length above.
const maxHeap = 1 << 30

// Heap is the default Allocator: buffers come from the Go heap and Release wipes them (MEM-001). It keeps no state,
// and refuses only lengths below 0 and above 1 GiB.
type Heap struct{}

var _ Allocator = Heap{}

// Allocate returns n zero bytes.
func (Heap) Allocate(n int) ([]byte, error) {
	if n < 0 || n > maxHeap {
		return nil, fmt.Errorf("allocate %d bytes: %w", n, ErrOutOfMemory)
	}
	return make([]byte, n), nil
}

// Release wipes the whole capacity of b and leaves it to the garbage collector.
func (Heap) Release(b []byte) { Wipe(b[:cap(b)]) }

// Wipe sets every byte of b, up to its length, to zero. The compiler does not remove it, even when b is not used again.
func Wipe(b []byte) {
	clear(b)
	// Without a later use the stores would be dead and could be removed.
	runtime.KeepAlive(b)
}
