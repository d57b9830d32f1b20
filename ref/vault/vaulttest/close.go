package vaulttest

import "ockamtest/ref/vault"

func closeChecks() []Check {
	return []Check{
		{"close/again/accepts", []string{"VAULT-012"}, nil, closesTwice},
		{"close/use/refuses", []string{"VAULT-012"}, nil, closedRefuses},
		{"close/other/accepts", []string{"VAULT-012"}, nil, closesAlone},
	}
}

func closesTwice(s *exam) {
	s.make(s.types()[0])
	s.ok("Close", s.Close())
	s.ok("Close again", s.Close())
}

// closedRefuses calls every operation on a closed vault.
func closedRefuses(s *exam) {
	nonce, room := make([]byte, vault.NonceSize), make([]byte, 64)
	for _, t := range s.types() {
		closed := &exam{T: s.T, Vault: s.another(), capabilities: s.capabilities}
		partner, secret := closed.partner(), closed.make(t)
		var boxes []box
		if t == vault.AES128Key || t == vault.AES256Key {
			boxes = closed.boxes(secret)[1:]
		}
		closed.ok("Close", closed.Close())
		for _, u := range uses(closed, partner) {
			s.fails(u.name+" after Close", u.call(closed, secret), vault.ErrClosed)
		}
		for _, b := range boxes {
			_, err := b.Seal(room[:0], nonce, nil, []byte("plaintext"))
			s.fails("Seal "+b.name+" after Close", err, vault.ErrInvalidSecret)
			_, err = b.Open(room[:0], nonce, nil, make([]byte, 32))
			s.fails("Open "+b.name+" after Close", err, vault.ErrInvalidSecret)
		}
		_, err := closed.Generate(vault.Attributes{Type: t, Length: len(sample(t))})
		s.fails("Generate after Close", err, vault.ErrClosed)
		_, err = closed.Import(vault.Attributes{Type: t}, sample(t))
		s.fails("Import after Close", err, vault.ErrClosed)
	}
	closed := s.another()
	s.ok("Close", closed.Close())
	s.fails("Random after Close", closed.Random(room), vault.ErrClosed)
	_, err := closed.SHA256(nil, nil)
	s.fails("SHA256 after Close", err, vault.ErrClosed)
	s.equal("dst after Close", room, make([]byte, 64))
}

// closesAlone closes one vault and uses another.
func closesAlone(s *exam) {
	secret := s.make(s.types()[0])
	before := s.fingerprint(secret)
	s.ok("Close", s.another().Close())
	s.equal("a secret after another vault is closed", s.fingerprint(secret), before)
}
