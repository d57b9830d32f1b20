package store

import (
	"bytes"
	"encoding/binary"
	"strings"

	"ockamtest/ref/vault"
)

// An Entry is a persistent secret. Its Attributes have a label; Length and Persistence follow from what it is, and are not looked at
// when it is added.
type Entry struct {
	Attributes vault.Attributes
	Raw        []byte
}

// MaxContent is the longest opened content in bytes, for all entries together.
const MaxContent = 16 << 20

// entryOverhead is what an entry takes beside label and secret, in bytes; countSize is the length of the count in front.
const (
	entryOverhead = 1 + 1 + 1 + 1 + 4
	countSize     = 4
)

// size returns the length of the content of entries.
func size(entries []Entry) int {
	n := countSize
	for _, e := range entries {
		n += entryOverhead + len(e.Attributes.Label) + len(e.Raw)
	}
	return n
}

// appendContent appends the content of entries, which are in order. It needs size(entries) bytes.
func appendContent(b []byte, entries []Entry) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(entries)))
	for _, e := range entries {
		b = append(b, byte(len(e.Attributes.Label)))
		b = append(b, e.Attributes.Label...)
		b = append(b, byte(e.Attributes.Type), byte(e.Attributes.Purpose), exportable(e.Attributes.Exportable))
		b = binary.BigEndian.AppendUint32(b, uint32(len(e.Raw)))
		b = append(b, e.Raw...)
	}
	return b
}

func exportable(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

// parseContent returns the entries of content, which share its array. It takes nothing that appendContent would not write.
func parseContent(content []byte) ([]Entry, error) {
	r := contentReader{all: content, rest: content}
	var entries []Entry
	last := ""
	for range r.uint32() {
		e := r.entry()
		if r.err == nil && strings.Compare(e.Attributes.Label, last) <= 0 {
			r.fail("the label is not in order")
		}
		if r.err != nil {
			break // The count may be anything.
		}
		last = e.Attributes.Label
		entries = append(entries, e)
	}
	if r.err == nil && len(r.rest) > 0 {
		r.fail("the content does not end here")
	}
	return entries, r.err
}

// A contentReader takes content apart. After its first error it returns zeros.
type contentReader struct {
	all, rest []byte
	err       error
}

// fail keeps the first error, with the place up to which the content was good.
func (r *contentReader) fail(reason string) {
	if r.err == nil {
		r.err = &CorruptError{Offset: len(r.all) - len(r.rest), Reason: reason, InContent: true}
	}
}

func (r *contentReader) bytes(n uint32) []byte {
	if r.err == nil && uint64(n) > uint64(len(r.rest)) {
		r.fail("the content ends early")
	}
	if r.err != nil {
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *contentReader) uint8() uint8 {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *contentReader) uint32() uint32 {
	if b := r.bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *contentReader) entry() (e Entry) {
	a := &e.Attributes
	a.Persistence = vault.Persistent
	label := r.bytes(uint32(r.uint8()))
	if r.err == nil && !vault.ValidLabel(string(label)) {
		r.fail("this was to be a label")
	}
	a.Label = string(bytes.Clone(label))
	a.Type, a.Purpose = vault.Type(r.uint8()), vault.Purpose(r.uint8())
	flag := r.uint8()
	if flag > 1 {
		r.fail("the flag before is neither 0 nor 1")
	}
	a.Exportable = flag == 1
	e.Raw = r.bytes(r.uint32())
	a.Length = len(e.Raw)
	return e
}
