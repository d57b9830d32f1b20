package vaulttest

import (
	"bytes"

	"ockamtest/ref/vault"
)

// x25519Base is the base point, u = 9.
const x25519Base = "0900000000000000000000000000000000000000000000000000000000000000"

func x25519Checks() []Check {
	importing := imports(vault.X25519PrivateKey)
	has := func(c vault.Capabilities) string {
		if !c.CanGenerate(vault.X25519PrivateKey) {
			return importing(c)
		}
		return ""
	}
	return []Check{
		{"x25519/known/accepts", []string{"VAULT-003", "NOISE-018"}, importing, x25519Known},
		{"x25519/clamp/accepts", []string{"NOISE-018"}, importing, x25519Clamps},
		{"x25519/top-bit/accepts", []string{"NOISE-018"}, has, x25519IgnoresTopBit},
		{"x25519/non-canonical/accepts", []string{"NOISE-018"}, has, x25519TakesNonCanonical},
		{"x25519/length/refuses", []string{"VAULT-002"}, has, x25519Lengths},
		{"x25519/low-order/refuses", []string{"NOISE-009"}, has, x25519LowOrder},
	}
}

// x25519Known has RFC 7748, sections 5.2 (the second public key has its top bit set; then the first round of the
// iteration) and 6.1.
func x25519Known(s *exam) {
	s.agrees(vault.X25519PrivateKey,
		agreement{"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
			"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
			"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
		agreement{"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
			"e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
			"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
		agreement{x25519Base, x25519Base, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"},
		agreement{"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
			"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
			"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
		agreement{"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
			"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
			"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"})
}

// x25519Clamps imports scalars that differ only in bits that clamping sets: they agree alike, and are exported as they
// were imported.
func x25519Clamps(s *exam) {
	const public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
	clamped := unhex("58ab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e06b")
	want := unhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
	for _, first := range []byte{0, 1, 2, 4, 7} {
		for _, last := range []byte{0, 0x40, 0x80, 0xc0} {
			scalar := bytes.Clone(clamped)
			scalar[0] |= first
			scalar[31] = scalar[31]&0x3f | last
			private := s.importWith(vault.Attributes{Type: vault.X25519PrivateKey, Exportable: true}, scalar)
			shared, err := s.ECDH(private, unhex(public))
			s.ok("ECDH", err)
			s.holds("ECDH", shared, want)
			s.appends("Export", scalar, func(dst []byte) ([]byte, error) { return s.Export(dst, private) })
			s.destroy(private)
		}
	}
}

// same checks that public keys a and b agree alike.
func (s *exam) same(op string, private vault.Secret, a, b []byte) {
	s.Helper()
	x, err := s.ECDH(private, a)
	s.ok(op, err)
	y, err := s.ECDH(private, b)
	s.ok(op, err)
	s.equal(op, s.fingerprint(x), s.fingerprint(y))
	s.destroy(x, y)
}

func x25519IgnoresTopBit(s *exam) {
	private := s.make(vault.X25519PrivateKey)
	for _, public := range []string{x25519Base, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"} {
		topBit := unhex(public)
		topBit[31] |= 0x80
		s.same("ECDH with the top bit set", private, topBit, unhex(public))
	}
}

// x25519TakesNonCanonical has all values from p+2 to 2^255-1; p and p+1 are of low order.
func x25519TakesNonCanonical(s *exam) {
	private := s.make(vault.X25519PrivateKey)
	for u := byte(2); u <= 18; u++ {
		above, below := fieldElement(u, true), fieldElement(u, false)
		s.same("ECDH with a value above p", private, above, below)
	}
}

// fieldElement returns u, or p+u, for u up to 18.
func fieldElement(u byte, plusP bool) []byte {
	b := make([]byte, vault.X25519PublicKeySize)
	if plusP {
		for i := range b {
			b[i] = 0xff
		}
		b[0], b[31] = 0xed, 0x7f
	}
	b[0] += u
	return b
}

func x25519Lengths(s *exam) {
	s.refusesPublicKeys("ECDH with a key of wrong length", vault.X25519PrivateKey, vault.ErrInvalidPublicKey,
		nil, []byte{9}, unhex(x25519Base)[:31], append(unhex(x25519Base), 0), make([]byte, 64))
}

// x25519LowOrder has every encoding of the points of order 1, 2, 4, and 8, on the curve and on its twist: 0, 1, the two of
// order 8, and p-1, p, p+1, each with and without the top bit.
func x25519LowOrder(s *exam) {
	minusOne := fieldElement(0, true)
	minusOne[0]--
	points := [][]byte{
		fieldElement(0, false),
		fieldElement(1, false),
		unhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
		unhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
		minusOne,
		fieldElement(0, true),
		fieldElement(1, true),
	}
	for _, point := range points {
		topBit := bytes.Clone(point)
		topBit[31] |= 0x80
		s.refusesPublicKeys("ECDH with a point of low order", vault.X25519PrivateKey, vault.ErrWeakPublicKey, point, topBit)
	}
}
