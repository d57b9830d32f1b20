// Package store keeps persistent secrets in one encrypted file (VAULT-007; specification section 9). It is content to file and back;
// the vault in software, which gives out handles, is one of its users.
//
// Every change writes the whole file anew beside the old one and replaces it (package atomicfile), so that a crash at any write leaves the
// old content or the new. A file that is damaged is never written to. A lock on the file NAME.lock, which stays, keeps other processes
// out while the store is open; on network file systems it is as good as their locks are.
//
// # Format
//
// Numbers are big-endian. The header is 96 bytes:
//
//	 0   8  "ockvault"
//	 8   1  version, 1
//	 9   1  where the master key comes from: 0 given by the caller, 1 Argon2id of a passphrase
//	10   2  Argon2id: threads
//	12   4  Argon2id: passes
//	16   4  Argon2id: memory in KiB
//	20  16  Argon2id: salt, made with the file
//	36  32  nonce, random, new with each write
//	68   4  length of the sealed content in bytes, its tag included
//	72  16  key check
//	88   8  the first bytes of the SHA-256 of the 88 bytes before
//
// With a given key the four fields of Argon2id are zero. HKDF-SHA256 with the master key as input, the nonce as salt, and the info
// "ockamtest vault store v1" gives, one after the other, the file key (32 bytes), its IV (12), and the key check (16). The content is
// sealed with AES-256-GCM under file key and IV, the header is the associated data, and the file ends after the tag.
//
// The content is a count (4 bytes) and as many entries, in ascending order of their labels, each label once:
//
//	1  length of the label
//	   label: letters, digits, - _ . of ASCII
//	1  type of the secret, the numbers of vault.Type
//	1  purpose
//	1  1 if exportable, else 0
//	4  length of the secret
//	   secret
//
// The key check tells a wrong key from damage, and commits the file to its key. The hash in the header does the same for damage there; it
// protects nothing.
//
// # What it does not do
//
// Whoever can write the file can put back an older one as a whole: nothing here notices that. The number and the lengths of the
// secrets show in the length of the file. Old content may remain on the medium after it was replaced, sealed.
//
// MEM-001: the master key and opened content are in buffers of Config.Memory. Out of reach are the working memory of Argon2id (as much as
// its parameter says) and copies in crypto/hkdf, crypto/sha256, crypto/aes, and crypto/cipher; derived keys that these packages return
// are wiped.
//
// A Store is safe for concurrent use.
package store
