package keytest

import (
	"bytes"
	"errors"

	"ockamtest/ref/key"
)

func handshakeChecks() []Check {
	return []Check{
		{"handshake/completes", []string{"KEY-004"}, checkCompletes},
		{"handshake/sizes", []string{"NOISE-002", "KEY-004"}, checkSizes},
		{"handshake/binding", []string{"NOISE-014"}, checkBinding},
		{"handshake/peer", []string{"NOISE-011"}, checkPeer},
		{"handshake/fresh", []string{"NOISE-008"}, checkFresh},
		{"handshake/order", []string{"CHAN-001"}, checkOrder},
		{"handshake/rejected-message", []string{"NOISE-005", "NOISE-017"}, checkRejected},
		{"handshake/wrong-length", []string{"NOISE-006"}, checkLength},
		{"handshake/refused-peer", []string{"NOISE-011"}, checkRefusedPeer},
		{"handshake/short-buffer", []string{"KEY-002"}, checkShortReply},
		{"handshake/append", []string{"KEY-002"}, checkAppendsReply},
	}
}

// Each side is complete after its last step and not before.
func checkCompletes(s *subject) {
	last := map[key.Agreement]int{}
	for n, st := range s.steps() {
		last[st.side] = n
	}
	n := 0
	s.shake(func(st step, _ []byte) {
		for name, a := range s.sides() {
			s.is(name+" is established before "+st.name, a.Established(), last[a] < n)
		}
		n++
	})
	for name, a := range s.sides() {
		s.is(name+" is established", a.Established(), true)
	}
}

// The messages have the sizes that both sides tell.
func checkSizes(s *subject) {
	messages := s.shake(nil)
	for name, a := range s.sides() {
		sizes := a.MessageSizes()
		if len(sizes) != len(messages) {
			s.Fatalf("%s tells of %d messages, there are %d", name, len(sizes), len(messages))
		}
		for n, size := range sizes {
			s.is(name+": size of a message", len(messages[n]) == size, true)
		}
		clear(sizes)
		s.is(name+": sizes belong to the caller", a.MessageSizes()[0] == len(messages[0]), true)
	}
}

// Both sides have the same channel binding, 32 bytes, once they are complete, and give copies of it.
func checkBinding(s *subject) {
	s.shake(func(step, []byte) {
		for name, a := range s.sides() {
			s.is(name+": binding before completion", a.ChannelBinding() != nil, a.Established())
		}
	})
	h := bytes.Clone(s.Initiator.ChannelBinding())
	s.is("binding of 32 bytes", len(h) == 32, true)
	s.equal("responder's binding", s.Responder.ChannelBinding(), h)
	clear(s.Responder.ChannelBinding())
	s.equal("binding after a copy was changed", s.Responder.ChannelBinding(), h)
}

// Each side tells the peer's key when it is authenticated, not before, and gives copies of it.
func checkPeer(s *subject) {
	s.shake(func(step, []byte) {
		for name, a := range s.sides() {
			s.is(name+": peer before it is authenticated", a.PeerStatic() != nil, a.Established())
		}
	})
	peer := bytes.Clone(s.Responder.PeerStatic())
	s.is("peer is known", len(peer) > 0, true)
	s.is("two sides have two keys", bytes.Equal(peer, s.Initiator.PeerStatic()), false)
	clear(s.Responder.PeerStatic())
	s.equal("peer after a copy was changed", s.Responder.PeerStatic(), peer)
}

// No handshake is like another.
func checkFresh(s *subject) {
	first := s.shake(nil)
	h := s.Initiator.ChannelBinding()
	s.renew()
	for n, msg := range s.shake(nil) {
		s.is("a message of another handshake is the same", bytes.Equal(msg, first[n]), false)
	}
	s.is("the binding of another handshake is the same", bytes.Equal(s.Initiator.ChannelBinding(), h), false)
}

