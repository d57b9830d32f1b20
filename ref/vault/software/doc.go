// Package software is the vault in software: the whole of vault.Vault and vault.AEADVault over Go's standard cryptography
// (specification section 9). It has every secret type. With a Config.Store it is a vault.PersistentVault; without one it stores nothing, and
// a persistent secret is vault.ErrUnsupported (VAULT-008).
//
// A Vault and the AEADs that it gives out are safe for concurrent use. ECDH, Seal, and Open compute outside the vault's
// lock, and an AEAD takes none at all; what started before its key was destroyed may finish. Writing to the store is outside that lock,
// too: it holds up other changes of persistent secrets, and Close, but nothing else.
//
// Seal and Open panic, as crypto/cipher does, when buffers overlap in a way that vault.Vault forbids, and when dst overlaps the
// associated data: that is a caller's mistake, which no input can cause.
//
// MEM-001: all buffers for secrets that this package makes come from Config.Memory: a work area, slabs of cells of 32 bytes, and for a
// longer secret a buffer of its own. A cell is wiped when its secret is destroyed; slabs are released when the vault is closed. These copies
// are out of its reach, are not wiped, and stay until the garbage collector reuses them:
//   - crypto/ecdh: the scalar inside each PrivateKey, from creation of the secret on, and field elements on the stack
//     during an agreement. The agreed value that it returns is wiped here. Of X25519 keys over Config.X25519 there is no such
//     copy; package adx tells what circl leaves.
//   - crypto/aes and crypto/cipher: the expanded key and the GCM tables, from the first use of an AES key on.
//   - crypto/sha256: copies of the last block and the chaining value of each hash, on the stack, during HKDF. What is on the heap is
//     overwritten after each HKDF.
//
// So Destroy ends a key for whoever has the handle, and wipes this package's bytes of it; who reads the process's memory may still find
// the library's. A memory.Allocator of locked pages (memory/locked) changes nothing about those copies.
package software
