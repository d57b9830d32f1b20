package vaulttest

import (
	"bytes"
	"fmt"

	"ockamtest/ref/vault"
)

func openChecks() []Check {
	return []Check{
		{"open/tag/refuses", []string{"VAULT-005"}, nil, openTag},
		{"open/tag-length/refuses", []string{"VAULT-005"}, nil, openTagLength},
		{"open/ciphertext/refuses", []string{"VAULT-005"}, nil, openCiphertext},
		{"open/context/refuses", []string{"VAULT-005"}, nil, openContext},
		{"open/short/refuses", []string{"VAULT-005"}, nil, openShort},
		{"open/in-place/refuses", []string{"VAULT-005"}, nil, openInPlace},
	}
}

// openPlaintext is what no refusal may let through: no byte of it is zero or the canary.
const openPlaintext = "the quick brown fox jumps over the lazy dog, forty-two times before noon"

// An envelope is a sealed openPlaintext with all that opens it.
type envelope struct{ nonce, ad, sealed []byte }

func (s *exam) envelope(b box) envelope {
	s.Helper()
	e := envelope{nonce: []byte("0123456789ab"), ad: []byte("associated data")}
	e.sealed = s.sealedBy(b, e.nonce, e.ad, []byte(openPlaintext))
	return e
}

// opens checks that e opens, as it has to before and after each refusal.
func (s *exam) opens(op string, b box, e envelope) {
	s.Helper()
	got, err := b.Open(make([]byte, 0, len(openPlaintext)), e.nonce, e.ad, e.sealed)
	s.ok(op+" Open", err)
	s.equal(op+" Open", got, []byte(openPlaintext))
}

// rejects checks that e does not open, that its parts stay as they are, and that no plaintext is released.
func (s *exam) rejects(op string, b box, e envelope, want error) {
	s.Helper()
	const before, behind = 3, 64
	n := max(len(e.sealed)-vault.TagSize, 0)
	room := bytes.Repeat([]byte{canary}, before+n+behind)
	sealed := bytes.Clone(e.sealed)
	got, err := b.Open(room[:before:before+n], e.nonce, e.ad, e.sealed)
	s.fails(op, err, want)
	s.equal(op+": the ciphertext", e.sealed, sealed)
	s.equal(op+": what dst held", room[:before], bytes.Repeat([]byte{canary}, before))
	s.equal(op+": behind the capacity", room[before+n:], bytes.Repeat([]byte{canary}, behind))
	for i, x := range room[before : before+n] {
		if x != 0 && x != canary {
			s.Errorf("%s: byte %d of dst is %02x, neither zero nor as it was", op, i, x)
		}
	}
	if len(got) > before {
		s.Errorf("%s: %d bytes returned with the error", op, len(got)-before)
	}
}

// openTag flips every bit of the tag.
func openTag(s *exam) {
	s.eachBox(func(op string, b box) {
		e := s.envelope(b)
		s.opens(op, b, e)
		for bit := range 8 * vault.TagSize {
			forged := e
			forged.sealed = flip(e.sealed, 8*len(openPlaintext)+bit)
			s.rejects(fmt.Sprintf("%s Open with bit %d of the tag flipped", op, bit), b, forged, vault.ErrAuthentication)
		}
		s.opens(op, b, e)
	})
}

// openTagLength cuts the tag short and makes it long.
func openTagLength(s *exam) {
	s.eachBox(func(op string, b box) {
		e := s.envelope(b)
		s.opens(op, b, e)
		for cut := range len(e.sealed) - vault.TagSize {
			forged := e
			forged.sealed = e.sealed[:len(e.sealed)-1-cut]
			s.rejects(op+" Open of a prefix", b, forged, vault.ErrAuthentication)
		}
		forged := e
		forged.sealed = append(bytes.Clone(e.sealed), 0)
		s.rejects(op+" Open with a byte too much", b, forged, vault.ErrAuthentication)
		forged.sealed = e.sealed[1:]
		s.rejects(op+" Open without the first byte", b, forged, vault.ErrAuthentication)
		s.opens(op, b, e)
	})
}

// openCiphertext flips one bit in every byte before the tag.
func openCiphertext(s *exam) {
	s.eachBox(func(op string, b box) {
		e := s.envelope(b)
		s.opens(op, b, e)
		for i := range len(openPlaintext) {
			forged := e
			forged.sealed = flip(e.sealed, 8*i+i%8)
			s.rejects(fmt.Sprintf("%s Open with byte %d wrong", op, i), b, forged, vault.ErrAuthentication)
		}
		s.opens(op, b, e)
	})
}

// openContext changes nonce, associated data, and key.
func openContext(s *exam) {
	s.eachBox(func(op string, b box) {
		e := s.envelope(b)
		s.opens(op, b, e)
		for i := range 8 * vault.NonceSize {
			forged := e
			forged.nonce = flip(e.nonce, i)
			s.rejects(op+" Open with another nonce", b, forged, vault.ErrAuthentication)
		}
		for i := range 8 * len(e.ad) {
			forged := e
			forged.ad = flip(e.ad, i)
			s.rejects(op+" Open with other associated data", b, forged, vault.ErrAuthentication)
		}
		for _, ad := range [][]byte{nil, e.ad[1:], append(bytes.Clone(e.ad), 0)} {
			forged := e
			forged.ad = ad
			s.rejects(op+" Open with associated data of another length", b, forged, vault.ErrAuthentication)
		}
		s.opens(op, b, e)
	})
}

// openShort has ciphertexts of 0 to 15 bytes, prefixes of a genuine one.
func openShort(s *exam) {
	s.eachBox(func(op string, b box) {
		e := s.envelope(b)
		for n := range vault.TagSize {
			forged := e
			forged.sealed = e.sealed[:n]
			s.rejects(fmt.Sprintf("%s Open of %d bytes", op, n), b, forged, vault.ErrShortCiphertext)
		}
		forged := e
		forged.sealed = nil
		s.rejects(op+" Open of nothing", b, forged, vault.ErrShortCiphertext)
		s.opens(op, b, e)
	})
}

// openInPlace checks that a forgery opened over itself leaves no plaintext.
func openInPlace(s *exam) {
	s.eachBox(func(op string, b box) {
		e := s.envelope(b)
		for _, bit := range []int{0, 8*len(e.sealed) - 1} {
			forged := flip(e.sealed, bit)
			room := bytes.Clone(forged)
			_, err := b.Open(room[:0], e.nonce, e.ad, room)
			s.fails(op+" Open in place", err, vault.ErrAuthentication)
			for i, x := range room {
				if x != 0 && x != forged[i] {
					s.Errorf("%s Open in place: byte %d is neither zero nor as it was", op, i)
				}
			}
		}
		room := bytes.Clone(e.sealed)
		got, err := b.Open(room[:0], e.nonce, e.ad, room)
		s.ok(op+" Open in place", err)
		s.equal(op+" Open in place", got, []byte(openPlaintext))
	})
}

// flip returns a copy of b with one bit changed.
func flip(b []byte, bit int) []byte {
	c := bytes.Clone(b)
	c[bit/8] ^= 0x80 >> (bit % 8)
	return c
}
