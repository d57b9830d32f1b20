package term

// Static is the kit's configured static key pair. Text: static.
type Static struct{ keyNode }

// Ephemeral is the kit's pair number N, made for this trace: of two runs with one seed it is the same, and no two numbers give the same
// one. Whether it is used as an ephemeral key is up to the trace. Text: ephemeral(N).
type Ephemeral struct {
	keyNode
	N uint64 // up to MaxKey
}

// Stranger is the pair number N of somebody whose static key nobody has configured. Text: stranger(N).
type Stranger struct {
	keyNode
	N uint64 // up to MaxKey
}

// Private is the pair of a private key of 32 bytes. Text: private(TERM).
type Private struct {
	keyNode
	Key Term
}

// LowOrder is a public key of low order, N of 12: every DH result with it is zeros (NOISE-009). 0 to 6 are 0, 1, two of order 8, p-1, p,
// and p+1; 7 to 11 are the last five with the top bit set. It has no private key. X25519 alone. Text: low-order(N).
type LowOrder struct {
	keyNode
	N uint64 // up to 11
}

// BasePoint is an encoding of X25519's base point, N of 4: 9, p+9, and both with the top bit set (NOISE-018). A DH result with it is the
// other public key. Text: base-point(N).
type BasePoint struct {
	keyNode
	N uint64 // up to 3
}

// As shows one public key and computes DH results with another pair: an impersonation, a reflection. Text: as(TERM, KEY).
type As struct {
	keyNode
	Shown Term
	Key   Key
}

func (*Static) symbol() string    { return "static" }
func (*Ephemeral) symbol() string { return "ephemeral" }
func (*Stranger) symbol() string  { return "stranger" }
func (*Private) symbol() string   { return "private" }
func (*LowOrder) symbol() string  { return "low-order" }
func (*BasePoint) symbol() string { return "base-point" }
func (*As) symbol() string        { return "as" }

func (*Static) fields(visitor)        {}
func (k *Ephemeral) fields(v visitor) { v.number(&k.N, MaxKey) }
func (k *Stranger) fields(v visitor)  { v.number(&k.N, MaxKey) }
func (k *Private) fields(v visitor)   { v.term(&k.Key) }
func (k *LowOrder) fields(v visitor)  { v.number(&k.N, lowOrderPoints-1) }
func (k *BasePoint) fields(v visitor) { v.number(&k.N, basePoints-1) }

func (k *As) fields(v visitor) {
	v.term(&k.Shown)
	v.key(&k.Key)
}
