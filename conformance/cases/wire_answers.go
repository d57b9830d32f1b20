package cases

import (
	"context"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// WIRE-011: "decode then encode gives the same bytes for every canonical message." WIRE-015: "A node that forwards or answers writes addresses
// that it received in the form of WIRE-013; an address that has no such form drops the message." An end point writes the return route of a
// handshake message as the onward route of the next one (ROUT-008).
func wireAnswers() []conformance.Case {
	return []conformance.Case{{
		ID:           "wire/answer-bytes",
		Title:        "Addresses of every kind in the return route of the kit's handshake message come back in the next one byte for byte.",
		Requirements: []string{"WIRE-011"},
		Profiles:     routed(),
		Run: func(ctx context.Context, env conformance.Env) error {
			for _, a := range echoed(env) {
				if err := answeredBy(ctx, env, "WIRE-011", spelling{a, a}); err != nil {
					return err
				}
			}
			return nil
		},
	}, {
		ID:           "wire/answer-canonical",
		Title:        "Addresses in other spellings in the return route of the kit's handshake message come back in the one that encoders write.",
		Requirements: []string{"WIRE-015", "WIRE-013"},
		Profiles:     v1(),
		Run: func(ctx context.Context, env conformance.Env) error {
			for _, s := range spellings() {
				if err := answeredBy(ctx, env, "WIRE-015", s); err != nil {
					return err
				}
			}
			return nil
		},
	}, {
		ID:           "wire/answer-no-form",
		Title:        "A handshake message whose return route has a name that no encoder may write is not answered.",
		Requirements: []string{"WIRE-015"},
		Profiles:     v1(),
		Run: func(ctx context.Context, env conformance.Env) error {
			var all []first
			for _, name := range unwritable() {
				all = append(all, first{
					requirement: "WIRE-015", words: "a handshake message whose return route has a name that no encoder may write",
					frame: func(m adversary.Message) []byte {
						m.Return = slices.Insert(slices.Clone(m.Return), 1, dnsName(name))
						return m.Bytes()
					},
				})
			}
			return refusedFirst(ctx, env, all...)
		},
	}}
}

// unwritable are names that have no form of WIRE-013.
func unwritable() []string {
	return []string{"no_body.invalid", "no body", "n\xc3\xb6body.invalid", "nobody\x00", "nobody.123", "0x7f000001", "nobody.0xff"}
}

// echoed are addresses of every kind that a profile has on the wire, in canonical form. The code of 2020 has no names.
func echoed(env conformance.Env) []adversary.Address {
	return slices.DeleteFunc(passing(), func(a adversary.Address) bool {
		return env.Profile().Name != "v1" && a.Type() != 0 && a[1] == 2
	})
}

// answeredBy gives an address behind the kit's own one in the return route of a handshake message, and wants it in the onward route of the
// peer's next one. A peer that leaves that empty says nothing about it.
func answeredBy(ctx context.Context, env conformance.Env, requirement string, a spelling) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	s.Once()
	if !s.Initiator() {
		if err := s.ReadM1(); err != nil {
			return err
		}
	}
	genuine := s.Return
	s.Return = append(slices.Clone(genuine), a.received)
	if err := s.SendMessage(makeFirst(s, &s.Noise)); err != nil {
		return err
	}
	const want = "the next handshake message, with the kit's return route as onward route"
	if s.Initiator() {
		err = s.ReadM2()
	} else {
		err = s.ReadM3()
	}
	if err != nil {
		return blame(requirement, want, err)
	}
	got := s.Heard.Onward
	expected := adversary.Route{a.written}
	if s.Local != "" {
		expected = append(expected, s.Local)
	}
	switch {
	case len(got) == 0:
		return &conformance.Inapplicable{Reason: "the peer leaves the onward routes of its messages empty"}
	case len(got) != 1+len(expected):
		return adversary.Fail(requirement, want, fmt.Sprintf("an onward route of %d addresses instead of %d", len(got), 1+len(expected)))
	case !slices.Equal(got[1:], expected):
		return adversary.Fail(requirement, want, "other bytes than those of the address that was sent, or of its form")
	}
	return s.Close()
}
