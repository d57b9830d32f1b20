package ref

import (
	"container/list"
	"context"
	"sync"

	"ockamtest/ref/node"
)

// DefaultHalfOpen is how many handshakes of a listener may be in progress at once (CHAN-012).
const DefaultHalfOpen = 1024

// ErrGaveWay is the error of a handshake that was the oldest of too many and gave way to a new one (CHAN-012). It is node.ErrGaveWay.
var ErrGaveWay = node.ErrGaveWay

// A halfOpen is the bounded set of handshakes in progress. It is safe for concurrent use.
type halfOpen struct {
	limit int

	mu     sync.Mutex
	oldest list.List // of context.CancelCauseFunc, in the order of their start; guarded by mu
}

// add puts a handshake into the set, for which the oldest gives way if the set is full. Once the function that it returns was called, the
// handshake does not give way any more.
func (h *halfOpen) add(giveWay context.CancelCauseFunc) (remove func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.oldest.Len() >= h.limit {
		cancel, _ := h.oldest.Remove(h.oldest.Front()).(context.CancelCauseFunc)
		cancel(ErrGaveWay)
	}
	element := h.oldest.PushBack(giveWay)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.oldest.Remove(element) // nothing if it gave way
	}
}
