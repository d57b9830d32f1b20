package term

// A Term says bytes: what they are in the protocol, not what they are. Its types are the structs of this package, by pointer; nobody
// else can add one. Nil is no term.
type Term interface {
	node
	isTerm()
}

// A Key says a key pair. Its types are Static, Ephemeral, Stranger, Private, LowOrder, BasePoint, and As, by pointer. Nil is no key.
type Key interface {
	node
	isKey()
}

// A Step is one thing that the kit does or waits for. Its types are Open, Send, Make, Expect, Echo, Wait, Close, Reset,
// Same, and Differ, by pointer.
type Step interface {
	node
	isStep()
}

// A node has a name and fields. Text, bytes, limits, copies, and places are made of these two alone.
type node interface {
	// symbol is the name in the text.
	symbol() string
	// fields shows the fields to v, always in the same order.
	fields(v visitor)
}

// A visitor reads or writes the fields of a node.
type visitor interface {
	term(t *Term)
	key(k *Key)
	terms(list *[]Term)             // at most MaxList
	number(n *uint64, limit uint64) // 0 to limit
	offset(n *int64)                // -MaxOffset to MaxOffset
	word(w *uint8, words []string)  // an index in words
	literal(b *string, limit int)   // bytes
}

type termNode struct{}

func (termNode) isTerm() {}

type keyNode struct{}

func (keyNode) isKey() {}

type stepNode struct{}

func (stepNode) isStep() {}

// Limits of a trace. Parse and Valid refuse what is beyond them, Decode leaves it out.
const (
	MaxSteps    = 256     // of a trace
	MaxTerms    = 1024    // terms and keys of a trace, those not counted that are empty Bytes or Static
	MaxDepth    = 24      // terms inside each other, counted likewise
	MaxList     = 32      // terms in a Concat or Route
	MaxLiterals = 1 << 17 // bytes of all Bytes of a trace
	MaxSession  = 15      // the greatest number of a session
	MaxMessage  = 255     // the greatest number of a message in a session
	MaxKey      = 255     // the greatest number of an Ephemeral or Stranger
	MaxOffset   = 1 << 20 // of Slice and Flip, in either direction
	MaxRepeat   = 1 << 17 // times in Repeat, bytes in Random
)

// Limits of what the terms say.
const (
	MaxOutput = 1 << 17 // bytes of one term
	MaxWork   = 1 << 21 // bytes of all terms of one call to Eval or Send
)

// termNames are the names of the types of Term. The index is the opcode in the bytes: names are added at the end, never moved.
func termNames() []string {
	return []string{
		"bytes", "concat", "slice", "flip", "repeat", "random", "received", "sent",
		"public", "dh", "hash", "hkdf", "chain", "aead",
		"m1", "m2", "m3", "record", "record-at", "inner",
		"local", "tcp", "udp", "route", "route-of", "onward", "return", "header", "message", "frame", "frame-of",
	}
}

// newTerm makes a term of that name, nil if there is none.
func newTerm(name string) Term {
	switch name {
	case "bytes":
		return &Bytes{}
	case "concat":
		return &Concat{}
	case "slice":
		return &Slice{}
	case "flip":
		return &Flip{}
	case "repeat":
		return &Repeat{}
	case "random":
		return &Random{}
	case "received":
		return &Received{}
	case "sent":
		return &Sent{}
	case "public":
		return &Public{}
	case "dh":
		return &DH{}
	case "hash":
		return &Hash{}
	case "hkdf":
		return &HKDF{}
	case "chain":
		return &Chain{}
	case "aead":
		return &AEAD{}
	}
	return newMessageTerm(name)
}

func newMessageTerm(name string) Term {
	switch name {
	case "m1":
		return &M1{}
	case "m2":
		return &M2{}
	case "m3":
		return &M3{}
	case "record":
		return &Record{}
	case "record-at":
		return &RecordAt{}
	case "inner":
		return &Inner{}
	case "local":
		return &Local{}
	case "tcp":
		return &TCP{}
	case "udp":
		return &UDP{}
	case "route":
		return &Route{}
	case "route-of":
		return &RouteOf{}
	case "onward":
		return &Onward{}
	case "return":
		return &Return{}
	case "header":
		return &Header{}
	case "message":
		return &Message{}
	case "frame":
		return &Frame{}
	case "frame-of":
		return &FrameOf{}
	}
	return nil
}

// keyNames is termNames of keys.
func keyNames() []string {
	return []string{"static", "ephemeral", "stranger", "private", "low-order", "base-point", "as"}
}

// newKey makes a key of that name, nil if there is none.
func newKey(name string) Key {
	switch name {
	case "static":
		return &Static{}
	case "ephemeral":
		return &Ephemeral{}
	case "stranger":
		return &Stranger{}
	case "private":
		return &Private{}
	case "low-order":
		return &LowOrder{}
	case "base-point":
		return &BasePoint{}
	case "as":
		return &As{}
	}
	return nil
}

// stepNames is termNames of steps. The first byte of a step is 0 at the end of the bytes, so opcodes begin with 1.
func stepNames() []string {
	return []string{"open", "send", "make", "expect", "echo", "wait", "close", "reset", "same", "differ"}
}

// newStep makes a step of that name, nil if there is none.
func newStep(name string) Step {
	switch name {
	case "open":
		return &Open{}
	case "send":
		return &Send{}
	case "make":
		return &Make{}
	case "expect":
		return &Expect{}
	case "echo":
		return &Echo{}
	case "wait":
		return &Wait{}
	case "close":
		return &Close{}
	case "reset":
		return &Reset{}
	case "same":
		return &Same{}
	case "differ":
		return &Differ{}
	}
	return nil
}

// isFree tells whether a term is the simplest one, which counts nowhere: empty bytes.
func isFree(t Term) bool {
	b, ok := t.(*Bytes)
	return ok && b.Value == ""
}

// isFreeKey is isFree of keys: Static.
func isFreeKey(k Key) bool {
	_, ok := k.(*Static)
	return ok
}
