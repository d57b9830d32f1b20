package software_test

import (
	"bytes"
	"errors"
	"testing"

	"ockamtest/ref/memory"
	"ockamtest/ref/memory/memorytest"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

const x25519Base = "\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// An operation makes secrets and returns them.
type operation struct {
	name    string
	secrets int
	long    bool // of more bytes than keys have
	run     func(v vault.Vault, private, buffer vault.Secret) ([]vault.Secret, error)
}

func one(s vault.Secret, err error) ([]vault.Secret, error) {
	if err != nil {
		return nil, err
	}
	return []vault.Secret{s}, nil
}

func operations() []operation {
	ops := []operation{
		{"ecdh", 1, false, func(v vault.Vault, private, _ vault.Secret) ([]vault.Secret, error) {
			return one(v.ECDH(private, []byte(x25519Base)))
		}},
		{"hkdf", 3, false, func(v vault.Vault, _, buffer vault.Secret) ([]vault.Secret, error) {
			outputs := make([]vault.Secret, 3)
			err := v.HKDF(buffer, buffer, outputs)
			if err == nil {
				return outputs, nil
			}
			for _, s := range outputs {
				if !s.IsZero() {
					return outputs, errors.New("HKDF failed and left outputs")
				}
			}
			return nil, err
		}},
		{"import a long buffer", 1, true, func(v vault.Vault, _, _ vault.Secret) ([]vault.Secret, error) {
			return one(v.Import(vault.Attributes{Type: vault.Buffer}, bytes.Repeat([]byte{7}, 100)))
		}},
	}
	for _, t := range []vault.Type{
		vault.Buffer, vault.AES128Key, vault.AES256Key, vault.X25519PrivateKey, vault.P256PrivateKey,
	} {
		a := vault.Attributes{Type: t, Length: lengthOf(t)}
		raw := append(make([]byte, lengthOf(t)-1), 7)
		ops = append(ops,
			operation{"generate " + t.String(), 1, false, func(v vault.Vault, _, _ vault.Secret) ([]vault.Secret, error) {
				return one(v.Generate(a))
			}},
			operation{"import " + t.String(), 1, false, func(v vault.Vault, _, _ vault.Secret) ([]vault.Secret, error) {
				return one(v.Import(a, raw))
			}})
	}
	return ops
}

// MEM-001, MEM-002: each operation, in vaults with 0 to 3 places free in what they have allocated, is refused each of its allocations in
// turn, and then none. It fails with out of memory, leaves no secret, and works afterwards; every buffer comes from the allocator and is
// released.
func TestAllocatorRefuses(t *testing.T) {
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			refusals := 0
			for free := range 4 {
				refusals += refuseAllocations(t, op, free)
			}
			// A slab is needed where the free places are too few, a buffer for a long secret always.
			want := op.secrets
			if op.long {
				want += 4
			}
			if refusals != want {
				t.Errorf("%d refusals, want %d", refusals, want)
			}
		})
	}
}

func refuseAllocations(t *testing.T, op operation, free int) (refusals int) {
	t.Helper()
	var m memorytest.Counting
	v := newVault(t, software.Config{Memory: &m})
	private := mustImport(t, v, vault.X25519PrivateKey, make([]byte, 32))
	buffer := mustImport(t, v, vault.Buffer, make([]byte, 32))
	for range 32 - 2 - free {
		mustImport(t, v, vault.Buffer, []byte("takes a place"))
	}
	live := m.Live()
	if live != 2 {
		t.Fatalf("%d buffers, want the work area and a slab", live)
	}
	for k := 1; ; k++ {
		m.FailAt(k)
		made, err := op.run(v, private, buffer)
		if err == nil {
			m.FailAt(0)
			if len(made) != op.secrets {
				t.Errorf("%d secrets, want %d", len(made), op.secrets)
			}
			for _, s := range made {
				if err := v.Destroy(s); err != nil {
					t.Fatal(err)
				}
			}
			break
		}
		refusals++
		if !errors.Is(err, memory.ErrOutOfMemory) {
			t.Fatalf("refusal %d: got error %v, want %v", k, err, memory.ErrOutOfMemory)
		}
	}
	if got := m.Live() - live; got > 1 || free >= op.secrets && got != 0 {
		t.Errorf("%d free: %d buffers more than before, want a slab at most", free, got)
	}
	closeAndCount(t, v, &m)
	return refusals
}

