package cases

import (
	"context"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// CHAN-010: "Both sides send to exactly the route that they learnt (ROUT-008). A side that can hold more than one channel on a transport
// (every listener on datagrams) gives each, half-open ones included, its own local address: at least 4 random bytes, unused at that node,
// last in the return route of its handshake messages and in no transport message."
func chanAddresses() []conformance.Case {
	return []conformance.Case{{
		ID:           "chan/own-local-address",
		Title:        "Each m2 gives its channel a local address of its own, the last of its return route, of at least 4 bytes.",
		Requirements: []string{"CHAN-010"},
		Transports:   overUDP(),
		Roles:        responder(),
		Profiles:     v1(),
		Run:          ownLocalAddress,
	}, {
		ID:           "chan/local-address-use",
		Title:        "A local address that the peer gives stands last in the return route of handshake messages, and in no transport message.",
		Requirements: []string{"CHAN-010"},
		Transports:   overUDP(),
		Profiles:     []string{"v1", "e09"},
		Run:          localAddressUse,
	}, {
		ID:           "chan/learnt-route",
		Title:        "The peer sends to exactly the return route that the kit gave: a hop, then a local address.",
		Requirements: []string{"CHAN-010", "ROUT-008"},
		Transports:   overUDP(),
		Profiles:     routed(),
		Run:          learntRoute,
	}}
}

// minLocal is the least length of a local address in bytes.
const minLocal = 4

// localOf is the local address at the end of a handshake message's return route, "" if there is none.
func localOf(route adversary.Route) adversary.Address {
	if n := len(route); n > 0 && route[n-1].Type() == wire.Local {
		return route[n-1]
	}
	return ""
}

// ownLocalAddress begins handshakes from one source and from several, and leaves all of them half-open.
func ownLocalAddress(ctx context.Context, env conformance.Env) error {
	const want = "a local address of its own for each channel"
	seen := map[adversary.Address]bool{}
	var all []*adversary.Session
	for i := range 8 {
		var s *adversary.Session
		var err error
		if i > 0 && i < 4 {
			s, err = all[0].Sibling()
		} else {
			s, err = adversary.Dial(ctx, env)
		}
		if err != nil {
			return err
		}
		all = append(all, s)
		if err := s.Begin(); err != nil {
			if i > 0 && i < 4 {
				return blame("CHAN-010", "a new responder for each new m1, also from a source that has one", err)
			}
			return err
		}
		a := localOf(s.Heard.Return)
		switch {
		case a == "":
			return adversary.Fail("CHAN-010", want, "an m2 whose return route does not end with a local address")
		case len(a)-2 < minLocal:
			return adversary.Fail("CHAN-010", want+", of at least 4 bytes", fmt.Sprintf("one of %d bytes", len(a)-2))
		case seen[a]:
			return adversary.Fail("CHAN-010", want, "the local address of another handshake")
		}
		seen[a] = true
	}
	for _, i := range []int{0, 4, 5, 6, 7} { // the others share the link of the first
		if err := all[i].Close(); err != nil {
			return err
		}
	}
	return nil
}

func localAddressUse(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if err := s.Begin(); err != nil {
		return err
	}
	given := localOf(s.Heard.Return)
	if err := localAddressLast(s); err != nil {
		return err
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if s.Initiator() {
		s.Open()
	} else {
		if err := s.ReadM3(); err != nil {
			return err
		}
		if err := localAddressLast(s); err != nil {
			return err
		}
		if a := localOf(s.Heard.Return); a != given {
			return adversary.Fail("CHAN-010", "the local address of m1 in m3 too", "another one, or none")
		}
		if err := s.Finished(); err != nil {
			return err
		}
	}
	for range 2 {
		if err := s.EchoRandom(controlSize); err != nil {
			return err
		}
		if slices.ContainsFunc(s.Heard.Return, isLocal) {
			return adversary.Fail("CHAN-010", "no local address in the return route of a transport message", "one")
		}
	}
	return s.Close()
}

func isLocal(a adversary.Address) bool { return a.Type() == wire.Local }

// localAddressLast requires that the return route of the peer's handshake message has at most one local address, the last.
func localAddressLast(s *adversary.Session) error {
	route := s.Heard.Return
	i := slices.IndexFunc(route, isLocal)
	if i >= 0 && i != len(route)-1 {
		return adversary.Fail("CHAN-010", "a local address last in the return route of a handshake message", "one before its end")
	}
	if i >= 0 && len(route[i])-2 < minLocal && s.Own() != "" {
		return adversary.Fail("CHAN-010", "a local address of at least 4 bytes", fmt.Sprintf("one of %d bytes", len(route[i])-2))
	}
	return nil
}

// learntRoute is a kit behind a hop, which is the kit too.
func learntRoute(ctx context.Context, env conformance.Env) error {
	const want = "the kit's return route as onward route"
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	hop, err := adversary.TransportAddress(wire.UDP, "192.0.2.7:4000")
	if err != nil {
		return err
	}
	local, err := s.NewLocal()
	if err != nil {
		return err
	}
	own := s.Return
	behind := adversary.Route{hop, local}
	s.Local, s.Return = "", append(slices.Clone(own), behind...)
	learnt := func() error {
		got := s.Heard.Onward
		if len(got) != 1+len(behind) || !slices.Equal(got[1:], behind) {
			return adversary.Fail("CHAN-010", want+fmt.Sprintf(" of %d addresses", 1+len(behind)),
				fmt.Sprintf("%d addresses, or others", len(got)))
		}
		return nil
	}
	if err := s.Begin(); err != nil {
		return err
	}
	if s.Initiator() {
		if err := learnt(); err != nil {
			return err
		}
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if !s.Initiator() {
		if err := s.ReadM3(); err != nil {
			return blame("CHAN-010", want, err)
		}
		if err := learnt(); err != nil {
			return err
		}
		if err := s.Finished(); err != nil {
			return err
		}
	} else {
		s.Open()
	}
	s.Return = own
	for range 2 {
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("CHAN-010", "an echo by the route that was learnt", err)
		}
		if err := learnt(); err != nil {
			return err
		}
	}
	return s.Close()
}
