package memory_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/memory"
)

func TestHeapAllocate(t *testing.T) {
	for _, n := range []int{0, 1, 31, 32, 33, 4096, 65535} {
		b, err := memory.Heap{}.Allocate(n)
		if err != nil {
			t.Fatalf("Allocate(%d): %v", n, err)
		}
		if b == nil || len(b) != n || cap(b) != n {
			t.Errorf("Allocate(%d): nil %t, length %d, capacity %d", n, b == nil, len(b), cap(b))
		}
		if !bytes.Equal(b, make([]byte, n)) {
			t.Errorf("Allocate(%d) is not zero", n)
		}
	}
}

// MEM-002: what make would panic at.
func TestHeapRefusesImpossibleLengths(t *testing.T) {
	for _, n := range []int{-1, 1<<30 + 1} {
		b, err := memory.Heap{}.Allocate(n)
		if !errors.Is(err, memory.ErrOutOfMemory) || b != nil {
			t.Errorf("Allocate(%d) = %d bytes, %v, want none, %v", n, len(b), err, memory.ErrOutOfMemory)
		}
	}
}

// MEM-001: also the bytes beyond the length.
func TestHeapReleaseWipesCapacity(t *testing.T) {
	for _, keep := range []int{0, 1, 16, 32} {
		b, err := memory.Heap{}.Allocate(32)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			b[i] = 0xa5
		}
		memory.Heap{}.Release(b[:keep])
		if !bytes.Equal(b, make([]byte, 32)) {
			t.Errorf("released with length %d: %x is not zero", keep, b)
		}
	}
}

func TestHeapReleaseNothing(t *testing.T) {
	memory.Heap{}.Release(nil)
	memory.Heap{}.Release([]byte{})
}

func TestWipe(t *testing.T) {
	b := []byte{1, 2, 3, 4}
	memory.Wipe(b[1:3])
	if want := []byte{1, 0, 0, 4}; !bytes.Equal(b, want) {
		t.Errorf("got %v, want %v: Wipe goes up to the length, not the capacity", b, want)
	}
	memory.Wipe(nil)
}

func TestHeapAllocatesOnce(t *testing.T) {
	var a memory.Allocator = memory.Heap{}
	got := testing.AllocsPerRun(100, func() {
		b, err := a.Allocate(32)
		if err != nil {
			t.Fatal(err)
		}
		a.Release(b)
	})
	if got > 1 {
		t.Errorf("%v allocations per buffer, want 1", got)
	}
}
