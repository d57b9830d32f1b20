package software

import (
	"math"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// A secret's bytes are in the cell of its slot if they fit there. Cells come from the allocator a slab at a time, because an allocator
// may round each buffer up to pages. Nearly every secret is a key or a hash, and fits.
const (
	cellSize  = 32
	slabCells = 32
)

// A table keeps secrets in slots, and their bytes. Slots are used again, each time with the next generation, so that a handle to a
// removed secret never fits again (VAULT-001).
//
// A slot is taken first, filled next, perhaps outside the lock, and only then put: get knows what was put. Every slot that was taken is
// removed in the end, put or not. The bytes stay where they are until then.
type table struct {
	memory memory.Allocator
	limit  int // most slots taken at once; 0: no limit
	slots  []slot
	slabs  [][]byte // the cells of slots, slabCells in each
	free   uint32   // first free slot plus 1; 0: none
	count  int      // slots taken
}

type slot struct {
	secret
	put        bool
	generation uint32 // of the present secret or, in a free slot, of the last one; 0: never used
	next       uint32 // free slots: the next free slot plus 1
}

// take takes a free slot for a secret with attributes a, and returns where it is and a.Length zero bytes for the secret. It fails with
// vault.ErrExhausted, or as the allocator does (MEM-002).
func (t *table) take(a vault.Attributes) (index uint32, raw []byte, err error) {
	if t.limit > 0 && t.count >= t.limit {
		return 0, nil, vault.ErrExhausted
	}
	if t.free == 0 {
		if err := t.grow(); err != nil {
			return 0, nil, err
		}
	}
	index = t.free - 1
	if a.Length <= cellSize {
		raw = t.cell(index)[:a.Length]
	} else if raw, err = t.memory.Allocate(a.Length); err != nil {
		return 0, nil, err
	}
	taken := &t.slots[index]
	t.free = taken.next
	t.count++
	taken.generation++
	taken.attributes, taken.raw = a, raw
	return index, raw, nil
}

// grow makes free slots and their cells, in ascending order.
func (t *table) grow() error {
	first := len(t.slots)
	if uint64(first)+slabCells > math.MaxUint32 {
		return vault.ErrExhausted
	}
	slab, err := t.memory.Allocate(slabCells * cellSize)
	if err != nil {
		return err
	}
	t.slabs = append(t.slabs, slab)
	t.slots = append(t.slots, make([]slot, slabCells)...)
	for i := first; i < first+slabCells-1; i++ {
		t.slots[i].next = uint32(i) + 2
	}
	t.free = uint32(first) + 1
	return nil
}

// cell returns the cell of a slot.
func (t *table) cell(index uint32) []byte {
	start := index % slabCells * cellSize
	return t.slabs[index/slabCells][start : start+cellSize : start+cellSize]
}

// put makes the secret of a slot that was taken known, and returns its generation.
func (t *table) put(index uint32, p parsed) (generation uint32) {
	taken := &t.slots[index]
	if p != (parsed{}) {
		taken.parsed = p
	}
	taken.put = true
	return taken.generation
}

// get returns the secret that was put under index and generation, or nil if it is not there any more. The pointer is valid until the
// next take or remove.
func (t *table) get(index, generation uint32) *secret {
	if uint64(index) >= uint64(len(t.slots)) {
		return nil
	}
	if s := &t.slots[index]; s.put && s.generation == generation {
		return &s.secret
	}
	return nil
}

// remove wipes the bytes of a slot and frees it. A slot whose generations are used up is not used again.
func (t *table) remove(index uint32) {
	s := &t.slots[index]
	if cap(s.raw) > cellSize {
		t.memory.Release(s.raw)
	} else {
		memory.Wipe(t.cell(index)) // MEM-001
	}
	s.forget()
	s.put = false
	t.count--
	if s.generation < math.MaxUint32 {
		s.next = t.free
		t.free = index + 1
	}
}

// release gives all cells back. No slot is taken any more.
func (t *table) release() {
	for _, slab := range t.slabs {
		t.memory.Release(slab)
	}
	*t = table{memory: t.memory, limit: t.limit}
}
