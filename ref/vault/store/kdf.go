package store

import (
	"fmt"

	"golang.org/x/crypto/argon2"

	"ockamtest/ref/memory"
)

// A KDF is the cost of Argon2id. The zero KDF is the second recommendation of RFC 9106: 3 passes over 64 MiB with 4 threads.
type KDF struct {
	Passes  uint32 // 1 to 32
	Memory  uint32 // KiB, at most 1 GiB
	Threads uint16 // 1 to 64
}

// Bounds of a KDF, also of one in a file: what costs more is not tried.
const (
	maxPasses  = 32
	maxMemory  = 1 << 20 // KiB
	maxThreads = 64
)

func (k KDF) withDefaults() KDF {
	if k == (KDF{}) {
		return KDF{Passes: 3, Memory: 64 << 10, Threads: 4}
	}
	return k
}

func (k KDF) valid() bool {
	return k.Passes >= 1 && k.Passes <= maxPasses && k.Memory >= 1 && k.Memory <= maxMemory && k.Threads >= 1 && k.Threads <= maxThreads
}

// masterKey returns the master key for a header, in a buffer of the allocator: a copy of the given one, or that of the passphrase.
func (cfg Config) masterKey(h header) ([]byte, error) {
	if (h.source == fromPassphrase) != (cfg.Key == nil) {
		return nil, fmt.Errorf("%w: the file is for the other kind", ErrKey)
	}
	master, err := cfg.Memory.Allocate(KeySize)
	if err != nil {
		return nil, err
	}
	if cfg.Key != nil {
		copy(master, cfg.Key)
		return master, nil
	}
	derived := argon2.IDKey(cfg.Passphrase, h.salt[:], h.kdf.Passes, h.kdf.Memory, uint8(h.kdf.Threads), KeySize)
	copy(master, derived)
	memory.Wipe(derived)
	return master, nil
}
