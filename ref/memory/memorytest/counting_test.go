package memorytest_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
)

func allocate(t *testing.T, c *memorytest.Counting, n int) []byte {
	t.Helper()
	b, err := c.Allocate(n)
	if err != nil {
		t.Fatalf("Allocate(%d): %v", n, err)
	}
	return b
}

func TestCounts(t *testing.T) {
	var c memorytest.Counting
	a, b, empty1, empty2 := allocate(t, &c, 32), allocate(t, &c, 1), allocate(t, &c, 0), allocate(t, &c, 0)
	if c.Live() != 4 || c.Allocations() != 4 {
		t.Errorf("live %d, allocations %d, want 4 and 4", c.Live(), c.Allocations())
	}
	a[31] = 7
	for i, buffer := range [][]byte{a[:3], b, empty1, empty2} {
		c.Release(buffer)
		if c.Live() != 3-i {
			t.Errorf("live %d after %d releases", c.Live(), i+1)
		}
	}
	c.Release(nil)
	if err := c.Err(); err != nil {
		t.Errorf("Err: %v", err)
	}
	if !bytes.Equal(a, make([]byte, 32)) {
		t.Errorf("released buffer %x is not zero", a)
	}
}

func TestFailAt(t *testing.T) {
	var c memorytest.Counting
	c.FailAt(2)
	first := allocate(t, &c, 8)
	if b, err := c.Allocate(8); !errors.Is(err, memory.ErrOutOfMemory) || b != nil {
		t.Errorf("second Allocate: %v, %v, want nil, %v", b, err, memory.ErrOutOfMemory)
	}
	third := allocate(t, &c, 8)
	if c.Live() != 2 || c.Allocations() != 2 {
		t.Errorf("live %d, allocations %d, want 2 and 2", c.Live(), c.Allocations())
	}
	c.Release(first)
	c.Release(third)
	c.FailAt(1)
	c.FailAt(0)
	c.Release(allocate(t, &c, 8))
}

func TestErr(t *testing.T) {
	tests := []struct {
		name string
		do   func(c *memorytest.Counting, b []byte)
		want error
	}{
		{"none", func(c *memorytest.Counting, b []byte) { c.Release(b) }, nil},
		{"twice", func(c *memorytest.Counting, b []byte) { c.Release(b); c.Release(b) }, memory.ErrForeign},
		{"foreign", func(c *memorytest.Counting, b []byte) { c.Release(bytes.Clone(b)) }, memory.ErrForeign},
		{"resliced", func(c *memorytest.Counting, b []byte) { c.Release(b[1:]) }, memory.ErrForeign},
		{"late write", func(c *memorytest.Counting, b []byte) { c.Release(b[:1]); b[15] = 1 }, memory.ErrLateWrite},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var c memorytest.Counting
			test.do(&c, allocate(t, &c, 16))
			if err := c.Err(); !errors.Is(err, test.want) {
				t.Errorf("Err = %v, want %v", err, test.want)
			}
		})
	}
}
