package generate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

const protocolName = "Noise_XX_25519_AESGCM_SHA256"

// A builder collects the vectors of one file, and the errors of its scenarios.
type builder struct {
	groups     []vectors.Group
	handshakes []*vectors.Handshake
	next       int                  // tcId
	last       map[vectors.Kind]int // the valid vector that was added last
	err        error
}

func (b *builder) fail(format string, args ...any) {
	b.err = errors.Join(b.err, fmt.Errorf(format, args...))
}

// group begins a group.
func (b *builder) group(kind vectors.Kind, comment string) {
	b.groups = append(b.groups, vectors.Group{Type: kind, Comment: comment})
}

// accept adds a vector that is valid, and returns its tcId.
func (b *builder) accept(requirements, comment string, v vectors.Vector) int {
	if err := fill(oracle.Subject{}, v); err != nil {
		b.fail("%s: the oracle refuses a valid vector: %w", comment, err)
	}
	m := vectors.Meta{Comment: comment, Requirements: strings.Fields(requirements), Result: vectors.Valid}
	if nothing(v) {
		m.Control = b.last[v.Kind()]
		return b.add(v, m)
	}
	id := b.add(v, m)
	b.last[v.Kind()] = id
	return id
}

// nothing tells of a valid vector that an empty answer satisfies.
func nothing(v vectors.Vector) bool {
	switch v := v.(type) {
	case *vectors.Codec: // a ping, for who has 0 and nothing for everything
		return v.Op == "decode" && v.Value.Message != nil && len(v.Value.Message.Onward)+len(v.Value.Message.Return)+len(v.Value.Message.Body) == 0
	case *vectors.Frames:
		return len(v.Messages) == 0
	case *vectors.Record:
		return v.Op == "open" && len(v.Payload)+len(v.Onward)+len(v.Return) == 0
	}
	return false
}

// refuse adds a vector that is refused with class, layer/class, beside the valid one that control is the tcId of.
func (b *builder) refuse(control int, class, requirements, comment string, v vectors.Vector) {
	want := refusal(class)
	var got *vectors.RefusalError
	if err := fill(oracle.Subject{}, v); !errors.As(err, &got) || *got != want {
		b.fail("%s: the oracle says %w, the scenario %v", comment, err, &want)
	}
	b.add(v, vectors.Meta{Comment: comment, Requirements: strings.Fields(requirements), Result: vectors.Invalid, Control: control, Error: &want})
}

// allow adds a vector that may be refused with class, beside the last valid one. Its values are those of who accepts it.
func (b *builder) allow(class, requirements, comment string, v vectors.Vector) int {
	want := refusal(class)
	lenient := oracle.Subject{Skip: func(name string) bool { return strings.HasPrefix(name, class) }}
	if err := fill(lenient, v); err != nil {
		b.fail("%s: refused for more than %s: %w", comment, class, err)
	}
	return b.add(v, vectors.Meta{Comment: comment, Requirements: strings.Fields(requirements), Result: vectors.Acceptable, Control: b.last[v.Kind()], Error: &want})
}

// drop adds a channel to which a record comes last that does not verify: who fails the channel refuses, who drops the record has sent and
// delivered nothing (REC-005).
func (b *builder) drop(requirements, comment string, v *vectors.Channel) {
	want := refusal("record/tag")
	var got *vectors.RefusalError
	if err := fill(oracle.Subject{}, v); !errors.As(err, &got) || *got != want {
		b.fail("%s: the oracle says %w, the scenario %v", comment, err, &want)
	}
	b.add(v, vectors.Meta{Comment: comment, Requirements: strings.Fields(requirements), Result: vectors.Acceptable, Control: b.last[v.Kind()], Error: &want})
}

func refusal(class string) vectors.RefusalError {
	layer, class, _ := strings.Cut(class, "/")
	return vectors.RefusalError{Layer: layer, Class: class}
}

// add numbers the vector and appends it to the last group.
func (b *builder) add(v vectors.Vector, m vectors.Meta) int {
	m.TcID, m.Flags = b.next, []string{}
	*v.Common() = m
	b.next++
	if h, ok := v.(*vectors.Handshake); ok {
		b.handshakes = append(b.handshakes, h)
		return m.TcID
	}
	g := &b.groups[len(b.groups)-1]
	if g.Type != v.Kind() {
		b.fail("%s: in a group of %s", m.Comment, g.Type)
	}
	g.Tests = append(g.Tests, v)
	return m.TcID
}

