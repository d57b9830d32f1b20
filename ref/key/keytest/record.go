package keytest

import (
	"bytes"

	"ockamtest/ref/key"
	"ockamtest/ref/vault"
)

func recordChecks() []Check {
	return []Check{
		{"record/before-completion", []string{"KEY-001"}, checkBeforeCompletion},
		{"record/lengths", []string{"CHAN-005", "REC-002"}, checkLengths},
		{"record/in-place", []string{"KEY-002"}, checkInPlace},
		{"record/short-buffer", []string{"KEY-002"}, checkShortBuffer},
		{"record/append", []string{"KEY-002"}, checkAppends},
		{"record/forged", []string{"REC-004"}, checkForged},
		{"record/too-short", []string{"REC-006"}, checkTooShort},
		{"record/replay", []string{"REC-007"}, checkReplay},
		{"record/any-counter", []string{"REC-008"}, checkAnyCounter},
		{"record/locate", []string{"REC-008", "REC-012"}, checkLocate},
		{"record/counters", []string{"REC-003"}, checkCounters},
	}
}

// directions calls f for both directions of a pair.
func (s *subject) directions(f func(from, to key.Agreement)) {
	f(s.Initiator, s.Responder)
	f(s.Responder, s.Initiator)
}

// Nothing is encrypted or decrypted before completion, in no state.
func checkBeforeCompletion(s *subject) {
	s.shake(func(step, []byte) {
		for _, a := range s.sides() {
			if a.Established() {
				continue
			}
			room := make([]byte, 0, 64)
			s.refuses("Encrypt", key.ErrNotEstablished, func() ([]byte, error) { return a.Encrypt(room, pattern(5)) })
			s.refuses("Decrypt", key.ErrNotEstablished, func() ([]byte, error) { return a.Decrypt(room, pattern(30)) })
			s.refuses("DecryptAt", key.ErrNotEstablished, func() ([]byte, error) { return a.DecryptAt(room, 0, pattern(30)) })
			s.unlocated(a, 0, 3, pattern(30), key.ErrNotEstablished)
		}
	})
	s.directions(func(from, to key.Agreement) { s.decrypts(to, s.encrypt(from, pattern(5)), pattern(5)) })
}

// Every length goes through, in both directions, and is longer by Overhead.
func checkLengths(s *subject) {
	s.shake(nil)
	for _, n := range []int{0, 1, 15, 16, 17, 255, 256, 1024, 2048, 65535} {
		s.directions(func(from, to key.Agreement) {
			record := s.encrypt(from, pattern(n))
			s.is("a record is longer by Overhead", len(record) == n+from.Overhead(), true)
			s.is("a record shows the plaintext", n > 16 && bytes.Contains(record, pattern(n)), false)
			s.decrypts(to, record, pattern(n))
		})
	}
}

// Records are made and opened in place.
func checkInPlace(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		for range 3 {
			buffer := append(make([]byte, 0, 200+from.Overhead()), pattern(200)...)
			record, err := from.Encrypt(buffer[:0], buffer)
			s.ok("Encrypt in place", err)
			plaintext, err := to.Decrypt(record[:0], record)
			s.ok("Decrypt in place", err)
			s.equal("in place", plaintext, pattern(200))
		}
	})
}

// An output that does not fit is refused and uses no counter, of neither side.
func checkShortBuffer(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		for range 2 {
			for _, c := range []int{0, 5, 5 + from.Overhead() - 1} {
				s.refuses("Encrypt", key.ErrShortBuffer, func() ([]byte, error) { return from.Encrypt(make([]byte, 3, 3+c), pattern(5)) })
			}
			record := s.encrypt(from, pattern(5))
			for _, c := range []int{0, 4} {
				s.refuses("Decrypt", key.ErrShortBuffer, func() ([]byte, error) { return to.Decrypt(make([]byte, 3, 3+c), record) })
			}
			s.decrypts(to, record, pattern(5))
		}
	})
}

