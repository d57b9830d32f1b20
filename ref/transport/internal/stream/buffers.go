package stream

import "sync"

// Sizes of buffers in bytes. What does not fit is read into the caller's buffer, or in pieces.
const (
	smallBuffer  = 4 << 10   // while messages come one by one
	mediumBuffer = 64 << 10  // while some come together
	largeBuffer  = 256 << 10 // while one follows the other
)

// buffers lends buffers to connections while they have something to read or to write. What nobody has needed for a while goes to the
// garbage collector. The zero value is ready, is not copied, and is safe for concurrent use.
type buffers struct {
	small, medium, large sync.Pool // of *[smallBuffer]byte and so on
	batches              sync.Pool // of *batch
	vectors              sync.Pool // of *vectors
}

// get returns a buffer of one of the sizes.
func (b *buffers) get(size int) []byte {
	switch size {
	case smallBuffer:
		if p, ok := b.small.Get().(*[smallBuffer]byte); ok {
			return p[:]
		}
	case mediumBuffer:
		if p, ok := b.medium.Get().(*[mediumBuffer]byte); ok {
			return p[:]
		}
	case largeBuffer:
		if p, ok := b.large.Get().(*[largeBuffer]byte); ok {
			return p[:]
		}
	}
	return make([]byte, size)
}

// put takes back what get returned.
func (b *buffers) put(p []byte) {
	switch len(p) {
	case smallBuffer:
		b.small.Put((*[smallBuffer]byte)(p))
	case mediumBuffer:
		b.medium.Put((*[mediumBuffer]byte)(p))
	case largeBuffer:
		b.large.Put((*[largeBuffer]byte)(p))
	}
}

// sizeFor is the size of the buffer for n bytes, if there is one so large.
func sizeFor(n int) int {
	switch {
	case n <= smallBuffer:
		return smallBuffer
	case n <= mediumBuffer:
		return mediumBuffer
	}
	return largeBuffer
}