// Operations that find no free slot leave nothing (MEM-002): the places that are there can still be taken.
func TestExhaustedReleases(t *testing.T) {
	for _, op := range operations() {
		var m memorytest.Counting
		v := newVault(t, software.Config{Memory: &m, MaxSecrets: 2 + op.secrets - 1})
		private := mustImport(t, v, vault.X25519PrivateKey, make([]byte, 32))
		buffer := mustImport(t, v, vault.Buffer, make([]byte, 32))
		live := m.Live()
		if made, err := op.run(v, private, buffer); !errors.Is(err, vault.ErrExhausted) {
			t.Errorf("%s: %v, %v, want %v", op.name, made, err, vault.ErrExhausted)
		}
		if m.Live() != live {
			t.Errorf("%s: %d buffers left", op.name, m.Live()-live)
		}
		for range op.secrets - 1 {
			mustImport(t, v, vault.Buffer, nil)
		}
		closeAndCount(t, v, &m)
	}
}

// closeAndCount checks that Close releases everything, the secrets that are left included.
func closeAndCount(t *testing.T, v vault.Vault, m *memorytest.Counting) {
	t.Helper()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if m.Live() != 0 {
		t.Errorf("%d buffers live after Close", m.Live())
	}
	if err := m.Err(); err != nil {
		t.Error(err)
	}
}

func TestNewOutOfMemory(t *testing.T) {
	var m memorytest.Counting
	m.FailAt(1)
	if v, err := software.New(software.Config{Memory: &m}); !errors.Is(err, memory.ErrOutOfMemory) || v != nil {
		t.Errorf("New = %v, %v, want %v", v, err, memory.ErrOutOfMemory)
	}
	if m.Live() != 0 {
		t.Errorf("%d buffers live", m.Live())
	}
}

// MEM-001: a buffer that becomes a shorter key loses the rest at once, and all of it at the end, in a slab or in a buffer of its own.
func TestSetTypeWipesTheRest(t *testing.T) {
	for _, raw := range []string{"0123456789abcdef, and the rest", "0123456789abcdef, and then the rest, a longer one"} {
		var kept [][]byte
		v := newVault(t, software.Config{Memory: keeping{kept: &kept}})
		s := mustImport(t, v, vault.Buffer, []byte(raw))
		own := kept[len(kept)-1][:len(raw)]
		if string(own) != raw {
			t.Fatalf("the secret is not in the allocator's buffer: %q", own)
		}
		if err := v.SetType(s, vault.AES128Key); err != nil {
			t.Fatal(err)
		}
		if got := string(own); got != raw[:16]+string(make([]byte, len(raw)-16)) {
			t.Errorf("after SetType the buffer is %q", got)
		}
		if err := v.Destroy(s); err != nil {
			t.Fatal(err)
		}
		if string(own) != string(make([]byte, len(raw))) {
			t.Errorf("after Destroy the buffer is %q", own)
		}
	}
}

// keeping shows the buffers that it handed out.
type keeping struct {
	memory.Heap
	kept *[][]byte
}

func (k keeping) Allocate(n int) ([]byte, error) {
	b, err := k.Heap.Allocate(n)
	*k.kept = append(*k.kept, b)
	return b, err
}

// MEM-001: HKDF leaves nothing in its work area, also when it fails.
func TestHKDFWipesItsWork(t *testing.T) {
	var kept [][]byte
	v := newVault(t, software.Config{Memory: keeping{kept: &kept}, MaxSecrets: 2})
	area := kept[0]
	salt := mustImport(t, v, vault.Buffer, make([]byte, 100))
	for _, test := range []struct {
		outputs int
		want    error
	}{{1, nil}, {1, vault.ErrExhausted}} {
		if err := v.HKDF(salt, vault.Secret{}, make([]vault.Secret, test.outputs)); !errors.Is(err, test.want) {
			t.Fatalf("HKDF: %v, want %v", err, test.want)
		}
		if string(area) != string(make([]byte, len(area))) {
			t.Errorf("the work area holds %x", area)
		}
	}
}
