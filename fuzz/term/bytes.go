package term

// Bytes is literal bytes, any number within MaxLiterals. Text: 0x and hexadecimal digits, 0x for none; Parse takes "text" too.
type Bytes struct {
	termNode
	Value string
}

// Concat is its parts one behind the other, at most MaxList. Text: concat(TERM, …).
type Concat struct {
	termNode
	Parts []Term
}

// Slice is the bytes of X from From up to and without To; negative numbers count from the end, and what is beyond an end is the end. To of
// MaxOffset is the end. Text: slice(TERM, FROM, TO).
type Slice struct {
	termNode
	X        Term
	From, To int64
}

// Flip is X with one bit the other way: 0 is the highest bit of the first byte, -1 the lowest of the last. Numbers beyond the end go round;
// empty X stays empty. Text: flip(TERM, BIT).
type Flip struct {
	termNode
	X   Term
	Bit int64
}

// Repeat is X that often, in MaxOutput. Text: repeat(TERM, TIMES).
type Repeat struct {
	termNode
	X     Term
	Times uint64 // up to MaxRepeat
}

// Random is bytes that the seed of the trace and N determine. Text: random(N, SIZE).
type Random struct {
	termNode
	N    uint64 // up to MaxKey
	Size uint64 // up to MaxRepeat
}

// Received is a part of the Index-th message that the peer has sent in a session, counted from 0. Text: received(SESSION, INDEX, PART).
type Received struct {
	termNode
	Session, Index uint64
	Part           Part
}

// Sent is a part of what the Index-th Send in a session has sent, counted from 0. Text: sent(SESSION, INDEX, PART).
type Sent struct {
	termNode
	Session, Index uint64
	Part           Part
}

// A Part is of a message. Those of a handshake message are cut where its own kind has them.
type Part uint8

// Parts of a message.
const (
	Whole      Part = iota // as it was sent, of what the kit has sent on a stream with the frame around it
	InFrame                // the wire message without the frame's length
	Head                   // version, routes, and type
	OnwardPart             // the onward route with its count
	ReturnPart             // the return route with its count
	Body                   // Noise message, or ciphertext
	EPart                  // the ephemeral public key of an m1 or m2
	SPart                  // the encrypted static key of an m2 or m3, tag included
	RestPart               // the payload of a handshake message, tag included
	Plain                  // the inner payload of a record that the peer has sent
)

func parts() []string {
	return []string{"whole", "message", "head", "onward", "return", "body", "e", "s", "rest", "plain"}
}

// String is the part's word in the text.
func (p Part) String() string { return wordOf(uint8(p), parts()) }

func (*Bytes) symbol() string    { return "bytes" }
func (*Concat) symbol() string   { return "concat" }
func (*Slice) symbol() string    { return "slice" }
func (*Flip) symbol() string     { return "flip" }
func (*Repeat) symbol() string   { return "repeat" }
func (*Random) symbol() string   { return "random" }
func (*Received) symbol() string { return "received" }
func (*Sent) symbol() string     { return "sent" }

func (t *Bytes) fields(v visitor)  { v.literal(&t.Value, MaxLiterals) }
func (t *Concat) fields(v visitor) { v.terms(&t.Parts) }

func (t *Slice) fields(v visitor) {
	v.term(&t.X)
	v.offset(&t.From)
	v.offset(&t.To)
}

func (t *Flip) fields(v visitor) {
	v.term(&t.X)
	v.offset(&t.Bit)
}

func (t *Repeat) fields(v visitor) {
	v.term(&t.X)
	v.number(&t.Times, MaxRepeat)
}

func (t *Random) fields(v visitor) {
	v.number(&t.N, MaxKey)
	v.number(&t.Size, MaxRepeat)
}

func (t *Received) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.number(&t.Index, MaxMessage)
	v.word((*uint8)(&t.Part), parts())
}

func (t *Sent) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.number(&t.Index, MaxMessage)
	v.word((*uint8)(&t.Part), parts())
}

func wordOf(w uint8, words []string) string {
	if int(w) >= len(words) {
		return "?"
	}
	return words[w]
}
