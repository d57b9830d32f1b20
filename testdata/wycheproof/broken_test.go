package wycheproof

import (
	"bytes"
	"crypto/elliptic"
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/vault/software/adx"
)

// The tests see what they are for: each vault here has one fault, and just the vectors fail that are about it.
func caught[T test](t *testing.T, r rule[T], all []T, want int, about func(T) bool) {
	t.Helper()
	byID := map[int]T{}
	for _, v := range all {
		byID[v.common().TcID] = v
	}
	_, differences := r.apply(all)
	if len(differences) != want || want == 0 {
		t.Errorf("%d vectors fail, want %d", len(differences), want)
	}
	for _, d := range differences {
		if !about(byID[d.TcID]) {
			t.Errorf("fails too: %v", d)
		}
	}
}

func TestBrokenX25519(t *testing.T) {
	all := load[ecdhTest](t, x25519File)
	for name, tt := range map[string]struct {
		x     software.X25519
		count int
		about func(ecdhTest) bool
	}{
		"takes what is of low order":            {allZero{}, 31, func(v ecdhTest) bool { return flagged(v, "ZeroSharedSecret") }},
		"minds the top bit":                     {topBit{}, 21, func(v ecdhTest) bool { return v.Public[31]&0x80 != 0 }},
		"takes what is not reduced for another": {onlyReduced{}, 11, func(v ecdhTest) bool { return notReduced((*[32]byte)(v.Public)) }},
		"refuses what is not reduced": { // six of the eleven are of low order, and refused anyway
			refusesNotReduced{}, 5, func(v ecdhTest) bool { return notReduced((*[32]byte)(v.Public)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := throughVault(newVault(t, 2, tt.x), vault.X25519PrivateKey)
			caught(t, ecdhRule(run, pinned(t, x25519File)), all, tt.count, tt.about)
		})
	}
}

type allZero struct{ adx.X25519 }

func (x allZero) SharedSecret(shared, private, public *[32]byte) bool {
	x.X25519.SharedSecret(shared, private, public)
	return true
}

// topBit takes a key with its top bit set for another.
type topBit struct{ adx.X25519 }

func (x topBit) SharedSecret(shared, private, public *[32]byte) bool {
	if other := *public; other[31]&0x80 != 0 {
		other[0] ^= 4
		return x.X25519.SharedSecret(shared, private, &other)
	}
	return x.X25519.SharedSecret(shared, private, public)
}

// onlyReduced takes a key that is not reduced for the base point.
type onlyReduced struct{ adx.X25519 }

func (x onlyReduced) SharedSecret(shared, private, public *[32]byte) bool {
	if notReduced(public) {
		return x.X25519.SharedSecret(shared, private, &[32]byte{9})
	}
	return x.X25519.SharedSecret(shared, private, public)
}

type refusesNotReduced struct{ adx.X25519 }

func (x refusesNotReduced) SharedSecret(shared, private, public *[32]byte) bool {
	return !notReduced(public) && x.X25519.SharedSecret(shared, private, public)
}

func TestBrokenP256(t *testing.T) {
	all := p256Tests(t)
	for name, tt := range map[string]struct {
		vault func(vault.Vault) vault.Vault
		count int
		about func(ecdhTest) bool
	}{
		"decompresses": {func(v vault.Vault) vault.Vault { return decompresses{v} }, 1, func(v ecdhTest) bool { return v.TcID == 2 }},
		"takes points off the curve": {
			func(v vault.Vault) vault.Vault { return offCurve{v} }, 16, func(v ecdhTest) bool { return flagged(v, "InvalidCurveAttack") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := throughVault(tt.vault(newVault(t, 2, nil)), vault.P256PrivateKey)
			caught(t, ecdhRule(run, pinned(t, p256File)), all, tt.count, tt.about)
		})
	}
}

type decompresses struct{ vault.Vault }

func (b decompresses) ECDH(private vault.Secret, public []byte) (vault.Secret, error) {
	if x, y := elliptic.UnmarshalCompressed(elliptic.P256(), public); x != nil {
		public = slices.Concat([]byte{4}, x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32)))
	}
	return b.Vault.ECDH(private, public)
}

type offCurve struct{ vault.Vault }

func (b offCurve) ECDH(private vault.Secret, public []byte) (vault.Secret, error) {
	s, err := b.Vault.ECDH(private, public)
	if err != nil && len(public) == vault.P256PublicKeySize {
		return b.Import(vault.Attributes{Type: vault.Buffer}, public[1:33])
	}
	return s, err
}