// Output is appended, within the capacity and not one byte beyond.
func checkAppends(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		size := 5 + from.Overhead()
		appends := func(op string, size int, call func(dst []byte) ([]byte, error)) []byte {
			room := pattern(3 + size + 5)
			out, err := call(room[: 3 : 3+size])
			s.ok(op, err)
			s.equal(op+": before", out[:3], pattern(3 + size + 5)[:3])
			s.equal(op+": beyond the capacity", room[3+size:], pattern(3 + size + 5)[3+size:])
			return out[3:]
		}
		record := appends("Encrypt", size, func(dst []byte) ([]byte, error) { return from.Encrypt(dst, pattern(5)) })
		s.equal("plaintext", appends("Decrypt", 5, func(dst []byte) ([]byte, error) { return to.Decrypt(dst, record) }), pattern(5))
	})
}

// A record that was changed is refused, releases nothing, and does not advance the counter: the genuine one is accepted afterwards.
func checkForged(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		record := s.encrypt(from, pattern(40))
		for at := range record {
			bad := bytes.Clone(record)
			bad[at] ^= 0x10
			room := make([]byte, 0, 64)
			s.refuses("Decrypt", vault.ErrAuthentication, func() ([]byte, error) { return to.Decrypt(room, bad) })
			s.is("plaintext released", bytes.Contains(room[:cap(room)], pattern(40)[:8]), false)
		}
		s.decrypts(to, record, pattern(40))
	})
}

// A record that is too short for a tag is refused as such.
func checkTooShort(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		record := s.encrypt(from, nil)
		for n := range to.Overhead() {
			s.refuses("Decrypt", vault.ErrShortCiphertext, func() ([]byte, error) { return to.Decrypt(make([]byte, 0, 64), record[:n]) })
		}
		s.decrypts(to, record, nil)
	})
}

// A record is accepted once, only by the other side, and not by the next handshake.
func checkReplay(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		decrypt := func(a key.Agreement, record []byte) func() ([]byte, error) {
			return func() ([]byte, error) { return a.Decrypt(make([]byte, 0, 64), record) }
		}
		record := s.encrypt(from, pattern(5))
		s.refuses("Decrypt of one's own record", vault.ErrAuthentication, decrypt(from, record))
		s.decrypts(to, record, pattern(5))
		for range 2 {
			s.refuses("Decrypt of a replay", vault.ErrAuthentication, decrypt(to, record))
		}
		s.decrypts(to, s.encrypt(from, pattern(5)), pattern(5))
		s.refuses("Decrypt of a replay", vault.ErrAuthentication, decrypt(to, record))
	})
	record := s.encrypt(s.Initiator, pattern(5))
	s.open()
	s.refuses("Decrypt in another session", vault.ErrAuthentication, func() ([]byte, error) {
		return s.Responder.Decrypt(make([]byte, 0, 64), record)
	})
}

// DecryptAt opens a record under its counter and no other, in any order, and moves no counter.
func checkAnyCounter(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		var records [4][]byte
		for n := range records {
			records[n] = s.encrypt(from, pattern(n))
		}
		for _, n := range []uint64{2, 0, 3, 1, 1} {
			for other := range uint64(len(records)) {
				if other != n {
					s.refuses("DecryptAt another counter", vault.ErrAuthentication, func() ([]byte, error) {
						return to.DecryptAt(make([]byte, 0, 8), other, records[n])
					})
				}
			}
			out, err := to.DecryptAt(make([]byte, 0, 8), n, records[n])
			s.ok("DecryptAt", err)
			s.equal("DecryptAt", out, pattern(int(n)))
		}
		for n, record := range records {
			s.decrypts(to, record, pattern(n))
		}
	})
}

