package vaulttest

import "bytes"

func randomChecks() []Check {
	return []Check{
		{"random/fill/accepts", []string{"VAULT-010"}, nil, randomFills},
		{"random/repeat/refuses", []string{"NOISE-008"}, nil, randomDiffers},
		{"sha256/known/accepts", []string{"VAULT-010"}, nil, sha256Known},
	}
}

// randomFills looks for bytes that are never written: with 32 draws one stays zero with probability 2^-256.
func randomFills(s *exam) {
	for _, n := range []int{0, 1, 12, 32, 33, 100, 1000} {
		seen := make([]byte, n)
		room := make([]byte, n+1)
		room[n] = canary
		for range 32 {
			clear(room[:n])
			s.ok("Random", s.Random(room[:n]))
			for i := range seen {
				seen[i] |= room[i]
			}
		}
		s.equal("Random: the byte behind", room[n:], []byte{canary})
		if i := bytes.IndexByte(seen, 0); i >= 0 {
			s.Errorf("Random of %d bytes never fills byte %d", n, i)
		}
	}
}

// randomDiffers draws from two vaults, for which nothing tells that they are not two processes with one seed.
func randomDiffers(s *exam) {
	seen := make(map[[32]byte]bool)
	other := s.another()
	for range 32 {
		var p [2][32]byte
		s.ok("Random", s.Random(p[0][:]))
		s.ok("Random", other.Random(p[1][:]))
		seen[p[0]], seen[p[1]] = true, true
	}
	if len(seen) != 64 {
		s.Errorf("64 draws of 32 bytes gave %d values", len(seen))
	}
}

// sha256Known has the examples of FIPS 180-4, split at every place.
func sha256Known(s *exam) {
	for _, test := range []struct{ message, want string }{
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	} {
		message := []byte(test.message)
		for i := range len(message) + 1 {
			got, err := s.SHA256(message[:i], message[i:])
			s.ok("SHA256", err)
			s.equal("SHA256", got[:], unhex(test.want))
		}
	}
	got, err := s.SHA256(nil, nil)
	s.ok("SHA256", err)
	s.equal("SHA256 of nil", got[:], unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
}
