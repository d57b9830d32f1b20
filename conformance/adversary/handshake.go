package adversary

import "ockamtest/ref/profile"

// Handshake is one side of Noise XX in the open: every field may be read and set between messages, and every message may be made
// with any payload. It is a value: a copy is a checkpoint.
//
//	-> e
//	<- e, ee, s, es
//	-> s, se
type Handshake struct {
	Symmetric
	S, E   KeyPair
	RE, RS []byte // the peer's public keys, once known
}

// NewHandshake starts a handshake with the given static and ephemeral keys and an empty prologue.
func NewHandshake(suite profile.Suite, s, e KeyPair) Handshake {
	return Handshake{Symmetric: NewSymmetric(suite, nil), S: s, E: e}
}

// WriteM1 makes m1 as initiator.
func (h *Handshake) WriteM1(payload []byte) []byte {
	// -> e
	h.MixHash(h.E.Public)
	return append(append([]byte(nil), h.E.Public...), h.EncryptAndHash(payload)...)
}

// ReadM1 reads m1 as responder; false if it is too short.
func (h *Handshake) ReadM1(m []byte) (payload []byte, ok bool) {
	if len(m) < h.Suite.PublicKeySize {
		return nil, false
	}
	h.readE(m)
	return h.DecryptAndHash(m[h.Suite.PublicKeySize:])
}

// WriteM2 makes m2 as responder.
func (h *Handshake) WriteM2(payload []byte) []byte {
	// <- e, ee, s, es
	h.MixHash(h.E.Public)
	m := append([]byte(nil), h.E.Public...)
	h.MixDH(h.E, h.RE)
	m = append(m, h.EncryptAndHash(h.S.Public)...)
	h.MixDH(h.S, h.RE)
	return append(m, h.EncryptAndHash(payload)...)
}

// ReadM2 reads m2 as initiator; false if it is too short or a tag does not verify, and then h is partly changed.
func (h *Handshake) ReadM2(m []byte) (payload []byte, ok bool) {
	e, s := h.Suite.PublicKeySize, h.Suite.PublicKeySize+TagSize
	if len(m) < e+s+TagSize {
		return nil, false
	}
	h.readE(m)
	h.MixDH(h.E, h.RE)
	if h.RS, ok = h.DecryptAndHash(m[e : e+s]); !ok {
		return nil, false
	}
	h.MixDH(h.E, h.RS)
	return h.DecryptAndHash(m[e+s:])
}

// WriteM3 makes m3 as initiator.
func (h *Handshake) WriteM3(payload []byte) []byte {
	// -> s, se
	m := h.EncryptAndHash(h.S.Public)
	h.MixDH(h.S, h.RE)
	return append(m, h.EncryptAndHash(payload)...)
}

// ReadM3 reads m3 as responder; false if it is too short or a tag does not verify, and then h is partly changed.
func (h *Handshake) ReadM3(m []byte) (payload []byte, ok bool) {
	s := h.Suite.PublicKeySize + TagSize
	if len(m) < s+TagSize {
		return nil, false
	}
	if h.RS, ok = h.DecryptAndHash(m[:s]); !ok {
		return nil, false
	}
	h.MixDH(h.E, h.RS)
	return h.DecryptAndHash(m[s:])
}

// MixDH mixes the DH result of a key pair and a public key into the chaining key; a low-order point gives zeros.
func (h *Handshake) MixDH(pair KeyPair, public []byte) {
	shared, _ := pair.DH(public)
	h.MixKey(shared)
}

func (h *Handshake) readE(m []byte) {
	h.RE = append([]byte(nil), m[:h.Suite.PublicKeySize]...)
	h.MixHash(h.RE)
}
