package subject

import (
	"encoding/hex"
	"slices"

	"ockamtest/conformance/harness"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// handshakeChannel is the number of the channel of handshake and channel vectors.
const handshakeChannel = 0

// profilesOf are those of a suite, in the order in which they are tried.
func profilesOf(suite string) []string {
	if suite == vectors.SuiteP256 {
		return []string{profile.C010().Name}
	}
	return []string{profile.V1().Name, profile.C09().Name}
}

// Handshake implements vectors.Subject: the handshake of a channel, whose messages have no prologue and no payloads.
func (a *Adapter) Handshake(in vectors.HandshakeInput) (out vectors.HandshakeOutput, err error) {
	if err := a.has(harness.VerbOpen, harness.VerbFeed); err != nil {
		return out, err
	}
	if !in.Version1 || len(in.Prologue) > 0 {
		return out, unsupported("a handshake that is not of version 1")
	}
	m := harness.Open{Channel: handshakeChannel, Role: harness.Role(in.Role), Static: in.Static, Ephemeral: in.Ephemeral}
	var e *end
	var step harness.Step
	err = unsupported("the suite")
	for _, name := range profilesOf(in.Suite) {
		m.Profile = name
		if e, step, err = a.opened(m); err == nil {
			break
		}
	}
	if err != nil {
		return out, err
	}
	h := heard{end: e, out: &out}
	if err := h.hear(step); err != nil {
		return out, err
	}
	kinds := []wire.Type{wire.M2}
	if m.Role == harness.Responder {
		kinds = []wire.Type{wire.M1, wire.M3}
	}
	for i, body := range in.Receive {
		b, err := e.handshake(kinds[i], body)
		if err != nil {
			return out, err
		}
		if step, err = e.feed(b); err != nil {
			return out, err
		}
		if err := h.hear(step); err != nil {
			return out, err
		}
	}
	return out, nil
}

// opened opens a channel of v1 or c09 on a stream, of the others on datagrams, or as the adapter has it.
func (a *Adapter) opened(m harness.Open) (*end, harness.Step, error) {
	e, step, err := a.open(m, a.streams(m.Profile)...)
	if err == nil {
		return e, step, nil
	}
	if other, step, failed := a.open(onDatagrams(m), harness.Datagram); failed == nil {
		return other, step, nil
	}
	return nil, step, err
}

// streams are the ways in which channels of a profile are on a stream.
func (a *Adapter) streams(name string) []harness.Over {
	if p, _ := profile.Lookup(name); !slices.Contains(p.Transports, profile.TCP) {
		return nil
	}
	return []harness.Over{harness.Message, harness.Stream}
}

// A heard is what comes of a handshake.
type heard struct {
	end *end
	out *vectors.HandshakeOutput
}

// hear takes the step that follows a message, or the start.
func (h heard) hear(s harness.Step) error {
	sent, err := bodies(wire.Dialect(h.end.profile.HandshakeEnvelope()), s)
	if h.out.Sent = append(h.out.Sent, sent...); err != nil {
		return err
	}
	if err := ended(s); err != nil {
		return err
	}
	if len(sent) > 0 && h.end.open.Role == harness.Responder || len(h.out.Sent) > 1 {
		h.out.Payloads = append(h.out.Payloads, vectors.Hex{}) // of the message that is answered; one that has any is refused
	}
	peer, opened := s.Opened()
	if !opened {
		return nil
	}
	if h.end.open.Role == harness.Responder {
		h.out.Payloads = append(h.out.Payloads, vectors.Hex{})
	}
	h.out.RemoteStatic, h.out.Proves = peer, h.end.proves
	return nil
}

// proves tells whether the channel, which is open, has these keys: it claims h, if it claims any, it sends a record that k2 or k1 opens, and
// opens one that the other seals.
func (e *end) proves(h, k1, k2 vectors.Hex) error {
	if e.a.declared.Has(harness.VerbClaims) {
		claims, err := e.a.caller.Claims(e.a.ctx, e.channel)
		if err != nil {
			return e.a.told(err)
		}
		if got := vectors.Hex(claims.H); claims.H != nil && hex.EncodeToString(got) != hex.EncodeToString(h) {
			return &vectors.DifferenceError{Field: "handshake_hash", Got: hex.EncodeToString(got), Want: hex.EncodeToString(h)}
		}
	}
	sending, receiving, names := k2, k1, [2]string{"k2", "k1"}
	if e.open.Role == harness.Responder {
		sending, receiving, names = k1, k2, [2]string{"k1", "k2"}
	}
	ad := associated(e.profile, h)
	step, err := e.write(fillingOf(e.profile))
	if err != nil {
		return err
	}
	sent, err := bodies(wire.Dialect(e.profile.TransportEnvelope()), step)
	if err != nil {
		return err
	}
	if len(sent) != 1 || !verifies(sending, 0, ad, sent[0]) {
		return &vectors.DifferenceError{Field: names[0], Got: "a record that it does not open", Want: hex.EncodeToString(sending)}
	}
	b, err := e.record(sealed(receiving, 0, ad, inner(e.profile)))
	if err != nil {
		return err
	}
	if step, err = e.feed(b); err != nil {
		return err
	}
	if got := step.Got(); len(got) != 1 || string(got[0]) != filling {
		return &vectors.DifferenceError{Field: names[1], Got: "a record that it seals is not opened", Want: hex.EncodeToString(receiving)}
	}
	return nil
}
