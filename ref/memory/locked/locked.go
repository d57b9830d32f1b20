// Package locked is a memory.Allocator whose buffers lie outside the Go heap, in pages that are locked against swapping
// (area MEM; specification section 10). It is for keys; buffers of messages are better in memory.Heap.
//
// Small buffers share pages: up to 4 KiB they come from slabs of one size each, with their book-keeping elsewhere, on the Go heap.
// Longer ones have pages of their own. Around every region lie guard pages, an access to which ends the program, and around
// every buffer canaries, which Release checks. Pages are left out of core dumps where the system can (Linux, FreeBSD). Buffers are wiped on
// release and whole regions once more before they go back to the system (MEM-001).
//
// What it does not do: it protects nothing from who may read this process's memory, nor from hibernation, which writes all memory to
// disk; and it has no part in the copies that cryptographic libraries make (see package memory).
//
// How much can be locked is up to the system: on Unix RLIMIT_MEMLOCK (`ulimit -l`), on Windows the minimum working set. More is
// memory.ErrOutOfMemory, as well as ErrNotLocked, unless Config.AllowUnlocked.
package locked

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"

	"ockamtest/ref/memory"
)

// ErrNotLocked is the error of memory that the system refuses to lock. It comes with memory.ErrOutOfMemory.
var ErrNotLocked = errors.New("locked: the system does not lock as much memory")

// maxLength is the longest buffer in bytes, far above any secret.
const maxLength = 1 << 30

// Config configures an Arena. Its zero value is ready to use.
type Config struct {
	// Limit is the most memory in bytes that is taken from the system, guard pages aside; 0 means what the system allows.
	Limit int
	// AllowUnlocked makes memory that the system does not lock good enough. Arena.Locked tells whether that happened.
	AllowUnlocked bool
}

// An Arena is a memory.Allocator over locked pages. It is made by New, safe for concurrent use, and must not be copied.
//
// A buffer of length 0 takes no room and is not counted.
type Arena struct {
	system   system
	pageSize int
	config   Config
	canary   canary

	mu       sync.Mutex // guards the fields below, and all chunks and slabs
	chunks   []*chunk
	classes  []class
	slabs    map[uintptr]*slab // by the number of each of their pages
	large    map[uintptr]large // by the address of the buffer
	stats    Stats
	unlocked bool
	fault    error // the first one
	closed   bool
}

var _ memory.Allocator = (*Arena)(nil)

// Stats are the counters of an Arena.
type Stats struct {
	Live     int // buffers allocated and not yet released
	Bytes    int // their lengths
	Mapped   int // bytes taken from the system, guard pages aside
	Unlocked int // bytes of these that are not locked
}

// New returns an arena. It takes the first pages at once, so that a system that locks nothing is noticed here.
func New(cfg Config) (*Arena, error) { return newArena(cfg, memcallSystem{}, os.Getpagesize()) }

func newArena(cfg Config, s system, pageSize int) (*Arena, error) {
	if cfg.Limit < 0 {
		return nil, errors.New("locked: negative limit in Config")
	}
	a := &Arena{
		system:   s,
		pageSize: pageSize,
		config:   cfg,
		classes:  newClasses(pageSize),
		slabs:    make(map[uintptr]*slab),
		large:    make(map[uintptr]large),
	}
	if _, err := rand.Read(a.canary[:]); err != nil {
		return nil, fmt.Errorf("new arena: %w", err)
	}
	if _, err := a.newChunk(); err != nil {
		return nil, fmt.Errorf("new arena: %w", err)
	}
	return a, nil
}

// Allocate returns n zero bytes, or an error that wraps memory.ErrOutOfMemory.
func (a *Arena) Allocate(n int) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, err := a.allocate(n)
	if err != nil {
		return nil, fmt.Errorf("allocate %d bytes: %w", n, err)
	}
	if n > 0 {
		a.stats.Live++
		a.stats.Bytes += n
	}
	return b, nil
}

func (a *Arena) allocate(n int) ([]byte, error) {
	switch {
	case a.closed:
		return nil, fmt.Errorf("%w: %w", memory.ErrClosed, memory.ErrOutOfMemory)
	case n < 0 || n > maxLength:
		return nil, memory.ErrOutOfMemory
	case n == 0:
		return []byte{}, nil
	}
	for i := range a.classes {
		if n <= a.classes[i].size {
			return a.allocateSmall(&a.classes[i], n)
		}
	}
	return a.allocateLarge(n)
}

// Release wipes the buffer that begins where b begins and takes it back. A b that is no live buffer changes nothing and is
// memory.ErrForeign in Err.
func (a *Arena) Release(b []byte) {
	if cap(b) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return // Close has wiped and reported it. The address is compared with nothing, and not touched.
	}
	n, ok := a.release(address(b))
	if !ok {
		a.report(fmt.Errorf("release %d bytes: %w", cap(b), memory.ErrForeign))
		return
	}
	a.stats.Live--
	a.stats.Bytes -= n
}

// release returns the length of the buffer that begins at an address, if there is one.
func (a *Arena) release(at uintptr) (n int, ok bool) {
	if l, is := a.large[at]; is {
		a.releaseLarge(at, l)
		return l.length, true
	}
	if s := a.slabs[at/uintptr(a.pageSize)]; s != nil {
		return a.releaseSmall(s, at)
	}
	return 0, false
}

// Locked reports whether all memory that the arena ever gave out was locked. It is false only under Config.AllowUnlocked.
func (a *Arena) Locked() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.unlocked
}

// Stats returns the counters as they are now.
func (a *Arena) Stats() Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stats
}

// Err returns the first fault seen so far, or nil: memory.ErrForeign, memory.ErrOverrun, memory.ErrLateWrite, or that the system did not
// take memory back.
func (a *Arena) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fault
}

// Close wipes everything and returns all pages to the system. It returns the first fault, and memory.ErrLeak if a buffer was not
// released; closing again returns the same. An access to a buffer afterwards ends the program; Release does nothing.
func (a *Arena) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return a.fault
	}
	a.checkAll()
	if a.stats.Live > 0 {
		leak := fmt.Errorf("%d buffers, %d bytes: %w", a.stats.Live, a.stats.Bytes, memory.ErrLeak)
		a.fault = errors.Join(a.fault, leak)
	}
	for _, c := range a.chunks {
		a.free(c.region)
	}
	for _, l := range a.large {
		a.free(l.region)
	}
	a.closed = true
	a.chunks, a.classes, a.slabs, a.large = nil, nil, nil, nil
	return a.fault
}

// report keeps the first fault. a.mu is held.
func (a *Arena) report(err error) {
	if a.fault == nil {
		a.fault = err
	}
}
