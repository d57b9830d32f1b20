package software

import (
	"errors"
	"math"
	"testing"

	"ockamtest/ref/vault"
)

func insert(t *testing.T, table *table) (index, generation uint32) {
	t.Helper()
	index, generation, err := table.insert(secret{})
	if err != nil {
		t.Fatalf("insert: %v", err)
	}
	return index, generation
}

func TestTableReusesSlots(t *testing.T) {
	var table table
	a, generationA := insert(t, &table)
	b, _ := insert(t, &table)
	table.remove(a)
	c, generationC := insert(t, &table)
	if c != a || generationC != generationA+1 || len(table.slots) != 2 {
		t.Errorf("slot %d generation %d of %d, want %d, %d, 2", c, generationC, len(table.slots), a, generationA+1)
	}
	if table.get(a, generationA) != nil {
		t.Error("the old handle is still good")
	}
	if table.get(c, generationC) == nil || table.get(b, 1) == nil {
		t.Error("a live handle is refused")
	}
	if table.get(a, 0) != nil || table.get(2, 1) != nil || table.get(math.MaxUint32, 1) != nil {
		t.Error("a handle that was never issued is good")
	}
}

// VAULT-001: a slot is given up before its generations start again.
func TestTableRetiresSlots(t *testing.T) {
	var table table
	a, _ := insert(t, &table)
	table.slots[a].generation = math.MaxUint32 - 1
	table.remove(a)
	last, generation := insert(t, &table)
	if last != a || generation != math.MaxUint32 {
		t.Fatalf("slot %d generation %d, want %d, %d", last, generation, a, uint32(math.MaxUint32))
	}
	table.remove(last)
	if next, generation := insert(t, &table); next == a || generation != 1 {
		t.Errorf("slot %d generation %d after the last generation of slot %d", next, generation, a)
	}
	if table.get(a, math.MaxUint32) != nil || table.get(a, 0) != nil {
		t.Error("the retired slot is still good")
	}
	if table.count != 1 {
		t.Errorf("count %d, want 1", table.count)
	}
}

func TestTableLimit(t *testing.T) {
	table := table{limit: 2}
	a, _ := insert(t, &table)
	insert(t, &table)
	if _, _, err := table.insert(secret{}); !errors.Is(err, vault.ErrExhausted) {
		t.Errorf("insert over the limit: %v, want %v", err, vault.ErrExhausted)
	}
	if table.count != 2 || len(table.slots) != 2 {
		t.Errorf("count %d, slots %d after the refusal, want 2 and 2", table.count, len(table.slots))
	}
	table.remove(a)
	insert(t, &table)
}
