package stream

import "sync"

const (
	// smallBuffer is what is read ahead while frames come one by one, in bytes. Larger bodies are read into the caller's buffer.
	smallBuffer = 4 << 10
	// largeBuffer is what is read ahead while many short frames come, and what a batch collects before it leaves.
	largeBuffer = 64 << 10
)

// Buffers lends buffers to connections while they have something to read or to write. What nobody has needed for a while goes to the
// garbage collector. The zero value is ready, is not copied, and is safe for concurrent use.
type Buffers struct {
	small, large sync.Pool // of *[smallBuffer]byte and *[largeBuffer]byte
}

// get returns a buffer of smallBuffer or largeBuffer bytes.
func (b *Buffers) get(size int) []byte {
	if size == largeBuffer {
		if p, ok := b.large.Get().(*[largeBuffer]byte); ok {
			return p[:]
		}
		return make([]byte, largeBuffer)
	}
	if p, ok := b.small.Get().(*[smallBuffer]byte); ok {
		return p[:]
	}
	return make([]byte, smallBuffer)
}

// put takes back what get returned, which may have been cut at its end.
func (b *Buffers) put(p []byte) {
	switch cap(p) {
	case largeBuffer:
		b.large.Put((*[largeBuffer]byte)(p[:largeBuffer]))
	case smallBuffer:
		b.small.Put((*[smallBuffer]byte)(p[:smallBuffer]))
	}
}