// Locate finds the counter of a record wherever in the range it is, and nothing else; it moves no counter and changes no record.
func checkLocate(s *subject) {
	s.shake(nil)
	s.directions(func(from, to key.Agreement) {
		var records [4][]byte
		for n := range records {
			records[n] = s.encrypt(from, pattern(20*n+1))
		}
		for _, n := range []uint64{2, 0, 3, 1, 1} {
			for _, r := range [][2]uint64{{n, n}, {0, n}, {n, n + 40}, {0, 3}, {0, key.MaxCounter + 1}, {n, 1<<64 - 1}} {
				s.located(to, r[0], r[1], records[n], n)
			}
			s.unlocated(to, n+1, n+40, records[n], vault.ErrAuthentication)
			s.unlocated(to, n+1, n, records[n], vault.ErrAuthentication)
			if n > 0 {
				s.unlocated(to, 0, n-1, records[n], vault.ErrAuthentication)
			}
			s.unlocated(from, 0, 3, records[n], vault.ErrAuthentication)
		}
		for at := range records[1] {
			bad := bytes.Clone(records[1])
			bad[at] ^= 0x10
			s.unlocated(to, 0, 3, bad, vault.ErrAuthentication)
		}
		for n := range to.Overhead() {
			s.unlocated(to, 0, 3, records[1][:n], vault.ErrShortCiphertext)
		}
		for _, n := range []uint64{key.MaxCounter + 1, 1 << 32, 1<<64 - 1} {
			s.unlocated(to, n, n, records[1], key.ErrCounterExhausted)
		}
		for n, record := range records {
			s.decrypts(to, record, pattern(20*n+1))
		}
	})
}

// located checks that a finds record under counter want, and leaves it as it was.
func (s *subject) located(a key.Agreement, from, to uint64, record []byte, want uint64) {
	s.Helper()
	given := bytes.Clone(record)
	n, err := a.Locate(from, to, given)
	s.ok("Locate", err)
	if n != want {
		s.Errorf("Locate in [%d, %d]: got %d, want %d", from, to, n, want)
	}
	s.equal("the record after Locate", given, record)
}

// unlocated checks that Locate fails with want, and leaves record as it was.
func (s *subject) unlocated(a key.Agreement, from, to uint64, record []byte, want error) {
	s.Helper()
	given := bytes.Clone(record)
	n, err := a.Locate(from, to, given)
	s.fails("Locate", err, want)
	s.is("a counter beside an error", n != 0, false)
	s.equal("the record after Locate", given, record)
}

// Counters 0 to 65,535 are used, one after the other. Then the direction is at its end, for both sides, and the other goes on.
func checkCounters(s *subject) {
	s.shake(nil)
	from, to := s.Initiator, s.Responder
	room := make([]byte, 0, 64)
	for n := uint64(0); n <= key.MaxCounter; n++ {
		record, err := from.Encrypt(room, pattern(5))
		s.ok("Encrypt", err)
		if n%4096 == 0 || n == key.MaxCounter {
			out, err := to.DecryptAt(make([]byte, 0, 8), n, record)
			s.ok("DecryptAt", err)
			s.equal("DecryptAt", out, pattern(5))
		}
		_, err = to.Decrypt(record[:0], record)
		s.ok("Decrypt", err)
	}
	for range 2 {
		s.refuses("Encrypt past the last counter", key.ErrCounterExhausted, func() ([]byte, error) { return from.Encrypt(room, pattern(5)) })
		s.refuses("Decrypt past the last counter", key.ErrCounterExhausted, func() ([]byte, error) { return to.Decrypt(room, pattern(30)) })
	}
	for _, n := range []uint64{key.MaxCounter + 1, 1 << 32, 1<<64 - 1} {
		s.refuses("DecryptAt past the last counter", key.ErrCounterExhausted, func() ([]byte, error) { return to.DecryptAt(room, n, pattern(30)) })
	}
	s.decrypts(from, s.encrypt(to, pattern(5)), pattern(5))
}
