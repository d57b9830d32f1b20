package channel

// Sizes of the receive window W (REC-008).
const (
	MinWindow     = 32
	MaxWindow     = 1024
	DefaultWindow = 256
)

// A window is the receive counters of a direction on datagrams (REC-008): the highest that verified, and which of those behind it did.
// The zero window has seen none. It moves only when accept is called, after a tag has verified.
//
// The bitmap is a ring: counter n is bit n%MaxWindow. It holds the MaxWindow counters below next; older ones are out of every window.
type window struct {
	next uint64 // N+1: one above the highest counter that verified
	ring [MaxWindow / 64]uint64
}

// candidates are the counters that are tried, next apart: N-W+1 to N+W, and never below 0; the caller clips them at the highest counter. N
// and others that were received are among them, so that a replay is known for one (REC-007).
func (w *window) candidates(size uint64) (from, to uint64) {
	return w.next - min(w.next, size), w.next - 1 + size // N = -1 before any: 0 to W-1
}

// received reports whether n, one of the candidates, has verified before.
func (w *window) received(n uint64) bool {
	return n < w.next && w.ring[n/64%uint64(len(w.ring))]&(1<<(n%64)) != 0
}

// accept marks n, one of the candidates, as received.
func (w *window) accept(n uint64) {
	for ; w.next <= n; w.next++ { // those that are passed over are free again: the ring had older ones there
		w.ring[w.next/64%uint64(len(w.ring))] &^= 1 << (w.next % 64)
	}
	w.ring[n/64%uint64(len(w.ring))] |= 1 << (n % 64)
}
