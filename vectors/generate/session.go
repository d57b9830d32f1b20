package generate

import (
	"fmt"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

// A session is the two ends of a handshake, both in our hands. Its methods return new messages; they change nothing.
type session struct {
	suite                string
	is, ie, rs, re       vectors.Hex // private keys
	iPrologue, rPrologue vectors.Hex
	payloads             [3]vectors.Hex
	version1             bool
	unlike               oracle.Subject // how both ends are wrong, if they are
}

// newSession has keys of its own, derived from the label, and is of version 1.
func newSession(suite, label string) session {
	return session{suite: suite, is: key(label + " initiator static"), ie: key(label + " initiator ephemeral"),
		rs: key(label + " responder static"), re: key(label + " responder ephemeral"), version1: true}
}

// known are the keys of section 12.
func known(suite string) session {
	return session{suite: suite, is: counting(0), ie: counting(0x20), rs: counting(1), re: counting(0x41), version1: true}
}

func (s session) input(role string) vectors.HandshakeInput {
	in := vectors.HandshakeInput{Suite: s.suite, Role: role, Static: s.is, Ephemeral: s.ie, Prologue: s.iPrologue,
		Payloads: []vectors.Hex{s.payloads[0], s.payloads[2]}}
	if role == vectors.Responder {
		in.Static, in.Ephemeral, in.Prologue, in.Payloads = s.rs, s.re, s.rPrologue, []vectors.Hex{s.payloads[1]}
	}
	return in
}

// run is one end that reads messages. What it sends is what counts here: a panic is a mistake of a scenario.
func (s session) run(role string, receive ...vectors.Hex) vectors.HandshakeOutput {
	in := s.input(role)
	in.Receive = receive
	out, err := s.unlike.Handshake(in)
	if err != nil {
		panic(fmt.Sprintf("generate: %s: %v", role, err))
	}
	return out
}

func (s session) m1() vectors.Hex               { return s.run(vectors.Initiator).Sent[0] }
func (s session) m2(m1 vectors.Hex) vectors.Hex { return s.run(vectors.Responder, m1).Sent[0] }
func (s session) m3(m2 vectors.Hex) vectors.Hex { return s.run(vectors.Initiator, m2).Sent[1] }
func (s session) all() (m1, m2, m3 vectors.Hex) { m1 = s.m1(); m2 = s.m2(m1); return m1, m2, s.m3(m2) }

// vector is a vector of these messages, as role sees them.
func (s session) vector(role string, at int, messages ...vectors.Hex) *vectors.Handshake {
	v := &vectors.Handshake{ProtocolName: protocolName, InitPrologue: s.iPrologue, InitStatic: s.is, InitEphemeral: s.ie,
		RespPrologue: s.rPrologue, RespStatic: s.rs, RespEphemeral: s.re}
	for i, m := range messages {
		v.Messages = append(v.Messages, vectors.HandshakeMessage{Payload: s.payloads[i], Ciphertext: m})
	}
	v.Ockam = vectors.HandshakeExtension{Suite: s.suite, Role: role, At: at, Version1: s.version1}
	return v
}

// transcript is a vector of a whole handshake in which all is well, for both roles.
func (s session) transcript() *vectors.Handshake {
	m1, m2, m3 := s.all()
	v := s.vector("both", 0, m1, m2, m3)
	out := s.run(vectors.Responder, m1, m3)
	v.HandshakeHash = out.H
	v.Ockam.H, v.Ockam.CK, v.Ockam.K, v.Ockam.K1, v.Ockam.K2 = out.HS, out.CKs, out.Ks, out.K1, out.K2
	return v
}

// checkHandshake puts a handshake vector to the oracle, and returns its refusal.
func checkHandshake(o oracle.Subject, v *vectors.Handshake) error {
	for _, role := range []string{vectors.Initiator, vectors.Responder} {
		if v.Ockam.Role == "both" || v.Ockam.Role == role {
			in, _, _ := v.Input(role)
			if _, err := o.Handshake(in); err != nil {
				return err
			}
		}
	}
	return nil
}

// handshake adds the whole transcript of s.
func (b *builder) handshake(requirements, comment string, s session) int {
	return b.accept(requirements, comment, s.transcript())
}
