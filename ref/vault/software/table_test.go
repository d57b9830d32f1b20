package software

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
)

// insert takes a slot and puts a secret of n bytes 0xa5 there.
func insert(t *testing.T, table *table, n int) (index, generation uint32) {
	t.Helper()
	index, raw, err := table.take(vault.Attributes{Type: vault.Buffer, Length: n})
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	if len(raw) != n || !bytes.Equal(raw, make([]byte, n)) {
		t.Fatalf("take: %x, want %d zero bytes", raw, n)
	}
	for i := range raw {
		raw[i] = 0xa5
	}
	return index, table.put(index, parsed{})
}

func TestTableReusesSlots(t *testing.T) {
	table := table{memory: memory.Heap{}}
	a, generationA := insert(t, &table, 32)
	b, generationB := insert(t, &table, 32)
	table.remove(a)
	c, generationC := insert(t, &table, 32)
	if c != a || generationC != generationA+1 || b == a {
		t.Errorf("slot %d generation %d, want %d, %d", c, generationC, a, generationA+1)
	}
	if table.get(a, generationA) != nil {
		t.Error("the old handle is still good")
	}
	if table.get(c, generationC) == nil || table.get(b, generationB) == nil {
		t.Error("a live handle is refused")
	}
	if table.get(a, 0) != nil || table.get(b+1, 0) != nil || table.get(b+1, 1) != nil || table.get(math.MaxUint32, 1) != nil {
		t.Error("a handle that was never issued is good")
	}
}

// A slot that is only taken is nobody's secret.
func TestTableTakenIsNotPut(t *testing.T) {
	table := table{memory: memory.Heap{}}
	index, _, err := table.take(vault.Attributes{Type: vault.Buffer, Length: 1})
	if err != nil {
		t.Fatal(err)
	}
	generation := table.slots[index].generation
	if table.get(index, generation) != nil {
		t.Error("a handle to a slot that is taken is good")
	}
	table.remove(index)
	if next, g := insert(t, &table, 1); next != index || g != generation+1 || table.count != 1 {
		t.Errorf("slot %d generation %d, count %d, want %d, %d, 1", next, g, table.count, index, generation+1)
	}
}

// VAULT-001: a slot is given up before its generations start again.
func TestTableRetiresSlots(t *testing.T) {
	table := table{memory: memory.Heap{}}
	a, _ := insert(t, &table, 1)
	table.slots[a].generation = math.MaxUint32 - 1
	table.remove(a)
	last, generation := insert(t, &table, 1)
	if last != a || generation != math.MaxUint32 {
		t.Fatalf("slot %d generation %d, want %d, %d", last, generation, a, uint32(math.MaxUint32))
	}
	table.remove(last)
	if next, generation := insert(t, &table, 1); next == a || generation != 1 {
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
	table := table{memory: memory.Heap{}, limit: 2}
	a, _ := insert(t, &table, 1)
	insert(t, &table, 1)
	if _, _, err := table.take(vault.Attributes{Type: vault.Buffer, Length: 1}); !errors.Is(err, vault.ErrExhausted) {
		t.Errorf("take over the limit: %v, want %v", err, vault.ErrExhausted)
	}
	if table.count != 2 {
		t.Errorf("count %d after the refusal, want 2", table.count)
	}
	table.remove(a)
	insert(t, &table, 1)
}

// MEM-001: every secret has bytes of its own, from the allocator, that are wiped when it is removed; those of other secrets are not.
func TestTableCells(t *testing.T) {
	var m memorytest.Counting
	table := table{memory: &m}
	const secrets = 3 * slabCells
	sizes := []int{0, 1, 16, 31, 32, 33, 100}
	type place struct {
		index, generation uint32
		raw               []byte
	}
	var places []place
	long := 0
	for i := range secrets {
		index, generation := insert(t, &table, sizes[i%len(sizes)])
		s := table.get(index, generation)
		for j := range s.raw {
			s.raw[j] = byte(i)
		}
		places = append(places, place{index, generation, s.raw})
		if len(s.raw) > cellSize {
			long++
		}
	}
	if want := 3 + long; m.Live() != want {
		t.Errorf("%d buffers, want %d", m.Live(), want)
	}
	for i, p := range places {
		if want := bytes.Repeat([]byte{byte(i)}, len(p.raw)); !bytes.Equal(table.get(p.index, p.generation).raw, want) {
			t.Fatalf("secret %d is %x, want %x", i, p.raw, want)
		}
		table.remove(p.index)
		if !bytes.Equal(p.raw, make([]byte, len(p.raw))) {
			t.Fatalf("secret %d after its removal: %x", i, p.raw)
		}
	}
	if m.Live() != 3 || table.count != 0 {
		t.Errorf("%d buffers, %d secrets after all were removed, want 3 and 0", m.Live(), table.count)
	}
	insert(t, &table, 32)
	if m.Live() != 3 {
		t.Error("free cells are not used again")
	}
	table.remove(places[0].index)
	table.release()
	if err := m.Err(); m.Live() != 0 || err != nil {
		t.Errorf("%d buffers after release, %v", m.Live(), err)
	}
}
