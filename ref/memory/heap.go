package memory

import (
	"fmt"
	"runtime"
)

// Heap is the default Allocator: buffers come from the Go heap and Release wipes them (MEM-001). It keeps no state,
// and refuses only a negative length.
type Heap struct{}

var _ Allocator = Heap{}

// Allocate returns n zero bytes. A negative n is ErrOutOfMemory, because no allocator can meet it.
func (Heap) Allocate(n int) ([]byte, error) {
	if n < 0 {
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
