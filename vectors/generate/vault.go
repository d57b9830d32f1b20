package generate

import (
	"crypto/elliptic"
	"fmt"
	"math/big"
	"slices"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

func vaultScenarios() []func(*builder) {
	return []func(*builder){
		x25519Known, x25519Pairs, x25519NonCanonical, x25519LowOrder, x25519Lengths, p256Pairs, p256Points, p256Lengths,
		aeadLengths, aeadTags, aeadChanged, aeadSizes, hkdfBlocks, hashes,
	}
}

func x25519(private, public []byte) *vectors.ECDH {
	return &vectors.ECDH{ECDHInput: vectors.ECDHInput{Curve: "curve25519", Public: public, Private: private}}
}

func p256(private, public []byte) *vectors.ECDH {
	return &vectors.ECDH{ECDHInput: vectors.ECDHInput{Curve: "secp256r1", Public: public, Private: private}}
}

func publicX(private []byte) vectors.Hex { return oracle.Public(vectors.SuiteX25519, private) }
func publicP(private []byte) vectors.Hex { return oracle.Public(vectors.SuiteP256, private) }

func x25519Known(b *builder) {
	b.group(vectors.KindECDH, "X25519: RFC 7748, section 5.2")
	b.accept("NOISE-018 VAULT-003", "5.2, first", x25519(bytesOf("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
		bytesOf("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")))
	b.accept("NOISE-018 VAULT-003", "5.2, second: the top bit of the public key is set", x25519(bytesOf("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
		bytesOf("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")))
}

func x25519Pairs(b *builder) {
	b.group(vectors.KindECDH, "X25519: scalars are clamped on use, the top bit of a public key is ignored")
	for i := range 5 {
		private, public := key(fmt.Sprint("x25519 private ", i)), publicX(key(fmt.Sprint("x25519 public ", i)))
		b.accept("VAULT-003", "two keys", x25519(private, public))
		for _, bit := range []int{0, 1, 2, 254, 255} {
			b.accept("NOISE-018", fmt.Sprintf("bit %d of the scalar changed: it is clamped", bit), x25519(flip(private, bit), public))
		}
		b.accept("NOISE-018", "the top bit of the public key changed", x25519(private, flip(public, 255)))
	}
}

// plus is 2^255-19 and n, little-endian.
func plus(n int64) vectors.Hex {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19-n))
	b := p.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

func x25519NonCanonical(b *builder) {
	b.group(vectors.KindECDH, "X25519: public keys of p and above are accepted")
	for n := int64(2); n < 19; n++ {
		b.accept("NOISE-018", fmt.Sprintf("p + %d", n), x25519(key("non-canonical"), plus(n)))
	}
	b.accept("NOISE-018", "p + 9 with the top bit", x25519(key("non-canonical"), flip(plus(9), 255)))
}

// lowOrder are the public keys with which X25519 gives zero, the non-canonical ones included.
func lowOrder() map[string]vectors.Hex {
	return map[string]vectors.Hex{
		"0": resized(nil, 32), "1": resized([]byte{1}, 32), "p-1": plus(-1), "p": plus(0), "p+1": plus(1),
		"order 8":            bytesOf("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
		"order 8, the other": bytesOf("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
	}
}

func x25519LowOrder(b *builder) {
	b.group(vectors.KindECDH, "X25519: the result is zero, which SHOULD be an error")
	for _, name := range sortedNames(lowOrder()) {
		b.allow("vault/zero", "NOISE-009 VAULT-002", name, x25519(key("low order"), lowOrder()[name]))
		b.allow("vault/zero", "NOISE-009 VAULT-002", name+" with the top bit", x25519(key("low order"), flip(lowOrder()[name], 255)))
	}
}

func x25519Lengths(b *builder) {
	b.group(vectors.KindECDH, "X25519: keys of other lengths")
	private, public := key("length"), publicX(key("length of the other"))
	control := b.accept("VAULT-002", "32 bytes", x25519(private, public))
	for _, n := range []int{0, 1, 16, 31, 33, 64, 65} {
		b.refuse(control, "vault/length", "VAULT-002", fmt.Sprintf("a public key of %d bytes", n), x25519(private, resized(public, n)))
		b.refuse(control, "vault/length", "VAULT-008", fmt.Sprintf("a private key of %d bytes", n), x25519(resized(private, n), public))
	}
}

// resized is b cut, or filled up with zeros.
func resized(b []byte, n int) vectors.Hex {
	out := make(vectors.Hex, n)
	copy(out, b)
	return out
}

func p256Pairs(b *builder) {
	b.group(vectors.KindECDH, "P-256: the x coordinate")
	for i := range 8 {
		b.accept("VAULT-003", "two keys", p256(key(fmt.Sprint("p256 private ", i)), publicP(key(fmt.Sprint("p256 public ", i)))))
	}
	one, order := resized(nil, 32), elliptic.P256().Params().N
	one[31] = 1
	b.accept("VAULT-003", "the scalar 1", p256(one, publicP(key("p256"))))
	b.accept("VAULT-003", "the scalar n-1", p256(new(big.Int).Sub(order, big.NewInt(1)).Bytes(), publicP(key("p256"))))
	b.accept("VAULT-003", "the public key is the generator", p256(key("p256"), publicP(one)))
	// Shared x coordinates that begin with a zero byte are still 32 bytes.
	for i, found := 0, 0; found < 2; i++ {
		v := p256(key(fmt.Sprint("p256 zero ", i)), publicP(key("p256")))
		if shared, err := (oracle.Subject{}).ECDH(v.ECDHInput); err == nil && shared[0] == 0 {
			b.accept("VAULT-003", "the x coordinate begins with a zero byte", v)
			found++
		}
	}
}

func p256Points(b *builder) {
	b.group(vectors.KindECDH, "P-256: what is no point of the curve")
	private, public := key("p256 point"), publicP(key("p256 point of the other"))
	control := b.accept("VAULT-002", "a point", p256(private, public))
	bad := func(name string, point []byte) {
		b.refuse(control, "vault/point", "VAULT-002", name, p256(private, point))
	}
	for _, bit := range []int{8, 15, 100, 263, 264, 300, 512, 519} {
		bad(fmt.Sprintf("bit %d flipped", bit), flip(public, bit))
	}
	for _, first := range []byte{0, 1, 2, 3, 5, 6, 7, 255} {
		changed := slices.Clone(public)
		changed[0] = first
		bad(fmt.Sprintf("begins with %02x", first), changed)
	}
	field := elliptic.P256().Params().P.Bytes()
	bad("x and y are 0", append([]byte{4}, make([]byte, 64)...))
	bad("x is 0", slices.Concat([]byte{4}, make([]byte, 32), public[33:]))
	bad("y is 0", slices.Concat(public[:33], make([]byte, 32)))
	bad("x is p", slices.Concat([]byte{4}, field, public[33:]))
	bad("y is p", slices.Concat(public[:33], field))
	bad("x and y are all ones", slices.Concat([]byte{4}, slices.Repeat([]byte{255}, 64)))
	bad("x and y swapped", slices.Concat([]byte{4}, public[33:], public[1:33]))
	bad("little-endian coordinates", slices.Concat([]byte{4}, reversed(public[1:33]), reversed(public[33:])))
	for name, scalar := range []vectors.Hex{make([]byte, 32), elliptic.P256().Params().N.Bytes(), slices.Repeat(vectors.Hex{255}, 32)} {
		b.refuse(control, "vault/scalar", "VAULT-002", []string{"the scalar 0", "the scalar n", "the scalar 2^256-1"}[name], p256(scalar, public))
	}
}

func reversed(b []byte) []byte {
	out := slices.Clone(b)
	slices.Reverse(out)
	return out
}

func p256Lengths(b *builder) {
	b.group(vectors.KindECDH, "P-256: keys of other lengths, the compressed and the hybrid form")
	private, public := key("p256 length"), publicP(key("p256 length of the other"))
	control := b.accept("VAULT-002", "65 bytes", p256(private, public))
	for _, n := range []int{0, 1, 32, 33, 64, 66} {
		b.refuse(control, "vault/length", "VAULT-002", fmt.Sprintf("a public key of %d bytes", n), p256(private, resized(public, n)))
	}
	b.refuse(control, "vault/length", "VAULT-002", "the compressed form", p256(private, append([]byte{2 + public[64]&1}, public[1:33]...)))
	b.refuse(control, "vault/length", "VAULT-002", "without 04", p256(private, public[1:]))
	b.refuse(control, "vault/point", "VAULT-002", "the hybrid form", p256(private, append([]byte{6 + public[64]&1}, public[1:]...)))
	for _, n := range []int{0, 16, 31, 33} {
		b.refuse(control, "vault/length", "VAULT-008", fmt.Sprintf("a private key of %d bytes", n), p256(resized(private, n), public))
	}
}

func gcm(keySize, aad, msg int) *vectors.AEAD {
	return &vectors.AEAD{Key: key("aead")[:keySize], IV: key("iv")[:12], AAD: pattern(aad), Msg: pattern(msg)}
}

func aeadLengths(b *builder) {
	b.group(vectors.KindAEAD, "AES-GCM: lengths of plaintext and associated data")
	for _, size := range []int{16, 32} {
		for _, msg := range []int{0, 1, 15, 16, 17, 31, 32, 33, 64, 127, 255} {
			for _, aad := range []int{0, 1, 16, 32} {
				b.accept("NOISE-003 VAULT-005", fmt.Sprintf("key %d, plaintext %d, associated data %d bytes", size, msg, aad), gcm(size, aad, msg))
			}
		}
	}
}

// opened is a vector to open: a sealed one, changed.
func opened(b *builder, from *vectors.AEAD, change func(*vectors.AEAD)) *vectors.AEAD {
	v := *from
	if v.Tag == nil {
		b.fail("an AEAD vector that is not sealed")
	}
	v.Ciphertext, v.Tag = slices.Clone(v.Ciphertext), slices.Clone(v.Tag)
	change(&v)
	return &v
}

func aeadTags(b *builder) {
	b.group(vectors.KindAEAD, "AES-GCM: each byte of the tag counts")
	for _, size := range []int{16, 32} {
		good := gcm(size, 32, 16)
		control := b.accept("VAULT-005", "the right tag", good)
		for i := range 16 {
			b.refuse(control, "vault/tag", "VAULT-005", fmt.Sprintf("byte %d of the tag changed", i), opened(b, good, func(v *vectors.AEAD) { v.Tag[i] ^= 0x10 }))
		}
		b.refuse(control, "vault/tag", "VAULT-005", "a tag of zeros", opened(b, good, func(v *vectors.AEAD) { v.Tag = make([]byte, 16) }))
		b.refuse(control, "vault/tag", "VAULT-005", "a tag of ones", opened(b, good, func(v *vectors.AEAD) { v.Tag = slices.Repeat([]byte{255}, 16) }))
		b.refuse(control, "vault/tag", "VAULT-005", "the tag inverted", opened(b, good, func(v *vectors.AEAD) {
			for i := range v.Tag {
				v.Tag[i] ^= 255
			}
		}))
		text := gcm(size, 32, 16)
		for i := 0; len(text.Tag) == 0 || text.Tag[0] != 0; i++ { // until it begins with a zero byte
			text = gcm(size, 32, 16)
			text.Msg = pattern(16 + i)[i:]
			if err := fillAEAD(oracle.Subject{}, text); err != nil {
				b.fail("a tag that begins with zero: %w", err)
				return
			}
		}
		zero := b.accept("VAULT-005", "the tag begins with a zero byte", text)
		b.refuse(zero, "vault/tag", "VAULT-005", "all but the zero byte changed", opened(b, text, func(v *vectors.AEAD) { copy(v.Tag[1:], pattern(15)) }))
		b.refuse(control, "vault/tag", "VAULT-005", "the tag reversed", opened(b, good, func(v *vectors.AEAD) { slices.Reverse(v.Tag) }))
	}
}

func aeadChanged(b *builder) {
	b.group(vectors.KindAEAD, "AES-GCM: ciphertext, associated data, nonce, or key is another")
	for _, size := range []int{16, 32} {
		good := gcm(size, 32, 33)
		control := b.accept("VAULT-005", "nothing changed", good)
		change := func(name string, f func(*vectors.AEAD)) {
			b.refuse(control, "vault/tag", "VAULT-005", name, opened(b, good, f))
		}
		for _, bit := range []int{0, 7, 128, 263} {
			change(fmt.Sprintf("bit %d of the ciphertext", bit), func(v *vectors.AEAD) { v.Ciphertext = flip(v.Ciphertext, bit) })
		}
		for _, bit := range []int{0, 127, 255} {
			change(fmt.Sprintf("bit %d of the associated data", bit), func(v *vectors.AEAD) { v.AAD = flip(v.AAD, bit) })
		}
		for _, bit := range []int{0, 31, 32, 95} {
			change(fmt.Sprintf("bit %d of the nonce", bit), func(v *vectors.AEAD) { v.IV = flip(v.IV, bit) })
		}
		for _, bit := range []int{0, 127, size*8 - 1} {
			change(fmt.Sprintf("bit %d of the key", bit), func(v *vectors.AEAD) { v.Key = flip(v.Key, bit) })
		}
		change("associated data missing", func(v *vectors.AEAD) { v.AAD = vectors.Hex{} })
		change("associated data longer by a zero", func(v *vectors.AEAD) { v.AAD = append(slices.Clone(v.AAD), 0) })
		change("ciphertext shorter by a byte", func(v *vectors.AEAD) { v.Ciphertext = v.Ciphertext[:32] })
		change("ciphertext longer by a zero", func(v *vectors.AEAD) { v.Ciphertext = append(v.Ciphertext, 0) })
		change("ciphertext missing", func(v *vectors.AEAD) { v.Ciphertext = vectors.Hex{} })
	}
}

func aeadSizes(b *builder) {
	b.group(vectors.KindAEAD, "AES-GCM: input shorter than a tag; keys and nonces of other sizes")
	good := gcm(32, 0, 0)
	control := b.accept("VAULT-005", "a tag alone", good)
	for n := range 16 {
		b.refuse(control, "vault/short", "VAULT-005 REC-006", fmt.Sprintf("%d bytes", n), opened(b, good, func(v *vectors.AEAD) { v.Tag = v.Tag[:n] }))
	}
	for _, n := range []int{0, 1, 15, 17, 31, 33, 64} {
		b.refuse(control, "vault/length", "VAULT-008", fmt.Sprintf("a key of %d bytes", n), opened(b, good, func(v *vectors.AEAD) { v.Key = resized(v.Key, n) }))
	}
	for _, n := range []int{0, 8, 11, 13, 16} {
		b.refuse(control, "vault/length", "NOISE-003", fmt.Sprintf("a nonce of %d bytes", n), opened(b, good, func(v *vectors.AEAD) { v.IV = resized(v.IV, n) }))
	}
}

func hkdfBlocks(b *builder) {
	b.group(vectors.KindHKDF, "HKDF-SHA256 with empty info, in blocks of 32 bytes")
	for _, salt := range []int{0, 16, 32, 64, 65} {
		for _, ikm := range []int{0, 1, 32, 65} {
			for blocks := 1; blocks <= 3; blocks++ {
				b.accept("VAULT-004", fmt.Sprintf("salt %d, input %d bytes, %d blocks", salt, ikm, blocks),
					&vectors.HKDF{HKDFInput: vectors.HKDFInput{Salt: pattern(salt), Ikm: pattern(ikm), Info: vectors.Hex{}, Size: 32 * blocks}})
			}
		}
	}
}

func hashes(b *builder) {
	b.group(vectors.KindHash, "SHA-256 around the ends of its blocks")
	for _, n := range []int{0, 1, 3, 31, 32, 33, 54, 55, 56, 57, 63, 64, 65, 96, 118, 119, 120, 127, 128, 129, 256, 1000} {
		b.accept("NOISE-003", fmt.Sprintf("%d bytes", n), &vectors.Hash{Msg: pattern(n)})
	}
	b.accept("NOISE-001", "the protocol name, padded", &vectors.Hash{Msg: resized([]byte(protocolName), 32)})
}
