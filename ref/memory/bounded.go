package memory

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"unsafe"
)

// boundedAlignment is the granularity of a Bounded, in bytes: what the largest machine word needs.
const boundedAlignment = 8

// A Bounded is an Allocator over a fixed number of bytes, as a device without a heap has: it can run out, by use or by
// fragmentation (MEM-002), and it tells afterwards what its users did wrong. It takes the first free place that fits. Free bytes are
// zero at all times (MEM-001), which is how it notices writes to what was released.
//
// A buffer of length 0 takes no room and is not counted. A Bounded is made by NewBounded and must not be copied.
type Bounded struct {
	mu     sync.Mutex
	arena  []byte
	spans  []span // in order, without gaps, no two free ones side by side
	stats  BoundedStats
	fault  error // the first one
	closed bool
}

var _ Allocator = (*Bounded)(nil)

// A span is a part of the arena: a free one, or one buffer and what rounds it up.
type span struct {
	offset, size int
	length       int // of the buffer; free spans have 0
}

// BoundedStats are the counters of a Bounded.
type BoundedStats struct {
	Live        int // buffers allocated and not yet released
	Bytes       int // of the arena that they take
	Peak        int // most bytes that were ever taken
	Allocations int // calls of Allocate that took room
	Refusals    int // calls of Allocate that were refused
	Unwiped     int // buffers that were not zero when they were released; Release wiped them
}

// NewBounded returns an allocator over size bytes.
func NewBounded(size int) *Bounded {
	size = max(size, 0) / boundedAlignment * boundedAlignment
	b := &Bounded{arena: make([]byte, size)}
	if size > 0 {
		b.spans = []span{{size: size}}
	}
	return b
}

// Allocate returns n zero bytes, or an error that wraps ErrOutOfMemory when no free part of the arena is as long.
func (b *Bounded) Allocate(n int) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n == 0 && !b.closed {
		return []byte{}, nil
	}
	i, err := b.fit(n)
	if err != nil {
		b.stats.Refusals++
		return nil, fmt.Errorf("allocate %d bytes: %w", n, err)
	}
	size := roundUp(n)
	if rest := b.spans[i].size - size; rest > 0 {
		b.spans = slices.Insert(b.spans, i+1, span{offset: b.spans[i].offset + size, size: rest})
	}
	s := &b.spans[i]
	s.size, s.length = size, n
	b.checkFree(*s)
	b.stats.Live++
	b.stats.Allocations++
	b.stats.Bytes += size
	b.stats.Peak = max(b.stats.Peak, b.stats.Bytes)
	return b.arena[s.offset : s.offset+n : s.offset+n], nil
}

// fit returns the first free span that holds n bytes.
func (b *Bounded) fit(n int) (int, error) {
	if b.closed {
		return 0, fmt.Errorf("%w: %w", ErrClosed, ErrOutOfMemory)
	}
	if n >= 0 && n <= len(b.arena) {
		for i, s := range b.spans {
			if s.length == 0 && s.size >= n {
				return i, nil
			}
		}
	}
	return 0, ErrOutOfMemory
}

func roundUp(n int) int { return (n + boundedAlignment - 1) / boundedAlignment * boundedAlignment }

// Release wipes the buffer that begins where p begins and frees its room. A p that is no live buffer changes nothing and is
// ErrForeign in Err.
func (b *Bounded) Release(p []byte) {
	if cap(p) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return // Close has wiped and reported it.
	}
	i, ok := b.find(p)
	if !ok {
		b.report(fmt.Errorf("release %d bytes: %w", cap(p), ErrForeign))
		return
	}
	s := &b.spans[i]
	whole := b.arena[s.offset : s.offset+s.size]
	if !isZero(whole) {
		b.stats.Unwiped++
	}
	Wipe(whole)
	b.stats.Live--
	b.stats.Bytes -= s.size
	s.length = 0
	b.merge(i)
}

// find returns the span of the live buffer that begins where p begins.
func (b *Bounded) find(p []byte) (int, bool) {
	// A difference of addresses: below the arena it wraps around, to more than the arena has.
	distance := uintptr(unsafe.Pointer(unsafe.SliceData(p))) - uintptr(unsafe.Pointer(unsafe.SliceData(b.arena)))
	if distance >= uintptr(len(b.arena)) {
		return 0, false
	}
	i, found := slices.BinarySearchFunc(b.spans, int(distance), func(s span, offset int) int { return s.offset - offset })
	return i, found && b.spans[i].length > 0
}

// merge joins the free span i with the free ones beside it.
func (b *Bounded) merge(i int) {
	if i+1 < len(b.spans) && b.spans[i+1].length == 0 {
		b.spans[i].size += b.spans[i+1].size
		b.spans = slices.Delete(b.spans, i+1, i+2)
	}
	if i > 0 && b.spans[i-1].length == 0 {
		b.spans[i-1].size += b.spans[i].size
		b.spans = slices.Delete(b.spans, i, i+1)
	}
}

// checkFree reports and wipes what somebody wrote to a span while it was free.
func (b *Bounded) checkFree(s span) {
	if whole := b.arena[s.offset : s.offset+s.size]; !isZero(whole) {
		b.report(fmt.Errorf("in %d bytes: %w", s.size, ErrLateWrite))
		Wipe(whole)
	}
}

// Stats returns the counters as they are now.
func (b *Bounded) Stats() BoundedStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}

// Err returns the first fault seen so far, one of ErrForeign and ErrLateWrite, or nil.
func (b *Bounded) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.checkAllFree()
	return b.fault
}

// Close wipes the arena and returns the first fault, and ErrLeak if a buffer was not released; closing again returns the same
// fault. Buffers must not be used afterwards.
func (b *Bounded) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return b.fault
	}
	b.checkAllFree()
	if b.stats.Live > 0 {
		leak := fmt.Errorf("%d buffers, %d bytes: %w", b.stats.Live, b.stats.Bytes, ErrLeak)
		b.fault = errors.Join(b.fault, leak)
	}
	Wipe(b.arena)
	b.closed, b.spans = true, nil
	return b.fault
}

func (b *Bounded) checkAllFree() {
	for _, s := range b.spans {
		if s.length == 0 {
			b.checkFree(s)
		}
	}
}

// report keeps the first fault.
func (b *Bounded) report(err error) {
	if b.fault == nil {
		b.fault = err
	}
}

func isZero(p []byte) bool { return bytes.Count(p, []byte{0}) == len(p) }
