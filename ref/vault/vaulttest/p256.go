package vaulttest

import (
	"bytes"
	"slices"

	"ockamtest/ref/vault"
)

// p256Base is the base point.
const p256Base = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
	"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

// p256Zero is one of the two points with x = 0.
const p256Zero = "040000000000000000000000000000000000000000000000000000000000000000" +
	"66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4"

// p256Prime is the order of the field.
const p256Prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"

func p256Checks() []Check {
	importing := imports(vault.P256PrivateKey)
	has := func(c vault.Capabilities) string {
		if !c.CanGenerate(vault.P256PrivateKey) {
			return importing(c)
		}
		return ""
	}
	return []Check{
		{"p256/known/accepts", []string{"VAULT-003"}, importing, p256Known},
		{"p256/length/refuses", []string{"VAULT-002"}, has, p256Lengths},
		{"p256/form/refuses", []string{"VAULT-002"}, has, p256Forms},
		{"p256/off-curve/refuses", []string{"VAULT-002"}, has, p256OffCurve},
	}
}

// p256Known has the first vector of NIST's CAVS for ECC CDH and two properties of the base point: 1*G = G, and
// (n-1)*G has G's x coordinate. The last point has x = 0.
func p256Known(s *exam) {
	const one = "0000000000000000000000000000000000000000000000000000000000000001"
	x := p256Base[2:66]
	last := p256Order[:62] + "50"
	s.agrees(vault.P256PrivateKey,
		agreement{"7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
			"04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287" +
				"db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
			"46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
		agreement{one, p256Base, x},
		agreement{last, p256Base, x},
		agreement{one, p256Zero, p256Zero[2:66]})
}

func p256Lengths(s *exam) {
	base := unhex(p256Base)
	s.refusesPublicKeys("ECDH with a key of wrong length", vault.P256PrivateKey, vault.ErrInvalidPublicKey,
		nil, base[:1], base[:33], base[:64], base[1:], append(bytes.Clone(base), 0), append(bytes.Clone(base), base[1:]...))
}

// p256Forms has the other forms of SEC 1: infinity, compressed, hybrid; and first bytes that have no meaning.
func p256Forms(s *exam) {
	base := unhex(p256Base)
	wrong := [][]byte{{0}, slices.Concat([]byte{2}, base[1:33]), slices.Concat([]byte{3}, base[1:33])}
	for first := range 256 {
		if first != int(base[0]) {
			wrong = append(wrong, slices.Concat([]byte{byte(first)}, base[1:]))
		}
	}
	s.refusesPublicKeys("ECDH with a key of another form", vault.P256PrivateKey, vault.ErrInvalidPublicKey, wrong...)
}

// p256OffCurve has points off the curve, and points on it whose coordinates are not reduced.
func p256OffCurve(s *exam) {
	base, zero, prime := unhex(p256Base), unhex(p256Zero), unhex(p256Prime)
	wrong := [][]byte{
		slices.Concat(base[:1], make([]byte, 64)),
		slices.Concat(base[:1], bytes.Repeat([]byte{0xff}, 64)),
		slices.Concat(base[:1], base[33:], base[1:33]), // x and y exchanged
		slices.Concat(base[:33], base[1:33]),           // y = x
		slices.Concat(base[:33], prime),                // y = p
		slices.Concat(zero[:1], prime, zero[33:]),      // x = p, which is 0
	}
	for i := 1; i < len(base); i++ { // One bit wrong, in every byte.
		flipped := bytes.Clone(base)
		flipped[i] ^= 1
		wrong = append(wrong, flipped)
	}
	s.refusesPublicKeys("ECDH with a point off the curve", vault.P256PrivateKey, vault.ErrInvalidPublicKey, wrong...)
}
