package term

import (
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// A session is the kit's side of one channel. A shallow copy is a checkpoint: what its slices hold is appended to, never changed.
type session struct {
	at    [points]symmetric // the state after each point
	taken [points]bool      // whether it was reached in this handshake
	e     pair              // the kit's ephemeral keys in this handshake
	re    []byte            // the peer's ephemeral public key
	open  bool

	sending, receiving direction

	peer           wire.Address // the peer's end
	onward, back   wire.Route
	received, sent [][]byte
	plain          map[int][]byte // the payloads of records, by the index in received
}

// A direction is one direction of an open channel.
type direction struct {
	key, ad []byte
	n       uint64
}

func (s *session) setRoutes(p profile.Profile, link Link) error {
	if !p.Routes {
		return nil
	}
	s.peer = link.Peer
	s.onward = append(wire.Route{link.Peer}, link.Listener...)
	s.back = wire.Route{link.Own}
	if link.Local.Len() > 0 {
		s.back = append(s.back, link.Local)
	}
	for _, r := range []wire.Route{s.onward, s.back} {
		if _, err := wire.AppendRoute(nil, wire.Dialect(p.HandshakeEnvelope()), r); err != nil {
			return err
		}
	}
	return nil
}

// begin begins the handshake anew.
func (s *session) begin(start symmetric) {
	s.taken = [points]bool{}
	s.open = false
	s.reach(Start, start)
}

// reach keeps the state at a point.
func (s *session) reach(p Point, state symmetric) { s.at[p], s.taken[p] = state, true }

// learn takes the reply route from the return route of a handshake message that verified (ROUT-003, ROUT-008).
func (s *session) learn(p profile.Profile, back wire.Route) {
	if !p.Routes {
		return
	}
	if len(back) > 0 && back[0].Type() == s.peer.Type() {
		back = back[1:]
	}
	s.onward = append(wire.Route{s.peer}, back...)
}

// established sets the two directions (NOISE-010).
func (e *Evaluator) established(s *session) {
	k1, k2 := e.split(s.at[AfterM3])
	if e.config.Peer == Responder { // the initiator encrypts with k2
		k1, k2 = k2, k1
	}
	var ad []byte
	h := s.at[AfterM3].h
	if e.config.Profile.AssociatedData == profile.HandshakeHash {
		ad = append(ad, h[:]...)
	}
	s.sending, s.receiving = direction{key: k1, ad: ad}, direction{key: k2, ad: ad}
	s.open = true
}

// split returns k1 and k2 of a state.
func (e *Evaluator) split(s symmetric) (k1, k2 []byte) {
	a, b := e.config.Crypto.HKDF(s.ck, nil)
	return e.cut(a), e.cut(b)
}
