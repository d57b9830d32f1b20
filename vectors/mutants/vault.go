package mutants

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"slices"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func vaultMutants() []Mutant {
	return slices.Concat(ecdhMutants(), aeadMutants(), derivationMutants())
}

func ecdhMutants() []Mutant {
	k := one(vectors.KindECDH)
	return []Mutant{
		{"X25519Reversed", note("WRONG_ORDER", "VAULT-003 NOISE-018", "The X25519 output is big-endian."), k, altered("vault/shared/curve25519", reverse)},
		{"X25519PublicReversed", note("WRONG_ORDER", "VAULT-002 NOISE-018", "X25519 public keys are taken for big-endian."), k,
			ecdhBefore(func(in *vectors.ECDHInput) error {
				if in.Curve == "curve25519" {
					in.Public = reverse(in.Public)
				}
				return nil
			})},
		{"X25519Hashed", note("WRONG_VALUE", "VAULT-003", "The X25519 output is hashed."), k, altered("vault/shared/curve25519", hashed)},
		{"X25519TopBit", note("LEGAL_REFUSED", "NOISE-018", "Public keys with the top bit are refused."), k, ecdhBefore(func(in *vectors.ECDHInput) error {
			return refuseIf(in.Curve == "curve25519" && len(in.Public) == 32 && in.Public[31] > 127, "point")
		})},
		{"X25519NonCanonical", note("LEGAL_REFUSED", "NOISE-018", "Public keys of p and above are refused."), k, ecdhBefore(func(in *vectors.ECDHInput) error {
			return refuseIf(in.Curve == "curve25519" && aboveP(in.Public), "point")
		})},
		{"X25519Unclamped", note("LEGAL_REFUSED", "NOISE-018", "Private keys that are not clamped are refused."), k, ecdhBefore(func(in *vectors.ECDHInput) error {
			return refuseIf(in.Curve == "curve25519" && len(in.Private) == 32 && (in.Private[0]&7 != 0 || in.Private[31]>>6 != 1), "scalar")
		})},
		{"X25519ZeroWrong", note("WRONG_VALUE", "NOISE-009", "With a public key of low order the result is the public key."), k, ecdhAfter(func(in vectors.ECDHInput, out vectors.Hex, err error) (vectors.Hex, error) {
			if err != nil && in.Curve == "curve25519" && len(in.Public) == 32 && len(in.Private) == 32 {
				return bytes.Repeat([]byte{1}, 32), nil
			}
			return out, err
		})},
		{"PublicKeyLength", note("MISSING_CHECK", "VAULT-002", "Public keys of other lengths are cut, or filled up."), k, without("vault/length/public")},
		{"PrivateKeyLength", note("MISSING_CHECK", "VAULT-008", "Private keys of other lengths are cut, or filled up."), k, without("vault/length/private")},
		{"P256Hashed", note("WRONG_VALUE", "VAULT-003", "The x coordinate is hashed."), k, altered("vault/shared/secp256r1", hashed)},
		{"P256Reversed", note("WRONG_ORDER", "VAULT-003", "The x coordinate is little-endian."), k, altered("vault/shared/secp256r1", reverse)},
		{"P256ZerosStripped", note("WRONG_VALUE", "VAULT-003", "Leading zero bytes of the x coordinate are lost."), k,
			altered("vault/shared/secp256r1", func(b []byte) []byte { return bytes.TrimLeft(b, "\x00") })},
		{"P256OffCurve", note("MISSING_CHECK", "VAULT-002", "Points off the curve are accepted: they leak the private key."), k, without("vault/point")},
		{"P256FirstByte", note("MISSING_CHECK", "VAULT-002", "The first byte of a point is not looked at."), k, ecdhBefore(func(in *vectors.ECDHInput) error {
			if in.Curve == "secp256r1" && len(in.Public) == 65 {
				in.Public = append([]byte{4}, in.Public[1:]...)
			}
			return nil
		})},
		{"P256Scalar", note("MISSING_CHECK", "VAULT-002", "The scalar 0, or one of n and above, is accepted."), k, without("vault/scalar")},
	}
}

func refuseIf(bad bool, class string) error {
	if bad {
		return &vectors.RefusalError{Layer: "vault", Class: class}
	}
	return nil
}

