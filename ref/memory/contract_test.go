package memory_test

import (
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
)

func TestContract(t *testing.T) {
	for name, newAllocator := range map[string]func() memory.Allocator{
		"heap":    func() memory.Allocator { return memory.Heap{} },
		"bounded": func() memory.Allocator { return memory.NewBounded(memorytest.Room + memorytest.Room/4) },
	} {
		t.Run(name, func(t *testing.T) {
			memorytest.Run(t, func(*testing.T) memory.Allocator { return newAllocator() })
		})
	}
}
