package term

// Crypto is the cryptography of one suite, in the open: fuzz/term/play has it from the kit's own primitives. Implementations keep no reference
// to what they are given, and what they return is the caller's.
type Crypto interface {
	// Public is the public key of a private key of 32 bytes. It fails if the suite has no such private key.
	Public(private []byte) ([]byte, error)
	// DH is the shared secret, 32 bytes: zeros where the public key is of low order or no key of the suite, whatever its length.
	DH(private, public []byte) []byte
	// Hash is SHA-256.
	Hash(data []byte) [32]byte
	// HKDF is HKDF-SHA256 with empty info and two outputs (NOISE-003).
	HKDF(salt [32]byte, input []byte) (a, b [32]byte)
	// Seal is AES-GCM with the nonce of counter n (NOISE-003), tag appended, under a key of the suite's size.
	Seal(key []byte, n uint64, ad, plaintext []byte) []byte
	// Open is the inverse of Seal; false if the tag does not verify or is not there.
	Open(key []byte, n uint64, ad, ciphertext []byte) ([]byte, bool)
}

// symmetric is Noise's SymmetricState over a Crypto. It is a value: a copy is a checkpoint.
type symmetric struct {
	h, ck, k [32]byte
	n        uint64
	keyed    bool
}

// startOf is the state after the name and the empty prologue (NOISE-001).
func (e *Evaluator) startOf() symmetric {
	var s symmetric
	copy(s.h[:], e.config.Profile.Suite.Name)
	s.ck = s.h
	e.mixHash(&s, nil)
	return s
}

func (e *Evaluator) mixHash(s *symmetric, data []byte) {
	s.h = e.config.Crypto.Hash(append(s.h[:len(s.h):len(s.h)], data...))
}

// mixKey mixes a DH result into ck, makes a new k, and sets n to 0 (NOISE-003).
func (e *Evaluator) mixKey(s *symmetric, shared []byte) {
	s.ck, s.k = e.config.Crypto.HKDF(s.ck, shared)
	s.n, s.keyed = 0, true
}

// encrypt encrypts with h as associated data, and mixes the ciphertext into h; before the first mixKey it passes plaintext through.
func (e *Evaluator) encrypt(s *symmetric, plaintext []byte) []byte {
	out := append([]byte(nil), plaintext...)
	if s.keyed {
		out = e.config.Crypto.Seal(e.cut(s.k), s.n, s.h[:], plaintext)
		s.n++
	}
	e.mixHash(s, out)
	return out
}

// decrypt is the inverse of encrypt. When the tag does not verify it changes nothing.
func (e *Evaluator) decrypt(s *symmetric, ciphertext []byte) ([]byte, bool) {
	out := append([]byte(nil), ciphertext...)
	if s.keyed {
		var ok bool
		if out, ok = e.config.Crypto.Open(e.cut(s.k), s.n, s.h[:], ciphertext); !ok {
			return nil, false
		}
		s.n++
	}
	e.mixHash(s, ciphertext)
	return out, true
}

// cut is the part of an HKDF block that the suite's AEAD uses.
func (e *Evaluator) cut(block [32]byte) []byte { return block[:e.config.Profile.Suite.KeySize] }

// tagSize is the length of an AES-GCM tag in bytes.
const tagSize = 16
