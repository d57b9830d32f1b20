package memorytest

import (
	"fmt"
	"sync"
	"unsafe"

	"ockamtest/ref/memory"
)

// Counting is a memory.Allocator over memory.Heap that counts, checks, and refuses on request. The zero Counting is ready
// to use. It keeps every released buffer for later inspection, so its memory grows. It is safe for concurrent use and must not be
// copied.
type Counting struct {
	mu        sync.Mutex
	live      map[*byte]int // by first byte; zero-length buffers share an address, hence the count
	released  [][]byte
	count     int
	countdown int
	err       error
}

var _ memory.Allocator = (*Counting)(nil)

// FailAt makes the k-th call of Allocate from now fail, once; the calls after it succeed again. 0 cancels.
func (c *Counting) FailAt(k int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.countdown = k
}

// Allocate returns n zero bytes, or an error that wraps memory.ErrOutOfMemory when FailAt said so.
func (c *Counting) Allocate(n int) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.countdown > 0 {
		c.countdown--
		if c.countdown == 0 {
			return nil, fmt.Errorf("allocate %d bytes: refused: %w", n, memory.ErrOutOfMemory)
		}
	}
	b, err := memory.Heap{}.Allocate(n)
	if err != nil {
		return nil, err
	}
	if c.live == nil {
		c.live = make(map[*byte]int)
	}
	c.live[unsafe.SliceData(b)]++
	c.count++
	return b, nil
}

// Release wipes b and keeps it, so that Err can tell a later write.
func (c *Counting) Release(b []byte) {
	if b == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	start := unsafe.SliceData(b)
	if c.live[start] == 0 {
		c.fail(fmt.Errorf("release %d bytes: %w", cap(b), memory.ErrForeign))
		return
	}
	if c.live[start]--; c.live[start] == 0 {
		delete(c.live, start)
	}
	memory.Heap{}.Release(b)
	c.released = append(c.released, b[:cap(b)])
}

// Live returns how many buffers are allocated and not yet released.
func (c *Counting) Live() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	live := 0
	for _, n := range c.live {
		live += n
	}
	return live
}

// Allocations returns how many calls of Allocate succeeded.
func (c *Counting) Allocations() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// Err returns the first fault seen so far, one of memory.ErrForeign and memory.ErrLateWrite, or nil.
func (c *Counting) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, b := range c.released {
		for _, x := range b {
			if x != 0 {
				c.fail(fmt.Errorf("release %d, %d bytes: %w", i, len(b), memory.ErrLateWrite))
			}
		}
	}
	return c.err
}

// fail keeps the first fault.
func (c *Counting) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}
