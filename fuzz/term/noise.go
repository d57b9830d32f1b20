package term

// Public is the public key of a pair: 32 bytes, 65 in profile c010. Text: public(KEY).
type Public struct {
	termNode
	Key Key
}

// DH is the result of a pair and a public key, 32 bytes; zeros where the key is of low order or no key. Text: dh(KEY, TERM).
type DH struct {
	termNode
	Key    Key
	Public Term
}

// Hash is SHA-256, 32 bytes. Text: hash(TERM).
type Hash struct {
	termNode
	X Term
}

// HKDF is an output of HKDF-SHA256 with empty info, 32 bytes: the first or second (NOISE-003). Salts are cut or zero-padded to 32 bytes.
// Text: hkdf(OUTPUT, TERM, TERM) with OUTPUT 0 or 1, salt, and input.
type HKDF struct {
	termNode
	Output      uint64
	Salt, Input Term
}

// Chain is a value of a session's handshake after one of its steps. It has to have been taken: sent, made, or received. h and ck are 32
// bytes, k, k1, and k2 as long as the suite's keys. Text: chain(SESSION, POINT, VALUE).
type Chain struct {
	termNode
	Session uint64
	At      Point
	Value   Value
}

// AEAD is plaintext encrypted with AES-GCM, tag appended. The key is cut or zero-padded to the suite's size. Text: aead(TERM, N, TERM,
// TERM): key, counter, associated data, plaintext.
type AEAD struct {
	termNode
	Key       Term
	N         uint64 // any
	AD, Plain Term
}

// A Point is a step of the handshake: after the named token has been mixed in.
//
//	-> e
//	<- e, ee, s, es
//	-> s, se
type Point uint8

// Points of a handshake, in their order. A payload's point is its message's.
const (
	Start   Point = iota
	AfterE1       // m1: e
	AfterM1
	AfterE2 // m2: e
	AfterEE
	AfterS2 // m2: s
	AfterES
	AfterM2
	AfterS3 // m3: s
	AfterSE
	AfterM3
	points = iota
)

func pointWords() []string {
	return []string{"start", "e1", "m1", "e2", "ee", "s2", "es", "m2", "s3", "se", "m3"}
}

// String is the point's word in the text.
func (p Point) String() string { return wordOf(uint8(p), pointWords()) }

// A Value is one of a handshake's values at a point. K1 and K2 are what Split would give there (NOISE-010).
type Value uint8

// Values.
const (
	H Value = iota
	CK
	K
	K1
	K2
)

func valueWords() []string { return []string{"h", "ck", "k", "k1", "k2"} }

// String is the value's word in the text.
func (x Value) String() string { return wordOf(uint8(x), valueWords()) }

func (*Public) symbol() string { return "public" }
func (*DH) symbol() string     { return "dh" }
func (*Hash) symbol() string   { return "hash" }
func (*HKDF) symbol() string   { return "hkdf" }
func (*Chain) symbol() string  { return "chain" }
func (*AEAD) symbol() string   { return "aead" }

func (t *Public) fields(v visitor) { v.key(&t.Key) }
func (t *Hash) fields(v visitor)   { v.term(&t.X) }

func (t *DH) fields(v visitor) {
	v.key(&t.Key)
	v.term(&t.Public)
}

func (t *HKDF) fields(v visitor) {
	v.number(&t.Output, 1)
	v.term(&t.Salt)
	v.term(&t.Input)
}

func (t *Chain) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.word((*uint8)(&t.At), pointWords())
	v.word((*uint8)(&t.Value), valueWords())
}

func (t *AEAD) fields(v visitor) {
	v.term(&t.Key)
	v.number(&t.N, ^uint64(0))
	v.term(&t.AD)
	v.term(&t.Plain)
}
