package software

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// DefaultMaxBuffer is the longest buffer secret of a Config that does not say, in bytes.
const DefaultMaxBuffer = 65535

// Config configures a Vault. Its zero value is ready to use.
type Config struct {
	// Memory is where secrets live; nil means memory.Heap. It must not call the vault.
	Memory memory.Allocator
	// Random is the source of all randomness; nil means crypto/rand. A Vault reads it from one goroutine at a time.
	Random io.Reader
	// MaxSecrets bounds the secrets that exist at once; 0 means bounded by memory only.
	MaxSecrets int
	// MaxBuffer is the longest buffer secret in bytes; 0 means DefaultMaxBuffer.
	MaxBuffer int
	// X25519 is what X25519 keys are used with; nil means crypto/ecdh.
	X25519 X25519
	// Store keeps persistent secrets (VAULT-007), for this vault alone; nil means that there are none. The vault does not close it.
	Store Store
}

// A Vault holds secrets in process memory. It is made by New and must not be copied.
type Vault struct {
	memory     memory.Allocator
	maxSecrets int
	maxBuffer  int
	x25519     X25519 // nil: crypto/ecdh
	owner      *vault.Owner
	closed     atomic.Bool // set once, with mu held

	store   Store      // nil: no persistent secrets
	keeping sync.Mutex // held while persistent secrets change, here and in the store; taken before mu

	randomMu sync.Mutex
	random   io.Reader // guarded by randomMu

	mu    sync.Mutex
	table table // guarded by mu
	hmac  hmac  // guarded by mu

	labels map[string]vault.Secret // the persistent secrets; guarded by mu
}

var (
	_ vault.AEADVault       = (*Vault)(nil)
	_ vault.PersistentVault = (*Vault)(nil)
)

// New returns a vault with the secrets of Config.Store. It allocates a work area, which Close releases.
func New(cfg Config) (*Vault, error) {
	if cfg.MaxSecrets < 0 || cfg.MaxBuffer < 0 {
		return nil, errors.New("software: negative limit in Config")
	}
	v := &Vault{
		memory:     cfg.Memory,
		maxSecrets: cfg.MaxSecrets,
		maxBuffer:  cfg.MaxBuffer,
		x25519:     cfg.X25519,
		owner:      new(vault.Owner),
		random:     cfg.Random,
		store:      cfg.Store,
		labels:     make(map[string]vault.Secret),
	}
	if v.memory == nil {
		v.memory = memory.Heap{}
	}
	if v.maxBuffer == 0 {
		v.maxBuffer = DefaultMaxBuffer
	}
	if v.random == nil {
		v.random = rand.Reader
	}
	var err error
	if v.hmac, err = newHMAC(v.memory); err != nil {
		return nil, fmt.Errorf("new software vault: %w", err)
	}
	v.table = table{memory: v.memory, limit: cfg.MaxSecrets}
	if err := v.restore(); err != nil {
		return nil, errors.Join(fmt.Errorf("new software vault: %w", err), v.Close())
	}
	return v, nil
}

// Capabilities tells that every type can be generated and imported, and be persistent if there is a store (VAULT-008).
func (v *Vault) Capabilities() vault.Capabilities {
	types := func() []vault.Type {
		return []vault.Type{vault.Buffer, vault.AES128Key, vault.AES256Key, vault.X25519PrivateKey, vault.P256PrivateKey}
	}
	c := vault.Capabilities{Generate: types(), Import: types(), MaxBuffer: v.maxBuffer, MaxSecrets: v.maxSecrets}
	if v.store != nil {
		c.Persistent = types()
	}
	return c
}

// Random fills p from the vault's source of randomness. When that fails, p is all zero.
func (v *Vault) Random(p []byte) error {
	if v.closed.Load() {
		return fmt.Errorf("random: %w", vault.ErrClosed)
	}
	if err := v.read(p); err != nil {
		clear(p)
		return fmt.Errorf("random: %w", err)
	}
	return nil
}

// read fills p with random bytes.
func (v *Vault) read(p []byte) error {
	v.randomMu.Lock()
	defer v.randomMu.Unlock()
	_, err := io.ReadFull(v.random, p)
	return err
}

// SHA256 returns the hash of a and b, one after the other.
func (v *Vault) SHA256(a, b []byte) (sum [vault.HashSize]byte, err error) {
	if v.closed.Load() {
		return sum, fmt.Errorf("sha256: %w", vault.ErrClosed)
	}
	h := sha256.New()
	h.Write(a)
	h.Write(b)
	h.Sum(sum[:0])
	return sum, nil
}

// Close wipes and releases every secret; persistent ones stay in the store. Operations that come later fail with vault.ErrClosed, AEADs
// with vault.ErrInvalidSecret. Closing twice is harmless.
func (v *Vault) Close() error {
	v.keeping.Lock()
	defer v.keeping.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed.Swap(true) {
		return nil
	}
	v.memory.Release(v.hmac.area)
	v.hmac = hmac{}
	v.labels = nil
	for i := range v.table.slots {
		if s := &v.table.slots[i]; s.put {
			v.destroy(uint32(i), &s.secret)
		}
	}
	v.reclaim()
	return nil
}

// reclaim gives the secrets' memory back once the vault is closed and no operation is making a secret any more. v.mu is held.
func (v *Vault) reclaim() {
	if v.closed.Load() && v.table.count == 0 {
		v.table.release()
	}
}
