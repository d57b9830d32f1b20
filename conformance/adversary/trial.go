package adversary

import (
	"crypto/sha256"
	"encoding/binary"

	"ockamtest/ref/profile"
)

// A quirk is one rule of the handshake read wrongly. A message that does not verify is tried with one quirk after the other:
// the one that makes it verify names the rule that the peer broke.
type quirk struct {
	requirement string
	words       string // what the peer did, in words
	start       func(suite profile.Suite) Symmetric
	blocks      func(ck [32]byte, ikm []byte) (a, b [32]byte)
	nonce       func(n uint64) []byte

	skipM1Payload bool // m1's empty payload is not mixed into h
	noData        bool // associated data empty instead of h
	shortKey      bool // AES-128 under the first 16 bytes of k
	keepN         bool // n goes on over MixKey
	restartN      bool // n starts at 0 in every message
	skipSecond    bool // the message's second DH is left out
	plainHash     bool // h takes plaintexts instead of ciphertexts
	maskedKey     bool // h takes public keys with their top bit cleared
}

// quirks are the known ways to read section 5 wrongly.
func quirks() []quirk {
	return []quirk{
		{requirement: "NOISE-001", words: "h and ck start as the hash of the protocol name instead of the padded name", start: hashedName},
		{requirement: "NOISE-001", words: "the empty prologue is not mixed into h", start: noPrologue},
		{requirement: "NOISE-001", words: "h starts as the hash of the unpadded name, ck as the padded name", start: halfHashedName},
		{requirement: "NOISE-002", words: "m1's empty payload is not mixed into h", skipM1Payload: true},
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
		{requirement: "NOISE-018", words: "h takes public keys with their top bit cleared instead of as received", maskedKey: true},
	}
}

// A trial is a handshake with a quirk.
type trial struct {
	Handshake
	quirk
}

// newTrial goes on from the kit's handshake. As an initiator after m1 it starts anew if the quirk is one of the start.
func newTrial(h Handshake, q quirk, sentM1 bool) *trial {
	t := &trial{Handshake: h, quirk: q}
	if !sentM1 || q.start == nil && !q.maskedKey && !q.skipM1Payload {
		return t
	}
	t.restart()
	t.mixPublic(h.E.Public)
	t.mixM1Payload()
	return t
}

func (t *trial) restart() {
	t.Symmetric = NewSymmetric(t.Suite, nil)
	if t.start != nil {
		t.Symmetric = t.start(t.Suite)
	}
}

// readM2 reads m2 and returns how many of its two tags verified.
func (t *trial) readM2(m []byte) int {
	e := t.Suite.PublicKeySize
	t.RE = m[:e]
	t.mixPublic(t.RE)
	t.mixDH(t.E, t.RE)
	return t.readRest(m[e:])
}

// readM3 reads m3 and returns how many of its two tags verified; the trial starts after m2.
func (t *trial) readM3(m []byte) int {
	if t.restartN {
		t.N = 0
	}
	return t.readRest(m)
}

// readRest reads what m2 and m3 have in common: s, a DH, and the payload.
func (t *trial) readRest(m []byte) int {
	s := t.Suite.PublicKeySize + TagSize
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

// answer makes m2 for an m1 as a responder with the quirk does.
func (t *trial) answer(m1 []byte) []byte {
	t.restart()
	t.RE = m1
	t.mixPublic(m1)
	t.mixM1Payload()
	t.mixPublic(t.E.Public)
	t.mixDH(t.E, t.RE)
	m := append(append([]byte(nil), t.E.Public...), t.encrypt(t.S.Public)...)
	if !t.skipSecond {
		t.mixDH(t.S, t.RE)
	}
	return append(m, t.encrypt(nil)...)
}

func (t *trial) mixM1Payload() {
	if !t.skipM1Payload {
		t.MixHash(nil)
	}
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

// parameters are key, nonce, and associated data of the next AEAD call.
func (t *trial) parameters() (key, nonce, ad []byte) {
	key, nonce, ad = t.Key(), Nonce(t.N), t.H[:]
	if t.shortKey {
		key = key[:16]
	}
	if t.nonce != nil {
		nonce = t.nonce(t.N)
	}
	if t.noData {
		ad = nil
	}
	return key, nonce, ad
}

func (t *trial) decrypt(ciphertext []byte) ([]byte, bool) {
	key, nonce, ad := t.parameters()
	out, err := gcm(key).Open(nil, nonce, ciphertext, ad)
	if err != nil {
		return nil, false
	}
	t.mixCiphertext(out, ciphertext)
	return out, true
}

func (t *trial) encrypt(plaintext []byte) []byte {
	key, nonce, ad := t.parameters()
	ciphertext := gcm(key).Seal(nil, nonce, plaintext, ad)
	t.mixCiphertext(plaintext, ciphertext)
	return ciphertext
}

func (t *trial) mixCiphertext(plaintext, ciphertext []byte) {
	t.N++
	if t.plainHash {
		ciphertext = plaintext
	}
	t.MixHash(ciphertext)
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
