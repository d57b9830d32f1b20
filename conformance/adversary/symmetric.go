package adversary

import (
	"crypto/hkdf"
	"crypto/sha256"

	"ockamtest/ref/profile"
)

// Symmetric is Noise's SymmetricState with everything in the open. It is a value: a copy is a checkpoint.
type Symmetric struct {
	H      [32]byte // handshake hash
	CK     [32]byte // chaining key
	K      [32]byte // AEAD key; the suite uses the first KeySize bytes
	N      uint64   // next nonce under K
	HasKey bool
	Suite  profile.Suite
}

// NewSymmetric starts from the suite's name and mixes in the prologue (NOISE-001).
func NewSymmetric(suite profile.Suite, prologue []byte) Symmetric {
	s := Symmetric{Suite: suite}
	copy(s.H[:], suite.Name) // zero-padded; version 1 names are at most 32 bytes
	s.CK = s.H
	s.MixHash(prologue)
	return s
}

// MixHash mixes data into h.
func (s *Symmetric) MixHash(data []byte) {
	s.H = sha256.Sum256(append(s.H[:], data...))
}

// MixKey mixes a DH result into ck, makes a new k, and sets n to 0 (NOISE-003).
func (s *Symmetric) MixKey(dh []byte) {
	s.CK, s.K = hkdf2(s.CK, dh)
	s.N, s.HasKey = 0, true
}

// EncryptAndHash encrypts plaintext with h as associated data; before the first MixKey it passes it through.
func (s *Symmetric) EncryptAndHash(plaintext []byte) []byte {
	out := append([]byte(nil), plaintext...)
	if s.HasKey {
		out = Seal(s.Key(), s.N, s.H[:], plaintext)
		s.N++
	}
	s.MixHash(out)
	return out
}

// DecryptAndHash is the inverse of EncryptAndHash. When the tag does not verify it reports false and changes nothing.
func (s *Symmetric) DecryptAndHash(ciphertext []byte) ([]byte, bool) {
	out := append([]byte(nil), ciphertext...)
	if s.HasKey {
		var ok bool
		if out, ok = Open(s.Key(), s.N, s.H[:], ciphertext); !ok {
			return nil, false
		}
		s.N++
	}
	s.MixHash(ciphertext)
	return out, true
}

// Key is the part of k that the suite's AEAD uses.
func (s *Symmetric) Key() []byte { return s.K[:s.Suite.KeySize] }

// Split returns k1 and k2: the responder encrypts with k1, the initiator with k2 (NOISE-010).
func (s *Symmetric) Split() (k1, k2 []byte) {
	a, b := hkdf2(s.CK, nil)
	return a[:s.Suite.KeySize], b[:s.Suite.KeySize]
}

func hkdf2(salt [32]byte, ikm []byte) (a, b [32]byte) {
	out, err := hkdf.Key(sha256.New, ikm, salt[:], "", 64)
	if err != nil {
		panic("adversary: HKDF of 64 bytes cannot fail: " + err.Error())
	}
	copy(a[:], out[:32])
	copy(b[:], out[32:])
	return a, b
}