// Calls out of order are refused and do not disturb the handshake.
func checkOrder(s *subject) {
	wrong := func(a key.Agreement, started, complete bool) {
		s.Helper()
		buffer := make([]byte, 0, maxMessage)
		if started {
			s.refuses("Initiate again", key.ErrOutOfOrder, func() ([]byte, error) { return a.Initiate(buffer) })
			s.fails("Respond again", a.Respond(), key.ErrOutOfOrder)
		}
		if !started || complete {
			s.refuses("Handle", key.ErrOutOfOrder, func() ([]byte, error) { return a.Handle(buffer, pattern(64)) })
		}
	}
	started := map[key.Agreement]bool{}
	s.shake(func(st step, _ []byte) {
		for _, a := range s.sides() {
			wrong(a, started[a], a.Established())
		}
		started[st.side] = true
	})
	for _, a := range s.sides() {
		wrong(a, true, true)
	}
	s.equal("binding", s.Initiator.ChannelBinding(), s.Responder.ChannelBinding())
}

// A handshake message that was changed is refused, with a message number and a requirement; the genuine one is accepted afterwards. What
// m1 carries is not authenticated, so it is left alone.
func checkRejected(s *subject) {
	s.shake(func(st step, msg []byte) {
		if st.takes < 2 {
			return
		}
		for _, at := range []int{0, len(msg) / 2, len(msg) - 1} {
			bad := bytes.Clone(msg)
			bad[at] ^= 0x04
			out, err := st.call(make([]byte, 0, maxMessage), bad)
			var e *key.Error
			s.is(st.name+" of a changed message fails with an *Error", errors.As(err, &e), true)
			if e != nil {
				s.is("the error's message", e.Message == st.takes, true)
				s.is("the error names a requirement", e.Requirement != "", true)
			}
			s.is("a reply to a changed message", len(out) > 0, false)
			s.is("established by a changed message", st.side.Established(), false)
		}
	})
	s.equal("binding", s.Initiator.ChannelBinding(), s.Responder.ChannelBinding())
}

// A handshake message of another length is refused, whatever it holds.
func checkLength(s *subject) {
	s.shake(func(st step, msg []byte) {
		if st.takes == 0 {
			return
		}
		for _, length := range []int{0, 1, len(msg) - 1, len(msg) + 1, len(msg) + 16, 1100, 65535} {
			bad := make([]byte, length)
			copy(bad, msg)
			_, err := st.call(make([]byte, 0, maxMessage), bad)
			var e *key.Error
			s.is("a message of another length fails with an *Error", errors.As(err, &e), true)
			if e != nil {
				s.is("the error's requirement is NOISE-006", e.Requirement == "NOISE-006", true)
			}
			if length > len(msg) {
				s.fails("a payload", err, key.ErrPayloadRefused)
			}
		}
	})
	s.equal("binding", s.Initiator.ChannelBinding(), s.Responder.ChannelBinding())
}

// A peer that the policy refuses gets no answer, and nobody is told its key.
func checkRefusedPeer(s *subject) {
	for _, message := range []int{2, 3} {
		s.renew()
		s.shakeWhile(func(st step, msg []byte) bool {
			if st.takes != message {
				return true
			}
			s.Refuse()
			s.refuses(st.name, key.ErrPeerRefused, func() ([]byte, error) { return st.call(make([]byte, 0, maxMessage), msg) })
			s.is("established with a peer that was refused", st.side.Established(), false)
			s.is("peer that was refused is told", st.side.PeerStatic() != nil, false)
			return false
		})
	}
}

// A reply that does not fit is refused and the step can be done again.
func checkShortReply(s *subject) {
	s.shake(func(st step, msg []byte) {
		if st.gives == 0 {
			return
		}
		for _, c := range []int{0, 1, s.size(st.gives) - 1} {
			s.refuses(st.name, key.ErrShortBuffer, func() ([]byte, error) { return st.call(make([]byte, 3, 3+c), bytes.Clone(msg)) })
		}
	})
	s.equal("binding", s.Initiator.ChannelBinding(), s.Responder.ChannelBinding())
}

// Replies are appended, within the capacity and not one byte beyond.
func checkAppendsReply(s *subject) {
	var msg []byte
	for _, st := range s.steps() {
		size := s.size(st.gives)
		room := pattern(3 + size + 5)
		out, err := st.call(room[:3:3+size], msg)
		s.ok(st.name, err)
		s.is(st.name+": length", len(out) == 3+size, true)
		s.equal(st.name+": before the reply", out[:3], pattern(3 + size + 5)[:3])
		s.equal(st.name+": beyond the capacity", room[3+size:], pattern(3 + size + 5)[3+size:])
		msg = out[3:]
	}
}
