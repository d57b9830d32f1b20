package locked

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"unsafe"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
)

// newTestArena returns an arena for tests that do not depend on locking, which the system may not allow.
func newTestArena(t testing.TB, cfg Config) *Arena {
	t.Helper()
	cfg.AllowUnlocked = true
	a, err := New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() { _ = a.Close() }) // the test closes it, if it wants to know
	return a
}

// newLockedArena returns an arena that can lock n bytes, or skips the test.
func newLockedArena(t testing.TB, n int) *Arena {
	t.Helper()
	probe := newTestArena(t, Config{})
	probe.Release(mustAllocate(t, probe, n))
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	if !probe.Locked() {
		t.Skipf("this system locks less than %d bytes%s", n, lockLimit())
	}
	a, err := New(Config{})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func mustAllocate(t testing.TB, a *Arena, n int) []byte {
	t.Helper()
	b, err := a.Allocate(n)
	if err != nil {
		t.Fatalf("Allocate(%d): %v", n, err)
	}
	return b
}

// Every kind of buffer: the classes, and longer ones.
func lengths() []int {
	return []int{1, 16, 31, 32, 33, 64, 100, 200, 256, 1000, 1024, 4000, 4096, 4097, 65536, 65535}
}

func TestContract(t *testing.T) {
	const limit = 2 * memorytest.Room
	t.Run("locked", func(t *testing.T) {
		newLockedArena(t, limit+chunkSize) // or the test is skipped
		memorytest.Run(t, func(t *testing.T) memory.Allocator {
			a, err := New(Config{Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			return a
		})
	})
	t.Run("unlocked", func(t *testing.T) {
		memorytest.Run(t, func(t *testing.T) memory.Allocator {
			a, err := newArena(Config{Limit: limit, AllowUnlocked: true}, &failing{failLocks: true}, os.Getpagesize())
			if err != nil {
				t.Fatal(err)
			}
			return a
		})
	})
}

// Other systems have pages of other sizes. These are multiples of this system's.
func TestContractWithLargePages(t *testing.T) {
	for _, pageSize := range []int{16 << 10, 64 << 10} {
		if pageSize%os.Getpagesize() != 0 {
			continue
		}
		t.Run(fmt.Sprint(pageSize), func(t *testing.T) {
			memorytest.Run(t, func(t *testing.T) memory.Allocator {
				a, err := newArena(Config{AllowUnlocked: true}, &largePages{pageSize: pageSize}, pageSize)
				if err != nil {
					t.Fatal(err)
				}
				return a
			})
		})
	}
}

// statsOf returns the counters, whatever the system locks.
func statsOf(a *Arena) Stats {
	s := a.Stats()
	s.Unlocked = 0
	return s
}

// Small secrets share pages: a thousand keys need one chunk, and their pages can be used again for others.
func TestSmallBuffersSharePages(t *testing.T) {
	a := newTestArena(t, Config{Limit: chunkSize})
	for _, test := range []struct{ length, count int }{{32, 1000}, {200, 200}, {4096, 14}, {32, 1000}, {64, 700}} {
		var all [][]byte
		for range test.count {
			all = append(all, mustAllocate(t, a, test.length))
		}
		want := Stats{Live: test.count, Bytes: test.count * test.length, Mapped: chunkSize}
		if got := statsOf(a); got != want {
			t.Errorf("stats %+v, want %+v", got, want)
		}
		for _, b := range all {
			a.Release(b)
		}
	}
	if err := a.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// Memory goes back to the system when it is not needed, except for one chunk.
func TestPagesGoBack(t *testing.T) {
	a := newTestArena(t, Config{})
	var all [][]byte
	for range 10 {
		for _, n := range lengths() {
			all = append(all, mustAllocate(t, a, n))
		}
	}
	for _, b := range all {
		a.Release(b)
	}
	if got, want := statsOf(a), (Stats{Mapped: chunkSize}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	if err := a.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if got := a.Stats().Mapped; got != 0 {
		t.Errorf("%d bytes mapped after Close", got)
	}
}

// readable reports whether a read of the byte at an address does not fault.
func readable(at unsafe.Pointer) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	fill := *(*byte)(at)
	runtime.KeepAlive(fill)
	return true
}

// An access beside a region faults: the guard pages are there, and only there.
func TestGuardPages(t *testing.T) {
	a := newTestArena(t, Config{})
	b := mustAllocate(t, a, 10000)
	regions := []region{a.chunks[0].region, a.large[address(b)].region}
	for _, r := range regions {
		front, size := unsafe.Pointer(unsafe.SliceData(r.body)), len(r.body)
		for _, test := range []struct {
			offset int
			want   bool
		}{{-a.pageSize, false}, {-1, false}, {0, true}, {size - 1, true}, {size, false}, {size + a.pageSize - 1, false}} {
			if got := readable(unsafe.Add(front, test.offset)); got != test.want {
				t.Errorf("region of %d bytes, byte %d: readable %t, want %t", size, test.offset, got, test.want)
			}
		}
	}
	a.Release(b)
	if readable(unsafe.Pointer(unsafe.SliceData(b))) {
		t.Error("a long buffer can be read after its release")
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if readable(unsafe.Pointer(unsafe.SliceData(regions[0].body))) {
		t.Error("a chunk can be read after Close")
	}
}

// write changes a byte at an offset from the start of b, which may lie beside it.
func write(b []byte, offset int) {
	*(*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), offset)) ^= 0x55
}

// A write beside a buffer, by code that no bounds check holds, is reported; the other buffers stay as they are.
func TestOverrun(t *testing.T) {
	for _, n := range lengths() {
		offsets := []int{-1, -canarySize, n}
		if rest := n % canarySize; rest > 0 {
			offsets = append(offsets, n+canarySize-rest-1)
		} else if n <= small {
			offsets = append(offsets, n+canarySize-1)
		} else {
			offsets = offsets[:2] // The guard page comes next.
		}
		for _, offset := range offsets {
			for _, byClose := range []bool{false, true} {
				a := newTestArena(t, Config{})
				before, b, after := mustAllocate(t, a, n), mustAllocate(t, a, n), mustAllocate(t, a, n)
				write(b, offset)
				if !byClose {
					a.Release(b)
					if err := a.Err(); !errors.Is(err, memory.ErrOverrun) {
						t.Errorf("%d bytes, write at %d: Err = %v, want %v", n, offset, err, memory.ErrOverrun)
					}
				}
				if !bytes.Equal(before, make([]byte, n)) || !bytes.Equal(after, make([]byte, n)) {
					t.Errorf("%d bytes, write at %d: the write met another buffer", n, offset)
				}
				if err := a.Close(); !errors.Is(err, memory.ErrOverrun) {
					t.Errorf("%d bytes, write at %d: Close = %v, want %v", n, offset, err, memory.ErrOverrun)
				}
			}
		}
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name        string
		do          func(a *Arena, p []byte)
		early, want error // before Close and by Close
	}{
		{"none", func(a *Arena, p []byte) { a.Release(p) }, nil, nil},
		{"front only", func(a *Arena, p []byte) { a.Release(p[:1:1]) }, nil, nil},
		{"twice", func(a *Arena, p []byte) { a.Release(p); a.Release(p) }, memory.ErrForeign, memory.ErrForeign},
		{"foreign", func(a *Arena, p []byte) { a.Release(bytes.Clone(p)); a.Release(p) }, memory.ErrForeign, memory.ErrForeign},
		{"resliced", func(a *Arena, p []byte) { a.Release(p[1:]) }, memory.ErrForeign, memory.ErrLeak},
		{"resliced by a unit", func(a *Arena, p []byte) { a.Release(p[16:]) }, memory.ErrForeign, memory.ErrLeak},
		{"leak", func(*Arena, []byte) {}, nil, memory.ErrLeak},
	}
	for _, test := range tests {
		for _, n := range []int{17, 32, 100, 256, 4096, 4097, 70000} {
			t.Run(fmt.Sprintf("%s/%d", test.name, n), func(t *testing.T) {
				a := newTestArena(t, Config{})
				neighbour, p := mustAllocate(t, a, n), mustAllocate(t, a, n)
				test.do(a, p)
				if err := a.Err(); !errors.Is(err, test.early) {
					t.Errorf("Err = %v, want %v", err, test.early)
				}
				live := 1
				if errors.Is(test.want, memory.ErrLeak) {
					live = 2
				}
				if s := a.Stats(); s.Live != live || s.Bytes != live*n {
					t.Errorf("stats %+v, want %d live", s, live)
				}
				a.Release(neighbour)
				for range 2 {
					if err := a.Close(); !errors.Is(err, test.want) || test.early != nil && !errors.Is(err, test.early) {
						t.Errorf("Close = %v, want %v", err, test.want)
					}
				}
				if readable(unsafe.Pointer(unsafe.SliceData(p))) {
					t.Error("the buffer can be read after Close")
				}
			})
		}
	}
}

// A late write is seen, and kept from the next user, whether or not the slot's pages were freed in between.
func TestLateWrite(t *testing.T) {
	for _, n := range lengths() {
		if n > small {
			continue // the pages are gone: a late write ends the program
		}
		for _, held := range []bool{false, true} {
			a := newTestArena(t, Config{})
			if held {
				mustAllocate(t, a, n)
			}
			p := mustAllocate(t, a, n)
			a.Release(p)
			p[n-1] = 1
			if q := mustAllocate(t, a, n); !bytes.Equal(q, make([]byte, n)) {
				t.Errorf("%d bytes: a new buffer is not zero", n)
			}
			if err := a.Err(); !errors.Is(err, memory.ErrLateWrite) {
				t.Errorf("%d bytes: Err = %v, want %v", n, err, memory.ErrLateWrite)
			}
			_ = a.Close() // which reports the same
		}
		a := newTestArena(t, Config{})
		p := mustAllocate(t, a, n)
		a.Release(p)
		p[0] = 1
		if err := a.Close(); !errors.Is(err, memory.ErrLateWrite) {
			t.Errorf("%d bytes: Close = %v, want %v", n, err, memory.ErrLateWrite)
		}
	}
}

// A late write is seen also where pages that were freed get a canary next.
func TestLateWriteUnderCanary(t *testing.T) {
	a := newTestArena(t, Config{})
	first, second := mustAllocate(t, a, 32), mustAllocate(t, a, 32)
	a.Release(first)
	a.Release(second)
	second[31] = 1 // the second of 32 bytes ends where the canary of the first of 64 does
	mustAllocate(t, a, 64)
	if err := a.Err(); !errors.Is(err, memory.ErrLateWrite) {
		t.Errorf("Err = %v, want %v", err, memory.ErrLateWrite)
	}
	_ = a.Close() // reports the same
}

func TestClosed(t *testing.T) {
	a := newTestArena(t, Config{})
	p, q := mustAllocate(t, a, 32), mustAllocate(t, a, 5000)
	if err := a.Close(); !errors.Is(err, memory.ErrLeak) {
		t.Errorf("Close = %v, want %v", err, memory.ErrLeak)
	}
	for _, n := range []int{0, 1, -1, 5000} {
		b, err := a.Allocate(n)
		if !errors.Is(err, memory.ErrClosed) || !errors.Is(err, memory.ErrOutOfMemory) || b != nil {
			t.Errorf("Allocate(%d) = %v, %v, want %v", n, b, err, memory.ErrClosed)
		}
	}
	a.Release(p)
	a.Release(q)
	if err := a.Err(); errors.Is(err, memory.ErrForeign) {
		t.Errorf("Err = %v", err)
	}
}

func TestNewRefusesNegativeLimit(t *testing.T) {
	if a, err := New(Config{Limit: -1}); err == nil || a != nil {
		t.Errorf("New = %v, %v", a, err)
	}
	if a, err := New(Config{Limit: chunkSize - 1}); !errors.Is(err, memory.ErrOutOfMemory) || a != nil {
		t.Errorf("New with a limit below one chunk = %v, %v, want %v", a, err, memory.ErrOutOfMemory)
	}
}

func BenchmarkAllocateRelease(b *testing.B) {
	for _, n := range []int{32, 4096, 65535} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := newTestArena(b, Config{})
			mustAllocate(b, a, n) // as the static key of a channel does
			b.ReportAllocs()
			for b.Loop() {
				a.Release(mustAllocate(b, a, n))
			}
		})
	}
}
