package gate

import (
	"container/list"
	"context"
	"sync"
)

// A Set is the handshakes in progress, in the order of their start, and bounded: at the bound the oldest gives way (CHAN-012). It is safe for concurrent use.
type Set struct {
	limit   int
	gaveWay error

	mu     sync.Mutex
	oldest list.List // of context.CancelCauseFunc; guarded by mu
}

// NewSet makes an empty set for limit handshakes, at least one. gaveWay is the cause with which one is cancelled that gives way.
func NewSet(limit int, gaveWay error) *Set { return &Set{limit: limit, gaveWay: gaveWay} }

// Add puts a handshake into the set, for which the oldest gives way if the set is full. Once the function that it returns was called, the
// handshake does not give way any more.
func (s *Set) Add(giveWay context.CancelCauseFunc) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.oldest.Len() >= s.limit {
		cancel, _ := s.oldest.Remove(s.oldest.Front()).(context.CancelCauseFunc)
		cancel(s.gaveWay)
	}
	element := s.oldest.PushBack(giveWay)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.oldest.Remove(element) // nothing if it gave way
	}
}

// Len is how many handshakes are in progress.
func (s *Set) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oldest.Len()
}
