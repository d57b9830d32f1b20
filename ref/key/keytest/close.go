package keytest

import "ockamtest/ref/key"

func closeChecks() []Check {
	return []Check{
		{"close/every-call", []string{"KEY-003"}, checkClosed},
		{"close/secrets", []string{"KEY-003", "NOISE-015"}, checkSecrets},
	}
}

// Whenever an agreement is closed, every later call fails, and closing again is harmless.
func checkClosed(s *subject) {
	closed := func(a key.Agreement) {
		s.Helper()
		for range 2 {
			s.ok("Close", a.Close())
		}
		room := make([]byte, 0, maxMessage)
		for op, call := range map[string]func() ([]byte, error){
			"Initiate":  func() ([]byte, error) { return a.Initiate(room) },
			"Respond":   func() ([]byte, error) { return nil, a.Respond() },
			"Handle":    func() ([]byte, error) { return a.Handle(room, pattern(64)) },
			"Encrypt":   func() ([]byte, error) { return a.Encrypt(room, pattern(5)) },
			"Decrypt":   func() ([]byte, error) { return a.Decrypt(room, pattern(30)) },
			"DecryptAt": func() ([]byte, error) { return a.DecryptAt(room, 0, pattern(30)) },
		} {
			s.refuses(op+" after Close", key.ErrClosed, call)
		}
		s.unlocated(a, 0, 3, pattern(30), key.ErrClosed)
		s.is("established after Close", a.Established(), false)
		s.is("binding after Close", a.ChannelBinding() != nil, false)
		s.is("peer after Close", a.PeerStatic() != nil, false)
	}
	for stop := range len(s.steps()) + 1 {
		s.renew()
		n := 0
		s.shakeWhile(func(step, []byte) bool { n++; return n <= stop })
		closed(s.Initiator)
		closed(s.Responder)
	}
}

// Whenever both agreements are closed, no secret of theirs is left.
func checkSecrets(s *subject) {
	for stop := range len(s.steps()) + 1 {
		s.renew()
		n := 0
		s.shakeWhile(func(step, []byte) bool { n++; return n <= stop })
		s.is("secrets while open", s.Live() > 0, stop > 0)
		s.ok("Close", s.Initiator.Close())
		s.ok("Close", s.Responder.Close())
		s.is("secrets after Close", s.Live() == 0, true)
	}
}
