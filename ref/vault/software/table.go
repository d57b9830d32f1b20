package software

import (
	"math"

	"ockamtest/ref/vault"
)

// A table keeps secrets in slots. Slots are used again, each time with the next generation, so that a handle to a
// removed secret never fits again (VAULT-001). The zero table is empty and unbounded.
type table struct {
	slots []slot
	free  uint32 // first free slot plus 1; 0: none
	count int    // secrets in the table
	limit int    // most secrets at once; 0: no limit
}

type slot struct {
	secret
	used       bool
	generation uint32 // of the present secret or, in a free slot, of the last one; 0: never used
	next       uint32 // free slots: the next free slot plus 1
}

// insert puts s into a free slot and returns where. It fails with vault.ErrExhausted.
func (t *table) insert(s secret) (index, generation uint32, err error) {
	if t.limit > 0 && t.count >= t.limit {
		return 0, 0, vault.ErrExhausted
	}
	if t.free == 0 {
		if uint64(len(t.slots)) >= math.MaxUint32 {
			return 0, 0, vault.ErrExhausted
		}
		t.slots = append(t.slots, slot{})
		t.free = uint32(len(t.slots))
	}
	index = t.free - 1
	free := &t.slots[index]
	t.free = free.next
	t.count++
	*free = slot{secret: s, used: true, generation: free.generation + 1}
	return index, free.generation, nil
}

// get returns the secret that was inserted under index and generation, or nil if it is not there any more. The pointer is
// valid until the next insert or remove.
func (t *table) get(index, generation uint32) *secret {
	if uint64(index) >= uint64(len(t.slots)) {
		return nil
	}
	if s := &t.slots[index]; s.used && s.generation == generation {
		return &s.secret
	}
	return nil
}

// remove frees the slot of a secret that get returned for index. A slot whose generations are used up is not used again.
func (t *table) remove(index uint32) {
	s := &t.slots[index]
	*s = slot{generation: s.generation}
	t.count--
	if s.generation < math.MaxUint32 {
		s.next = t.free
		t.free = index + 1
	}
}
