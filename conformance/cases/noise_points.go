package cases

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// NOISE-018: "X25519 is RFC 7748: scalars are clamped on use, the top bit of a public key is ignored, values of p and above are
// accepted; h takes the bytes as received." NOISE-009: "An all-zero DH result (low-order or zero public key) aborts the
// handshake."
func noisePoints() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/key-high-bit",
		Title:        "An ephemeral key with its top bit set is accepted, and h takes it as it was sent.",
		Requirements: []string{"NOISE-018"},
		Profiles:     x25519(),
		Run:          unusualKey("an ephemeral key with its top bit set", highBit),
	}, {
		ID:           "noise/key-not-reduced",
		Title:        "An ephemeral key that encodes a value above p is accepted, and h takes it as it was sent.",
		Requirements: []string{"NOISE-018"},
		Profiles:     x25519(),
		Run:          unusualKey("an ephemeral key that encodes a value above p", aboveP),
	}, {
		ID:           "noise/zero-key",
		Title:        "An all-zero ephemeral key aborts the handshake.",
		Requirements: []string{"NOISE-009"},
		Profiles:     x25519(),
		Run:          spoiledKeys(lowOrderKeys(ephemeral), make([]byte, 32)),
	}, {
		ID:           "noise/low-order-key",
		Title:        "An ephemeral key of low order, in any encoding, aborts the handshake.",
		Requirements: []string{"NOISE-009"},
		Profiles:     x25519(),
		Run:          spoiledKeys(lowOrderKeys(ephemeral), lowOrder()...),
	}, {
		ID:           "noise/low-order-static",
		Title:        "A static key of low order aborts the handshake.",
		Requirements: []string{"NOISE-009"},
		Profiles:     x25519(),
		Run:          spoiledKeys(lowOrderKeys(static), lowOrder()[:3]...),
	}}
}

func unusualKey(words string, alter func(e adversary.KeyPair) adversary.KeyPair) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		err := exchange(ctx, env, func(s *adversary.Session) error {
			s.Noise.E = alter(s.Noise.E)
			return nil
		}, controlSize)
		return blame("NOISE-018", "an exchange as with any other key after "+words, err)
	}
}

func highBit(e adversary.KeyPair) adversary.KeyPair {
	e.Public = append([]byte(nil), e.Public...)
	e.Public[31] |= 0x80
	return e
}

// aboveP is the base point 9 encoded as p + 9: the only points that small are this one and those of low order.
func aboveP(e adversary.KeyPair) adversary.KeyPair {
	public := make([]byte, 32)
	for i := range public {
		public[i] = 0xff
	}
	public[0], public[31] = 0xed+9, 0x7f
	return adversary.BasePoint(e.Suite, public)
}

// lowOrder returns encodings of the points of low order: 0, 1, the two of order 8, p-1, and those of p, p+1 that are not reduced.
func lowOrder() [][]byte {
	edge := func(low byte) []byte {
		b := make([]byte, 32)
		for i := range b {
			b[i] = 0xff
		}
		b[0], b[31] = low, 0x7f
		return b
	}
	one := make([]byte, 32)
	one[0] = 1
	return [][]byte{
		make([]byte, 32),
		one,
		{
			0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
			0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
		},
		{
			0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
			0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
		},
		edge(0xec), edge(0xed), edge(0xee),
	}
}

func ephemeral(h *adversary.Handshake) *adversary.KeyPair { return &h.E }
func static(h *adversary.Handshake) *adversary.KeyPair    { return &h.S }

// A spoiled is a kind of public keys with which every DH result is all zero, if it is one at all.
type spoiled struct {
	requirement string // that no channel opens with them
	words       string
	which       func(*adversary.Handshake) *adversary.KeyPair
}

func lowOrderKeys(which func(*adversary.Handshake) *adversary.KeyPair) spoiled {
	return spoiled{"NOISE-009", "a key of low order", which}
}

// spoiledKeys requires that no channel opens with any of the keys.
func spoiledKeys(x spoiled, keys ...[]byte) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		for i, key := range keys {
			s, err := adversary.Dial(ctx, env)
			if err != nil {
				return err
			}
			*x.which(&s.Noise) = adversary.LowOrder(s.Noise.Suite, key)
			if err := x.aborted(env, s); err != nil {
				return served(i, x.requirement, err)
			}
			if err := s.Close(); err != nil {
				return err
			}
		}
		return nil
	}
}

// aborted goes on with the handshake as long as the peer does, and requires that no channel opens.
func (x spoiled) aborted(env conformance.Env, s *adversary.Session) error {
	if s.Initiator() {
		if err := s.SendMessage(makeFirst(s, &s.Noise)); err != nil {
			return err
		}
		if err := s.Await(env.Quiet()); adversary.Absent(err) {
			return nil
		} else if err != nil {
			return err
		}
		var f *conformance.Failure
		if err := s.ReadM2(); errors.As(err, &f) {
			return adversary.Fail(unanswered(s), "no answer to "+x.words, "an answer that does not verify: "+f.Actual)
		} else if err != nil {
			return err
		}
	} else if err := s.Begin(); err != nil {
		return err
	}
	l := last{before: s.Noise}
	l.kind, l.bytes = s.Last()
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := probe(s, s.Noise); err != nil {
		return err
	}
	return notOpened(s, l, x.requirement, "a handshake with "+x.words, s.Noise)
}
