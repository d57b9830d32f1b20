package term

import (
	"encoding/binary"
	"slices"
)

// Append appends the canonical bytes of a valid trace to dst. Decode(Append(nil, t)) is t.
//
// The form: one byte for the role, then the steps. A step, a term, and a key are an opcode, one byte, and their fields; the opcodes of steps
// begin with 1, and 0 or the end of the bytes is the end of the trace. A number is a varint, an offset a zigzag varint, a word one byte,
// literal bytes a varint and so many bytes, a list one byte and so many terms.
func Append(dst []byte, t Trace) []byte {
	e := &encoder{out: append(dst, byte(t.Peer)), names: termNames(), keys: keyNames()}
	steps := stepNames()
	for _, s := range t.Steps {
		e.out = append(e.out, byte(slices.Index(steps, s.symbol())+1))
		s.fields(e)
	}
	return e.out
}

// AppendTerm appends the canonical bytes of a valid term to dst, as they stand in those of a trace. DecodeTerm(AppendTerm(nil, t)) is t.
func AppendTerm(dst []byte, t Term) []byte {
	e := &encoder{out: dst, names: termNames(), keys: keyNames()}
	e.term(&t)
	return e.out
}

// Canonical tells whether b is what Append writes of what Decode reads.
func Canonical(b []byte) bool { return slices.Equal(Append(nil, Decode(b)), b) }

// An encoder is a visitor that appends what it sees.
type encoder struct {
	out   []byte
	names []string
	keys  []string
}

func (e *encoder) term(t *Term) {
	e.out = append(e.out, byte(slices.Index(e.names, (*t).symbol())))
	(*t).fields(e)
}

func (e *encoder) key(k *Key) {
	e.out = append(e.out, byte(slices.Index(e.keys, (*k).symbol())))
	(*k).fields(e)
}

func (e *encoder) terms(list *[]Term) {
	e.out = append(e.out, byte(len(*list)))
	for i := range *list {
		e.term(&(*list)[i])
	}
}

func (e *encoder) number(n *uint64, _ uint64) { e.out = binary.AppendUvarint(e.out, *n) }
func (e *encoder) offset(n *int64)            { e.out = binary.AppendVarint(e.out, *n) }
func (e *encoder) word(w *uint8, _ []string)  { e.out = append(e.out, *w) }

func (e *encoder) literal(b *string, _ int) {
	e.out = binary.AppendUvarint(e.out, uint64(len(*b)))
	e.out = append(e.out, *b...)
}