func hashed(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// aboveP tells of 32 bytes without their top bit that they are 2^255-19 or more.
func aboveP(b []byte) bool {
	if len(b) != 32 || b[0] < 0xed || b[31]&127 != 127 {
		return false
	}
	return !slices.ContainsFunc(b[1:31], func(c byte) bool { return c != 255 })
}

// An ecdhMutant does something before or after the oracle.
type ecdhMutant struct {
	oracle.Subject
	before func(*vectors.ECDHInput) error
	after  func(vectors.ECDHInput, vectors.Hex, error) (vectors.Hex, error)
}

// ECDH implements vectors.Subject.
func (m ecdhMutant) ECDH(in vectors.ECDHInput) (vectors.Hex, error) {
	if m.before != nil {
		if err := m.before(&in); err != nil {
			return nil, err
		}
	}
	out, err := m.Subject.ECDH(in)
	if m.after != nil {
		return m.after(in, out, err)
	}
	return out, err
}

func ecdhBefore(f func(*vectors.ECDHInput) error) vectors.Subject { return ecdhMutant{before: f} }

func ecdhAfter(f func(vectors.ECDHInput, vectors.Hex, error) (vectors.Hex, error)) vectors.Subject {
	return ecdhMutant{after: f}
}

func aeadMutants() []Mutant {
	k := one(vectors.KindAEAD)
	return []Mutant{
		{"GcmTagIgnored", note("MISSING_CHECK", "VAULT-005", "The tag is not compared."), k, without("vault/tag")},
		{"GcmTagFirst4", note("PARTIAL_CHECK", "VAULT-005", "The first 4 bytes of the tag alone are compared."), k, altered("vault/compared", first(4))},
		{"GcmTagFirst8", note("PARTIAL_CHECK", "VAULT-005", "The first 8 bytes of the tag alone are compared."), k, altered("vault/compared", first(8))},
		{"GcmTagFirst12", note("PARTIAL_CHECK", "VAULT-005", "The first 12 bytes of the tag alone are compared."), k, altered("vault/compared", first(12))},
		{"GcmTagFirst15", note("PARTIAL_CHECK", "VAULT-005", "The last byte of the tag is not compared."), k, altered("vault/compared", first(15))},
		{"GcmTagLast15", note("PARTIAL_CHECK", "VAULT-005", "The first byte of the tag is not compared."), k, altered("vault/compared", last(15))},
		{"GcmTagSum", note("PARTIAL_CHECK", "VAULT-005", "The sums of the tags' bytes are compared."), k, altered("vault/compared", sum)},
		{"GcmTagText", note("PARTIAL_CHECK", "VAULT-005", "The comparison of tags ends at a zero byte."), k, altered("vault/compared", cString)},
		{"GcmShort", note("OUT_OF_BOUNDS", "VAULT-005 REC-006", "Input shorter than a tag is opened: its length becomes negative."), k, without("vault/short", "vault/tag")},
		{"GcmAdIgnored", note("MISSING_INPUT", "VAULT-005 NOISE-003", "Associated data is not used."), k, altered("vault/ad", none)},
		{"GcmAd16", note("MISSING_INPUT", "VAULT-005", "16 bytes of associated data are used, no more."), k, altered("vault/ad", first(16))},
		{"GcmKeyLength", note("MISSING_CHECK", "VAULT-008", "Keys of other sizes are cut, or filled up."), k, without("vault/length/key", "vault/tag")},
		{"GcmNonceLength", note("MISSING_CHECK", "NOISE-003", "Nonces of other sizes are cut, or filled up."), k, without("vault/length/iv", "vault/tag")},
		{"GcmTagInFront", note("WRONG_FORMAT", "NOISE-003", "The tag stands before the ciphertext."), k, altered("vault/sealed", func(b []byte) []byte {
			return slices.Concat(b[len(b)-16:], b[:len(b)-16])
		})},
		{"GcmEmpty", note("MISSING_CHECK", "VAULT-005 NOISE-005", "The tag of an empty plaintext is not verified."), k, aeadBy(func(in vectors.AEADInput) (vectors.Hex, error) {
			if in.Op == "open" && len(in.Data) == 16 && len(in.IV) == 12 && (len(in.Key) == 16 || len(in.Key) == 32) {
				return vectors.Hex{}, nil
			}
			return oracle.Subject{}.AEAD(in)
		})},
		{"GcmAes128", note("WRONG_VALUE", "NOISE-003", "AES-128 is used with the first 16 bytes of longer keys."), k, aeadBy(func(in vectors.AEADInput) (vectors.Hex, error) {
			if len(in.Key) == 32 {
				in.Key = in.Key[:16]
			}
			return oracle.Subject{}.AEAD(in)
		})},
		{"GcmBlocks", note("WRONG_VALUE", "VAULT-005", "Plaintexts that do not end with a block are filled up with zeros."), k, aeadBy(func(in vectors.AEADInput) (vectors.Hex, error) {
			if in.Op == "seal" {
				in.Data = append(slices.Clone(in.Data), make([]byte, -len(in.Data)&15)...)
			}
			return oracle.Subject{}.AEAD(in)
		})},
	}
}

func sum(b []byte) []byte {
	var n byte
	for _, c := range b {
		n += c
	}
	return []byte{n}
}

type aeadMutant struct {
	oracle.Subject
	aead func(vectors.AEADInput) (vectors.Hex, error)
}

// AEAD implements vectors.Subject.
func (m aeadMutant) AEAD(in vectors.AEADInput) (vectors.Hex, error) { return m.aead(in) }

func aeadBy(f func(vectors.AEADInput) (vectors.Hex, error)) vectors.Subject {
	return aeadMutant{aead: f}
}

func derivationMutants() []Mutant {
	k, h := one(vectors.KindHKDF), one(vectors.KindHash)
	return []Mutant{
		{"HkdfNoSalt", note("MISSING_INPUT", "VAULT-004", "The salt is not used."), k, altered("vault/salt", none)},
		{"HkdfSalt32", note("MISSING_INPUT", "VAULT-004", "32 bytes of the salt are used, no more."), k, altered("vault/salt", first(32))},
		{"HkdfNoInput", note("MISSING_INPUT", "VAULT-004", "The input is not used."), k, altered("vault/ikm", none)},
		{"HkdfSwapped", note("WRONG_ORDER", "VAULT-004", "Salt and input are swapped."), k, hkdfBy(func(prk, salt, ikm []byte, n int) []byte { return expand(mac(ikm, salt), n, 1, true) })},
		{"HkdfFromZero", note("OFF_BY_N", "VAULT-004", "The blocks are numbered from 0."), k, hkdfBy(func(prk, _, _ []byte, n int) []byte { return expand(prk, n, 0, true) })},
		{"HkdfNoChain", note("MISSING_INPUT", "VAULT-004", "A block does not go into the next."), k, hkdfBy(func(prk, _, _ []byte, n int) []byte { return expand(prk, n, 1, false) })},
		{"HkdfNoExtract", note("MISSING_INPUT", "VAULT-004", "The input is expanded without being extracted."), k, hkdfBy(func(_, _, ikm []byte, n int) []byte { return expand(ikm, n, 1, true) })},
		{"HkdfOneBlock", note("WRONG_VALUE", "VAULT-004", "All blocks are the first."), k, altered("vault/okm", func(b []byte) []byte { return bytes.Repeat(b[:32], len(b)/32) })},
		{"HkdfReversed", note("WRONG_ORDER", "VAULT-004", "The blocks come in the other order."), k, altered("vault/okm", func(b []byte) []byte {
			var out []byte
			for i := len(b); i > 0; i -= 32 {
				out = append(out, b[i-32:i]...)
			}
			return out
		})},
		{"HashTwice", note("WRONG_VALUE", "NOISE-003", "The digest is hashed once more."), h, altered("vault/digest", hashed)},
		{"HashOneBlock", note("BUFFER_SIZE", "NOISE-003", "The first block alone is hashed."), h, altered("vault/hashed", first(64))},
		{"HashEmpty", note("WRONG_VALUE", "NOISE-003", "The digest of nothing is nothing."), h, hashBy(func(b []byte) []byte {
			if len(b) == 0 {
				return nil
			}
			return hashed(b)
		})},
		{"HashSha512", note("WRONG_VALUE", "NOISE-003", "The digest is SHA-512's, cut."), h, hashBy(func(b []byte) []byte {
			sum := sha512.Sum512(b)
			return sum[:32]
		})},
		{"HashPadding", note("OFF_BY_N", "NOISE-003", "A message of 56 to 63 bytes in its last block is padded without a second block: its length is lost."), h, hashBy(func(b []byte) []byte {
			if len(b)%64 >= 56 {
				return make([]byte, 32)
			}
			return hashed(b)
		})},
	}
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// expand is HKDF-Expand with empty info, and blocks numbered from first, chained or not.
func expand(prk []byte, size int, first byte, chained bool) []byte {
	var out, block []byte
	for i := first; len(out) < size; i++ {
		previous := block
		if !chained {
			previous = nil
		}
		block = mac(prk, previous, []byte{i})
		out = append(out, block...)
	}
	return out[:size]
}

type derivationMutant struct {
	oracle.Subject
	hkdf func(prk, salt, ikm []byte, size int) []byte
	hash func([]byte) []byte
}

// HKDF implements vectors.Subject.
func (m derivationMutant) HKDF(in vectors.HKDFInput) (vectors.Hex, error) {
	if m.hkdf == nil {
		return m.Subject.HKDF(in)
	}
	return m.hkdf(mac(in.Salt, in.Ikm), in.Salt, in.Ikm, in.Size), nil
}

// Hash implements vectors.Subject.
func (m derivationMutant) Hash(msg vectors.Hex) (vectors.Hex, error) {
	if m.hash == nil {
		return m.Subject.Hash(msg)
	}
	return m.hash(msg), nil
}

func hkdfBy(f func(prk, salt, ikm []byte, size int) []byte) vectors.Subject {
	return derivationMutant{hkdf: f}
}

func hashBy(f func([]byte) []byte) vectors.Subject { return derivationMutant{hash: f} }
