package adversary

import (
	"crypto/sha256"
	"encoding/binary"

	"ockamtest/ref/profile"
)

// A quirk is one rule of the handshake read wrongly. Trials read a message that does not verify with one quirk each: the one that
// makes it verify names the rule that the peer broke.
type quirk struct {
	requirement string
	words       string // what the peer did, in words
	start       func(suite profile.Suite) Symmetric
	blocks      func(ck [32]byte, ikm []byte) (a, b [32]byte)
	nonce       func(n uint64) []byte
	noData      bool // associated data empty instead of h
	shortKey    bool // AES-128 under the first 16 bytes of k
	keepN       bool // n goes on over MixKey
	restartN    bool // n starts at 0 in every message
	skipSecond  bool // the message's second DH is left out
	plainHash   bool // h takes plaintexts instead of ciphertexts
	maskedKey   bool // h takes public keys with their top bit cleared
}

// quirks are the known ways to read section 5 wrongly.
func quirks() []quirk {
	return []quirk{
		{requirement: "NOISE-001", words: "h and ck start as the hash of the protocol name instead of the padded name", start: hashedName},
		{requirement: "NOISE-001", words: "the empty prologue is not mixed into h", start: noPrologue},
		{requirement: "NOISE-001", words: "h starts as the hash of the unpadded name, ck as the padded name", start: halfHashedName},
		{requirement: "NOISE-003", words: "the two HKDF outputs are swapped", blocks: swappedBlocks},
		{requirement: "NOISE-003", words: "HKDF's salt and input are swapped", blocks: swappedInputs},
		{requirement: "NOISE-003", words: "the nonce is little-endian", nonce: littleEndianNonce},
		{requirement: "NOISE-003", words: "the nonce has its counter before the 4 zero bytes", nonce: leadingNonce},
		{requirement: "NOISE-003", words: "the associated data is empty instead of h", noData: true},
		{requirement: "NOISE-003", words: "the AEAD is AES-128", shortKey: true},
		{requirement: "NOISE-004", words: "the nonce goes on over MixKey instead of starting at 0", keepN: true},
		{requirement: "NOISE-004", words: "the nonce starts at 0 in every message instead of going on under the same key", restartN: true},
		{requirement: "NOISE-003", words: "the message's second DH result is not mixed in", skipSecond: true},
		{requirement: "NOISE-003", words: "h takes plaintexts instead of ciphertexts", plainHash: true},
		{requirement: "NOISE-018", words: "h takes public keys with their top bit cleared instead of the bytes as received", maskedKey: true},
	}
}

// A trial is a handshake reader with a quirk.
type trial struct {
	Handshake
	quirk
}

// newTrial restarts the kit's own handshake with a quirk; h is the kit's state after m1 as initiator.
func newTrial(h Handshake, q quirk) *trial {
	t := &trial{Handshake: h, quirk: q}
	if q.start != nil {
		t.Symmetric = q.start(h.Suite)
		t.mixPublic(h.E.Public)
	}
	if q.maskedKey {
		t.Symmetric = NewSymmetric(h.Suite, nil)
		t.mixPublic(h.E.Public)
	}
	return t
}

// readM2 reads m2 and returns how many of its two tags verified.
func (t *trial) readM2(m []byte) int {
	e, s := t.Suite.PublicKeySize, t.Suite.PublicKeySize+TagSize
	t.RE = m[:e]
	t.mixPublic(t.RE)
	t.mixDH(t.E, t.RE)
	rs, ok := t.decrypt(m[e : e+s])
	if !ok {
		return 0
	}
	if t.RS = rs; !t.skipSecond {
		t.mixDH(t.E, t.RS)
	}
	if _, ok = t.decrypt(m[e+s:]); !ok {
		return 1
	}
	return 2
}

// readM3 reads m3 and returns how many of its two tags verified; the trial starts after m2.
func (t *trial) readM3(m []byte) int {
	s := t.Suite.PublicKeySize + TagSize
	if t.restartN {
		t.N = 0
	}
	rs, ok := t.decrypt(m[:s])
	if !ok {
		return 0
	}
	if t.RS = rs; !t.skipSecond {
		t.mixDH(t.E, t.RS)
	}
	if _, ok = t.decrypt(m[s:]); !ok {
		return 1
	}
	return 2
}

func (t *trial) mixPublic(public []byte) {
	if t.maskedKey && !t.Suite.P256 {
		public = append([]byte(nil), public...)
		public[len(public)-1] &= 0x7f
	}
	t.MixHash(public)
}

func (t *trial) mixDH(pair KeyPair, public []byte) {
	shared, _ := pair.DH(public)
	mix := hkdf2
	if t.blocks != nil {
		mix = t.blocks
	}
	n := t.N
	t.CK, t.K = mix(t.CK, shared)
	if t.N, t.HasKey = 0, true; t.keepN {
		t.N = n
	}
}

func (t *trial) decrypt(ciphertext []byte) ([]byte, bool) {
	key, ad, nonce := t.Key(), t.H[:], Nonce(t.N)
	if t.shortKey {
		key = key[:16]
	}
	if t.noData {
		ad = nil
	}
	if t.nonce != nil {
		nonce = t.nonce(t.N)
	}
	out, err := gcm(key).Open(nil, nonce, ciphertext, ad)
	if err != nil {
		return nil, false
	}
	if t.N++; t.plainHash {
		ciphertext = out
	}
	t.MixHash(ciphertext)
	return out, true
}

func hashedName(suite profile.Suite) Symmetric {
	s := halfHashedName(suite)
	s.CK = sha256.Sum256([]byte(suite.Name))
	return s
}

func halfHashedName(suite profile.Suite) Symmetric {
	s := noPrologue(suite)
	s.H = sha256.Sum256([]byte(suite.Name))
	s.MixHash(nil)
	return s
}

func noPrologue(suite profile.Suite) Symmetric {
	s := Symmetric{Suite: suite}
	copy(s.H[:], suite.Name)
	s.CK = s.H
	return s
}

func swappedBlocks(ck [32]byte, ikm []byte) (a, b [32]byte) {
	b, a = hkdf2(ck, ikm)
	return a, b
}

func swappedInputs(ck [32]byte, ikm []byte) (a, b [32]byte) {
	if len(ikm) != len(ck) {
		return hkdf2(ck, ikm)
	}
	return hkdf2([32]byte(ikm), ck[:])
}

func littleEndianNonce(n uint64) []byte {
	return binary.LittleEndian.AppendUint64(make([]byte, 4, 12), n)
}

func leadingNonce(n uint64) []byte {
	return append(binary.BigEndian.AppendUint64(nil, n), 0, 0, 0, 0)
}
