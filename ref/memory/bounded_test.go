package memory_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/memory"
)

func mustAllocate(t *testing.T, a memory.Allocator, n int) []byte {
	t.Helper()
	b, err := a.Allocate(n)
	if err != nil {
		t.Fatalf("Allocate(%d): %v", n, err)
	}
	return b
}

// MEM-002: it holds exactly its size, in units of 8 bytes, and all of it again after any order of releases.
func TestBoundedHoldsItsSize(t *testing.T) {
	b := memory.NewBounded(103) // 104 would be the next unit
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}} {
		parts := [][]byte{mustAllocate(t, b, 1), mustAllocate(t, b, 8), mustAllocate(t, b, 33), mustAllocate(t, b, 40)}
		if p, err := b.Allocate(1); !errors.Is(err, memory.ErrOutOfMemory) || p != nil {
			t.Fatalf("Allocate over the limit: %v, %v, want %v", p, err, memory.ErrOutOfMemory)
		}
		for _, i := range order {
			b.Release(parts[i])
		}
		whole := mustAllocate(t, b, 96)
		b.Release(whole)
	}
	want := memory.BoundedStats{Peak: 96, Allocations: 20, Refusals: 4}
	if got := b.Stats(); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// Room that is free but in pieces does not hold what is longer than each piece.
func TestBoundedFragments(t *testing.T) {
	b := memory.NewBounded(64)
	first, second, third := mustAllocate(t, b, 24), mustAllocate(t, b, 16), mustAllocate(t, b, 24)
	b.Release(first)
	b.Release(third)
	if _, err := b.Allocate(25); !errors.Is(err, memory.ErrOutOfMemory) {
		t.Errorf("Allocate: %v, want %v", err, memory.ErrOutOfMemory)
	}
	b.Release(mustAllocate(t, b, 24))
	b.Release(second)
	b.Release(mustAllocate(t, b, 64))
}

func TestBoundedWithoutRoom(t *testing.T) {
	for _, size := range []int{-1, 0, 7} {
		b := memory.NewBounded(size)
		if _, err := b.Allocate(1); !errors.Is(err, memory.ErrOutOfMemory) {
			t.Errorf("size %d: Allocate: %v, want %v", size, err, memory.ErrOutOfMemory)
		}
		b.Release(mustAllocate(t, b, 0))
		b.Release([]byte{1})
		if err := b.Close(); !errors.Is(err, memory.ErrForeign) {
			t.Errorf("size %d: Close: %v, want %v", size, err, memory.ErrForeign)
		}
	}
}

func TestBoundedFaults(t *testing.T) {
	tests := []struct {
		name string
		do   func(b *memory.Bounded, p []byte)

		early, want error // before Close and by Close
	}{
		{"none", func(b *memory.Bounded, p []byte) { b.Release(p) }, nil, nil},
		{"front only", func(b *memory.Bounded, p []byte) { b.Release(p[:1:1]) }, nil, nil},
		{"twice", func(b *memory.Bounded, p []byte) { b.Release(p); b.Release(p) }, memory.ErrForeign, memory.ErrForeign},
		{"foreign", func(b *memory.Bounded, p []byte) { b.Release(bytes.Clone(p)); b.Release(p) }, memory.ErrForeign, memory.ErrForeign},
		{"resliced", func(b *memory.Bounded, p []byte) { b.Release(p[1:]); b.Release(p) }, memory.ErrForeign, memory.ErrForeign},
		{"resliced by a unit", func(b *memory.Bounded, p []byte) { b.Release(p[8:]); b.Release(p) }, memory.ErrForeign, memory.ErrForeign},
		{"late write", func(b *memory.Bounded, p []byte) { b.Release(p); p[15] = 1 }, memory.ErrLateWrite, memory.ErrLateWrite},
		{"leak", func(*memory.Bounded, []byte) {}, nil, memory.ErrLeak},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := memory.NewBounded(256)
			p := mustAllocate(t, b, 16)
			test.do(b, p)
			if err := b.Err(); !errors.Is(err, test.early) {
				t.Errorf("Err = %v, want %v", err, test.early)
			}
			for range 2 {
				if err := b.Close(); !errors.Is(err, test.want) {
					t.Errorf("Close = %v, want %v", err, test.want)
				}
			}
			if !bytes.Equal(p, make([]byte, 16)) {
				t.Errorf("after Close the buffer holds %x", p)
			}
		})
	}
}

// A late write is seen, and kept from the next user, when its place is allocated again.
func TestBoundedLateWriteIsWiped(t *testing.T) {
	b := memory.NewBounded(64)
	p := mustAllocate(t, b, 32)
	b.Release(p)
	p[31] = 1
	if q := mustAllocate(t, b, 32); !bytes.Equal(q, make([]byte, 32)) {
		t.Errorf("a new buffer holds %x", q)
	}
	if err := b.Err(); !errors.Is(err, memory.ErrLateWrite) {
		t.Errorf("Err = %v, want %v", err, memory.ErrLateWrite)
	}
}

func TestBoundedCountsUnwiped(t *testing.T) {
	b := memory.NewBounded(64)
	for _, wiped := range []bool{true, false, false} {
		p := mustAllocate(t, b, 32)
		p[31] = 1
		if wiped {
			memory.Wipe(p)
		}
		b.Release(p)
	}
	if got := b.Stats().Unwiped; got != 2 {
		t.Errorf("%d buffers unwiped, want 2", got)
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close: %v: that users leave wiping to Release is no fault", err)
	}
}

func TestBoundedClosed(t *testing.T) {
	b := memory.NewBounded(64)
	p := mustAllocate(t, b, 32)
	if err := b.Close(); !errors.Is(err, memory.ErrLeak) {
		t.Errorf("Close = %v, want %v", err, memory.ErrLeak)
	}
	for _, n := range []int{0, 1, -1} {
		q, err := b.Allocate(n)
		if !errors.Is(err, memory.ErrClosed) || !errors.Is(err, memory.ErrOutOfMemory) || q != nil {
			t.Errorf("Allocate(%d) = %v, %v, want %v", n, q, err, memory.ErrClosed)
		}
	}
	b.Release(p)
	if err := b.Err(); errors.Is(err, memory.ErrForeign) {
		t.Errorf("Err = %v", err)
	}
}
