package ref_test

import (
	"errors"
	"io"
	"testing"

	"ockamtest/ref"
	"ockamtest/ref/memory"
	"ockamtest/ref/memory/locked"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
)

// MEM-001, MEM-002: an end of a channel, with its vault, lives in 2 KiB, or in locked memory. When it is closed everything was released,
// and nothing was written to what had been.
func TestChannelInSpecialMemory(t *testing.T) {
	const size = 2 << 10
	type allocator interface {
		memory.Allocator
		io.Closer
	}
	for name, newAllocator := range map[string]func() (allocator, error){
		"bounded": func() (allocator, error) { return memory.NewBounded(size), nil },
		"locked":  func() (allocator, error) { return locked.New(locked.Config{AllowUnlocked: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			var allocators []allocator
			var vaults []*software.Vault
			var configs []ref.Config
			for range 2 {
				a, err := newAllocator()
				if err != nil {
					t.Fatal(err)
				}
				v, err := software.New(software.Config{Memory: a})
				if err != nil {
					t.Fatal(err)
				}
				static, err := v.Generate(vault.Attributes{Type: vault.X25519PrivateKey})
				if err != nil {
					t.Fatal(err)
				}
				allocators, vaults = append(allocators, a), append(vaults, v)
				configs = append(configs, ref.Config{Vault: v, Static: static, Policy: ref.AcceptAnyKey(), Memory: a})
			}
			for range 3 {
				i, r := transport.Pipe(transport.PipeConfig{})
				client, server := open(t, i, r, configs[0], configs[1])
				for range 20 {
					exchange(t, client, server)
				}
				if err := errors.Join(client.Close(), server.Close()); err != nil {
					t.Error(err)
				}
			}
			for i, a := range allocators {
				if err := errors.Join(vaults[i].Close(), a.Close()); err != nil {
					t.Error(err)
				}
				if b, is := a.(*memory.Bounded); is {
					t.Logf("at most %d bytes of %d at once", b.Stats().Peak, size)
				}
			}
		})
	}
}
