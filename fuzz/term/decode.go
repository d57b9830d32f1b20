package term

import "encoding/binary"

// Decode reads the bytes of a trace. Every b is one: opcodes and words go round, numbers and offsets are taken modulo their limits, what is
// beyond the end of b is zeros, and what is beyond the limits of a trace is left out. The trace is valid and shares nothing with b. It takes
// memory in proportion to b, at most what the limits allow: MaxTerms terms and the empty ones in them.
func Decode(b []byte) Trace {
	d := &decoder{in: b, budget: newBudget(), names: termNames(), keys: keyNames()}
	t := Trace{}
	d.word((*uint8)(&t.Peer), roleWords())
	steps := stepNames()
	for len(t.Steps) < MaxSteps {
		op := int(d.byte()) % (len(steps) + 1)
		if op == 0 {
			break
		}
		s := newStep(steps[op-1])
		s.fields(d)
		t.Steps = append(t.Steps, s)
	}
	return t
}

// DecodeTerm reads the bytes of a term, as Decode does: every b is one, of at most MaxTerms terms.
func DecodeTerm(b []byte) Term {
	d := &decoder{in: b, budget: newBudget(), names: termNames(), keys: keyNames()}
	var t Term
	d.term(&t)
	return t
}

// A decoder is a visitor that fills in what it sees.
type decoder struct {
	in     []byte
	budget *budget
	names  []string
	keys   []string
}

func (d *decoder) byte() byte {
	if len(d.in) == 0 {
		return 0
	}
	b := d.in[0]
	d.in = d.in[1:]
	return b
}

// uvarint reads up to ten bytes; bits above 64 are lost.
func (d *decoder) uvarint() uint64 {
	var n uint64
	for shift := 0; shift < 7*binary.MaxVarintLen64; shift += 7 {
		b := d.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	return n
}

// term reads a term. Where no further one fits, only an empty literal is read as it stands, as Append has written it.
func (d *decoder) term(t *Term) {
	name := d.names[int(d.byte())%len(d.names)]
	if name == "bytes" {
		b := &Bytes{}
		b.fields(d)
		if d.budget.fits() && b.Value != "" {
			d.budget.terms--
		} else {
			b.Value = ""
		}
		*t = b
		return
	}
	if !d.budget.fits() {
		*t = &Bytes{}
		return
	}
	d.budget.terms--
	n := newTerm(name)
	d.budget.depth++
	n.fields(d)
	d.budget.depth--
	*t = n
}

func (d *decoder) key(k *Key) {
	n := newKey(d.keys[int(d.byte())%len(d.keys)])
	switch {
	case isFreeKey(n):
	case !d.budget.fits():
		n = &Static{}
	default:
		d.budget.terms--
		d.budget.depth++
		n.fields(d)
		d.budget.depth--
	}
	*k = n
}

func (d *decoder) terms(list *[]Term) {
	for range int(d.byte()) % (MaxList + 1) {
		var t Term
		d.term(&t)
		*list = append(*list, t)
	}
}

func (d *decoder) number(n *uint64, limit uint64) {
	*n = d.uvarint()
	if limit < ^uint64(0) {
		*n %= limit + 1
	}
}

func (d *decoder) offset(n *int64) {
	u := d.uvarint()
	x := int64(u >> 1)
	if u&1 != 0 {
		x = ^x
	}
	*n = x % (MaxOffset + 1)
}

func (d *decoder) word(w *uint8, words []string) { *w = d.byte() % uint8(len(words)) }

func (d *decoder) literal(b *string, _ int) {
	n := min(d.uvarint(), uint64(len(d.in)), uint64(d.budget.literals))
	*b = string(d.in[:n])
	d.in = d.in[n:]
	d.budget.literals -= int(n)
}
