package term

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// Format is the canonical text of a valid trace: the line "peer ROLE", then one line for each step, each with its end of line.
// Parse(Format(t)) is t.
func Format(t Trace) string {
	f := &formatter{}
	f.text.WriteString("peer " + t.Peer.String() + "\n")
	for _, s := range t.Steps {
		f.text.WriteString(FormatStep(s) + "\n")
	}
	return f.text.String()
}

// FormatStep is the canonical text of a valid step: its line of Format, without the end.
func FormatStep(s Step) string {
	f := &formatter{separator: " "}
	f.text.WriteString(s.symbol())
	s.fields(f)
	return f.text.String()
}

// FormatTerm is the canonical text of a valid term, as it stands in a line of Format.
func FormatTerm(t Term) string {
	f := &formatter{first: true}
	f.term(&t)
	return f.text.String()
}

// A formatter is a visitor that writes the text of what it sees.
type formatter struct {
	text      strings.Builder
	separator string
	first     bool // the next field has no separator before it
}

func (f *formatter) write(s string) {
	if !f.first {
		f.text.WriteString(f.separator)
	}
	f.first = false
	f.text.WriteString(s)
}

// call writes a name and, if it has any, its arguments.
func (f *formatter) call(n node) {
	f.write(n.symbol())
	inner := &formatter{separator: ", ", first: true}
	n.fields(inner)
	if inner.text.Len() > 0 || hasList(n) {
		f.text.WriteString("(" + inner.text.String() + ")")
	}
}

// hasList tells whether a node without arguments has parentheses all the same.
func hasList(n node) bool {
	switch n.(type) {
	case *Concat, *Route:
		return true
	}
	return false
}

func (f *formatter) term(t *Term) {
	if b, ok := (*t).(*Bytes); ok {
		b.fields(f)
		return
	}
	f.call(*t)
}

func (f *formatter) key(k *Key) { f.call(*k) }

func (f *formatter) terms(list *[]Term) {
	for i := range *list {
		f.term(&(*list)[i])
	}
}

func (f *formatter) number(n *uint64, _ uint64)    { f.write(strconv.FormatUint(*n, 10)) }
func (f *formatter) offset(n *int64)               { f.write(strconv.FormatInt(*n, 10)) }
func (f *formatter) word(w *uint8, words []string) { f.write(wordOf(*w, words)) }
func (f *formatter) literal(b *string, _ int)      { f.write("0x" + hex.EncodeToString([]byte(*b))) }