// fill computes what the vector expects, and returns the oracle's refusal.
func fill(o oracle.Subject, v vectors.Vector) error {
	switch v := v.(type) {
	case *vectors.Codec:
		return fillCodec(o, v)
	case *vectors.Frames:
		out, err := o.Frames(v.FramesInput)
		v.Messages = append([]vectors.Hex{}, out.Messages...)
		return err
	case *vectors.ECDH:
		shared, err := o.ECDH(v.ECDHInput)
		v.Shared = shared
		return err
	case *vectors.AEAD:
		return fillAEAD(o, v)
	case *vectors.HKDF:
		okm, err := o.HKDF(v.HKDFInput)
		v.Okm = okm
		return err
	case *vectors.Hash:
		digest, err := o.Hash(v.Msg)
		v.Digest = digest
		return err
	case *vectors.Record:
		return fillRecord(o, v)
	case *vectors.Handshake:
		return checkHandshake(o, v)
	case *vectors.Channel:
		return fillChannel(o, v)
	case *vectors.Forward:
		out, err := o.Forward(v.ForwardInput)
		v.ForwardOutput = out
		return err
	}
	return fmt.Errorf("no oracle for %T", v)
}

func fillCodec(o oracle.Subject, v *vectors.Codec) error {
	out, err := o.Codec(v.CodecInput)
	if err != nil {
		return err
	}
	if v.Op == "encode" {
		v.Bytes = out.Bytes
	} else {
		v.Value = out.Value
	}
	return nil
}

// fillAEAD seals a vector without a tag, and opens the others.
func fillAEAD(o oracle.Subject, v *vectors.AEAD) error {
	if v.Tag != nil {
		_, err := o.AEAD(vectors.AEADInput{Op: "open", Key: v.Key, IV: v.IV, AAD: v.AAD, Data: slices.Concat(v.Ciphertext, v.Tag)})
		return err
	}
	sealed, err := o.AEAD(vectors.AEADInput{Op: "seal", Key: v.Key, IV: v.IV, AAD: v.AAD, Data: v.Msg})
	if err != nil {
		return err
	}
	v.Ciphertext, v.Tag = sealed[:len(v.Msg)], sealed[len(v.Msg):]
	return nil
}

func fillRecord(o oracle.Subject, v *vectors.Record) error {
	if v.Onward == nil {
		v.Onward = []vectors.Address{}
	}
	if v.Return == nil {
		v.Return = []vectors.Address{}
	}
	out, err := o.Record(v.RecordInput)
	if err != nil {
		return err
	}
	if v.Op == "seal" {
		v.Ciphertext = out.Ciphertext
		if len(out.Ciphertext) <= 1024 { // longer ones would be most of the file
			v.Inner, err = o.Inner(v.RecordInput)
		}
		return err
	}
	v.Onward, v.Return, v.Payload = out.Onward, out.Return, out.Payload
	return nil
}

func fillChannel(o oracle.Subject, v *vectors.Channel) error {
	out, err := o.Channel(v.ChannelInput)
	v.Expect = []vectors.ChannelStep{}
	for _, step := range out.Steps {
		step.Send, step.Deliver = append([]vectors.Hex{}, step.Send...), append([]vectors.Hex{}, step.Deliver...)
		v.Expect = append(v.Expect, step)
	}
	return err
}

// bytesOf are the bytes of hexadecimal digits, in which spaces stand where they please.
func bytesOf(digits string) vectors.Hex {
	b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
	if err != nil {
		panic(err) // a literal of this package
	}
	return b
}

// key derives 32 bytes from a label.
func key(label string) vectors.Hex {
	sum := sha256.Sum256([]byte("ockamtest vectors " + label))
	return sum[:]
}

// pattern is n bytes that do not repeat soon.
func pattern(n int) vectors.Hex {
	b := make(vectors.Hex, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8*13 + 1)
	}
	return b
}

func counting(first byte) vectors.Hex {
	b := make(vectors.Hex, 32)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func flip(b []byte, bit int) vectors.Hex {
	out := bytes.Clone(b)
	out[bit/8] ^= 1 << (bit % 8)
	return out
}