func TestBrokenAESGCM(t *testing.T) {
	all := load[gcmTest](t, gcmFile)
	for name, tt := range map[string]struct {
		aead  func(vault.AEAD) vault.AEAD
		count int
		about func(gcmTest) bool
	}{
		"compares twelve bytes of the tag": {
			func(a vault.AEAD) vault.AEAD { return partTag{a} }, 14, func(v gcmTest) bool { return slices.Contains(v.Flags, "ModifiedTag") },
		},
		"forgets the associated data": {func(a vault.AEAD) vault.AEAD { return noData{a} }, 36, func(v gcmTest) bool { return len(v.AAD) > 0 }},
		"releases plaintext with a wrong tag": {
			func(a vault.AEAD) vault.AEAD { return releases{a} }, 54, func(v gcmTest) bool { return slices.Contains(v.Flags, "ModifiedTag") },
		},
		"takes any nonce": {func(a vault.AEAD) vault.AEAD { return anyNonce{a} }, 80, func(v gcmTest) bool { return len(v.IV) != vault.NonceSize }},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t, 1, nil)
			cipher := func(key []byte, f func(vault.AEAD) error) error {
				return withHandles(v, false)(key, func(a vault.AEAD) error { return f(tt.aead(a)) })
			}
			caught(t, gcmRule(cipher), all, tt.count, tt.about)
		})
	}
}

// decrypted is the plaintext, and the tag that would have been right: GCM encrypts as it decrypts.
func decrypted(a vault.AEAD, nonce, ad, ciphertext []byte) (plaintext, tag []byte, err error) {
	n := len(ciphertext) - vault.TagSize
	out, err := a.Seal(make([]byte, 0, len(ciphertext)), nonce, ad, ciphertext[:n])
	if err != nil {
		return nil, nil, err
	}
	plaintext = out[:n]
	sealed, err := a.Seal(make([]byte, 0, len(ciphertext)), nonce, ad, plaintext)
	if err != nil {
		return nil, nil, err
	}
	return plaintext, sealed[n:], nil
}

type partTag struct{ vault.AEAD }

func (b partTag) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	plaintext, tag, err := decrypted(b.AEAD, nonce, ad, ciphertext)
	if err == nil && !bytes.Equal(tag[:12], ciphertext[len(plaintext):][:12]) {
		err = vault.ErrAuthentication
	}
	if err != nil {
		return nil, err
	}
	return append(dst, plaintext...), nil
}

type noData struct{ vault.AEAD }

func (b noData) Seal(dst, nonce, _, plaintext []byte) ([]byte, error) {
	return b.AEAD.Seal(dst, nonce, nil, plaintext)
}

func (b noData) Open(dst, nonce, _, ciphertext []byte) ([]byte, error) {
	return b.AEAD.Open(dst, nonce, nil, ciphertext)
}

// releases leaves the plaintext in the free capacity of dst.
type releases struct{ vault.AEAD }

func (b releases) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	out, err := b.AEAD.Open(dst, nonce, ad, ciphertext)
	if errors.Is(err, vault.ErrAuthentication) {
		plaintext, _, _ := decrypted(b.AEAD, nonce, ad, ciphertext)
		copy(dst[:cap(dst)], plaintext)
	}
	return out, err
}

// anyNonce cuts nonces, and fills them up with zeros.
type anyNonce struct{ vault.AEAD }

func fitted(nonce []byte) []byte {
	n := make([]byte, vault.NonceSize)
	copy(n, nonce)
	return n
}

func (b anyNonce) Seal(dst, nonce, ad, plaintext []byte) ([]byte, error) {
	return b.AEAD.Seal(dst, fitted(nonce), ad, plaintext)
}

func (b anyNonce) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	return b.AEAD.Open(dst, fitted(nonce), ad, ciphertext)
}

func TestBrokenHKDF(t *testing.T) {
	all := load[hkdfTest](t, hkdfFile)
	for name, tt := range map[string]struct {
		vault func(vault.Vault) vault.Vault
		count int
		about func(hkdfTest) bool
	}{
		"swaps the first two blocks": {
			func(v vault.Vault) vault.Vault { return swaps{v} }, 22, func(v hkdfTest) bool { return len(v.Info) == 0 && v.Size > vault.HashSize },
		},
		"knows no end": {
			func(v vault.Vault) vault.Vault { return endless{v} }, 3, func(v hkdfTest) bool { return slices.Contains(v.Flags, "SizeTooLarge") },
		},
		"has no input": {func(v vault.Vault) vault.Vault { return noInput{v} }, 22, func(v hkdfTest) bool { return len(v.Info) == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			caught(t, hkdfRule(tt.vault(newVault(t, 2+maxBlocks+1, nil))), all, tt.count, tt.about)
		})
	}
}

type swaps struct{ vault.Vault }

func (b swaps) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	err := b.Vault.HKDF(salt, ikm, outputs)
	if len(outputs) > 1 {
		outputs[0], outputs[1] = outputs[1], outputs[0]
	}
	return err
}

// endless makes the blocks after the last of what is at hand.
type endless struct{ vault.Vault }

func (b endless) HKDF(salt, ikm vault.Secret, outputs []vault.Secret) error {
	n := min(len(outputs), maxBlocks)
	if n == len(outputs) {
		return b.Vault.HKDF(salt, ikm, outputs)
	}
	return errors.Join(b.Vault.HKDF(salt, ikm, outputs[:n]), b.Vault.HKDF(salt, ikm, outputs[n:]))
}

type noInput struct{ vault.Vault }

func (b noInput) HKDF(salt, _ vault.Secret, outputs []vault.Secret) error {
	return b.Vault.HKDF(salt, vault.Secret{}, outputs)
}
