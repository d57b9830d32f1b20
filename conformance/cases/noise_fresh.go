package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// NOISE-008: "No two handshakes, of one or several processes, share an ephemeral key".
func noiseFresh() []conformance.Case {
	return []conformance.Case{{
		ID:           "noise/ephemeral-fresh",
		Title:        "Sixteen handshakes have sixteen ephemeral keys, none of them zero, a static key, or one of the kit's.",
		Requirements: []string{"NOISE-008"},
		Run:          ephemeralFresh,
	}, {
		ID:           "noise/ephemeral-for-same-m1",
		Title:        "The same m1 over two connections, or from two sources, does not make two handshakes with one ephemeral key of the peer's.",
		Requirements: []string{"NOISE-008", "TRAN-012"},
		Roles:        responder(),
		Run:          sameM1,
	}}
}

// handshakes is how many ephemeral keys are compared.
const handshakes = 16

func ephemeralFresh(ctx context.Context, env conformance.Env) error {
	const want = "an ephemeral key of its own for every handshake"
	seen := make(map[string]string) // what a key is, in words
	seen[string(make([]byte, 32))] = "an ephemeral key of all zeros"
	for i := 1; i <= handshakes; i++ {
		s, err := adversary.OpenChannel(ctx, env)
		if err != nil {
			return err
		}
		e := string(s.Noise.RE)
		for _, own := range []adversary.KeyPair{s.Noise.E, s.Noise.S} {
			seen[string(own.Public)] = "one of the kit's public keys as ephemeral key"
		}
		if bytes.Equal(s.Noise.RE, s.Noise.RS) {
			return adversary.Fail("NOISE-008", want, "the static key as ephemeral key")
		}
		if words, ok := seen[e]; ok {
			return adversary.Fail("NOISE-008", want, words)
		}
		seen[e] = fmt.Sprintf("the ephemeral key of handshake %d once more", i)
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// sameM1 plays the handshake of one ephemeral key of the kit's twice, one within the other and one behind it. TRAN-014: "a repeat of
// m1 comes from the same source: whoever copies an m1 and is faster would else have its m2 (TRAN-012)."
func sameM1(ctx context.Context, env conformance.Env) error {
	for _, within := range []bool{true, false} {
		first, err := adversary.Dial(ctx, env)
		if err != nil {
			return err
		}
		begun := first.Noise
		if err := first.Begin(); err != nil {
			return err
		}
		if !bytes.Equal(first.Noise.E.Public, begun.E.Public) { // a message could not travel, and the handshake began anew
			continue
		}
		if !within {
			if err := opensAndEchoes(first); err != nil {
				return err
			}
		}
		second, err := adversary.Dial(ctx, env)
		if err != nil {
			return err
		}
		second.Noise = begun
		if err := m1Again(env, first, second); err != nil {
			return err
		}
		if err := goesOn(first, within); err != nil {
			return err
		}
		if err := errors.Join(second.Close(), first.Close()); err != nil {
			return err
		}
	}
	return nil
}

// opensAndEchoes takes the steps after m2.
func opensAndEchoes(s *adversary.Session) error {
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return err
	}
	return s.EchoRandom(controlSize)
}

// goesOn requires that a channel opens, or echoes as before, whatever came over another link.
func goesOn(s *adversary.Session, halfOpen bool) error {
	requirement := "CHAN-006"
	if s.Packets {
		requirement = "TRAN-012"
	}
	var err error
	if halfOpen {
		err = opensAndEchoes(s)
	} else {
		err = s.EchoRandom(controlSize)
	}
	return blame(requirement, "a channel that goes on whatever another one does", err)
}

// m1Again sends the m1 of first over second. An answer has another ephemeral key, and leads to a channel of its own.
func m1Again(env conformance.Env, first, second *adversary.Session) error {
	if err := second.SendMessage(wire.M1, second.MakeM1()); err != nil {
		return err
	}
	answer, err := second.Answer(env.Quiet())
	if answer == nil && err == nil && second.Packets {
		answer, err = second.Answer(second.Patience())
		if answer == nil && err == nil {
			return adversary.Fail("TRAN-012", "an m2 for each source, though their m1 are the same", "no answer to the second one")
		}
	}
	if err != nil || answer == nil { // a peer may serve one connection at a time
		return err
	}
	if err := second.TakeM2(answer); err != nil {
		return err
	}
	same := bytes.Equal(second.Noise.RE, first.Noise.RE)
	err = opensAndEchoes(second)
	var f *conformance.Failure
	switch {
	case !same:
		return err
	case err != nil && !errors.As(err, &f):
		return err
	case second.Packets && (err != nil || !bothOpen(first)):
		return adversary.Fail("TRAN-012", "a handshake of its own for each source, though their m1 are the same", "the m2 of another source's")
	}
	return adversary.Fail("NOISE-008", "an ephemeral key of its own for every handshake",
		"the ephemeral key of another handshake whose m1 was the same")
}

// bothOpen tells whether a channel opens, or is open, beside another one under the same keys.
func bothOpen(first *adversary.Session) bool {
	if first.Receiving.Key == nil {
		return opensAndEchoes(first) == nil
	}
	return first.EchoRandom(controlSize) == nil
}
