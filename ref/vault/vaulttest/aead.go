package vaulttest

import (
	"bytes"
	"fmt"

	"ockamtest/ref/vault"
)

func aeadChecks() []Check {
	return []Check{
		{"seal/known/accepts", []string{"VAULT-005"}, importsAES, sealKnown},
		{"seal/lengths/accepts", []string{"VAULT-005"}, nil, sealLengths},
		{"seal/in-place/accepts", []string{"VAULT-005"}, nil, sealInPlace},
		{"seal/nonce/refuses", []string{"VAULT-005"}, nil, sealNonce},
		{"aead/key/accepts", []string{"VAULT-001"}, nil, aeadOfItsKey},
		{"aead/destroyed/refuses", []string{"VAULT-001"}, nil, aeadDestroyed},
	}
}

func importsAES(c vault.Capabilities) string {
	if imports(vault.AES128Key)(c) != "" {
		return imports(vault.AES256Key)(c)
	}
	return ""
}

// A box is one way to seal and open with a key: by its handle, or by the AEAD bound to it.
type box struct {
	name string
	vault.AEAD
}

// byHandle is a vault.AEAD through the methods of the vault.
type byHandle struct {
	v   vault.Vault
	key vault.Secret
}

func (b byHandle) Seal(dst, nonce, ad, plaintext []byte) ([]byte, error) {
	return b.v.Seal(dst, b.key, nonce, ad, plaintext)
}

func (b byHandle) Open(dst, nonce, ad, ciphertext []byte) ([]byte, error) {
	return b.v.Open(dst, b.key, nonce, ad, ciphertext)
}

// boxes returns the ways in which the vault uses an AES key.
func (s *exam) boxes(key vault.Secret) []box {
	s.Helper()
	all := []box{{"by handle", byHandle{s.Vault, key}}}
	if v, is := s.Vault.(vault.AEADVault); is {
		a, err := v.AEAD(key)
		s.ok("AEAD", err)
		all = append(all, box{"by AEAD", a})
	}
	return all
}

// eachBox runs f with every AES type and every way to use it.
func (s *exam) eachBox(f func(op string, b box)) {
	s.Helper()
	for _, t := range s.aesTypes() {
		key := s.make(t)
		before := s.fingerprint(key)
		for _, b := range s.boxes(key) {
			f(t.String()+" "+b.name, b)
		}
		s.equal("the key", s.fingerprint(key), before)
		s.destroy(key)
	}
	s.asserted++ // A vault may have no AES.
}

// sealedBy returns what b makes of a plaintext.
func (s *exam) sealedBy(b box, nonce, ad, plaintext []byte) []byte {
	s.Helper()
	out, err := b.Seal(make([]byte, 0, len(plaintext)+vault.TagSize), nonce, ad, plaintext)
	s.ok("Seal", err)
	return out
}

// A sealing is a known answer of AES-GCM.
type sealing struct{ key, nonce, ad, plaintext, want string }

// knownSealings has test cases 1 to 4 and 13 to 16 of the GCM specification (McGrew and Viega), and the first transport
// messages of specification section 12.
func knownSealings() []sealing {
	const (
		zero = "00000000000000000000000000000000"
		key  = "feffe9928665731c6d6a8f9467308308"
		iv   = "cafebabefacedbaddecaf888"
		ad   = "feedfacedeadbeeffeedfacedeadbeefabaddad2"
		text = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
			"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
		encrypted128 = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e" +
			"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
		encrypted256 = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
			"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
		h  = "4b71f7deb470328565d99b15162eb0c4c14d6b1c85aad6fab54354d5afc72469"
		k1 = "b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb"
		k2 = "109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"
	)
	zeroIV, short := zero[:24], len(text)-8
	return []sealing{
		{zero, zeroIV, "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
		{zero, zeroIV, "", zero, "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
		{key, iv, "", text, encrypted128 + "4d5c2af327cd64a62cf35abd2ba6fab4"},
		{key, iv, ad, text[:short], encrypted128[:short] + "5bc94fbc3221a5db94fae95ae7121a47"},
		{zero + zero, zeroIV, "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
		{zero + zero, zeroIV, "", zero, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
		{key + key, iv, "", text, encrypted256 + "b094dac5d93471bdec1a502270e3cc6c"},
		{key + key, iv, ad, text[:short], encrypted256[:short] + "76fc6ece0f4e1768cddf8853bb2d551b"},
		{k1, zeroIV, h, "79656c6c6f777375626d6172696e65", "9ea1da1ec3bfecfffab213e537ed170ed50de782953cb27b4c5c3339c54eca"},
		{k2, zeroIV, h, "7375626d6172696e6579656c6c6f77", "217c5111fad7afde33bd28abaff3decc280d054cdfd4784fc51d103a82ff22"},
		{k1, zeroIV, "", "79656c6c6f777375626d6172696e65", "9ea1da1ec3bfecfffab213e537ed1791bfa887dd9c631351b3f63d6315ab9a"},
	}
}

func sealKnown(s *exam) {
	for i, k := range knownSealings() {
		t := vault.AES128Key
		if len(k.key) == 2*vault.AES256KeySize {
			t = vault.AES256Key
		}
		if !s.capabilities.CanImport(t) {
			continue
		}
		key := s.importRaw(t, unhex(k.key))
		for _, b := range s.boxes(key) {
			op := fmt.Sprintf("Seal %s, known answer %d", b.name, i)
			s.appends(op, unhex(k.want), func(dst []byte) ([]byte, error) {
				return b.Seal(dst, unhex(k.nonce), unhex(k.ad), unhex(k.plaintext))
			})
			op = fmt.Sprintf("Open %s, known answer %d", b.name, i)
			s.appends(op, unhex(k.plaintext), func(dst []byte) ([]byte, error) {
				return b.Open(dst, unhex(k.nonce), unhex(k.ad), unhex(k.want))
			})
		}
		s.destroy(key)
	}
}

// sealLengths has plaintexts around the block sizes of AES and of its fast implementations, and the longest record.
func sealLengths(s *exam) {
	nonce, ad := []byte("twelve bytes"), []byte("ad")
	s.eachBox(func(op string, b box) {
		for _, n := range []int{0, 1, 15, 16, 17, 63, 64, 127, 128, 129, 1024, 65519} {
			plaintext := bytes.Repeat([]byte{byte(n), 1}, n)[:n]
			sealed := s.sealedBy(b, nonce, ad, plaintext)
			s.appends(op+" Seal", sealed, func(dst []byte) ([]byte, error) { return b.Seal(dst, nonce, ad, plaintext) })
			s.appends(op+" Open", plaintext, func(dst []byte) ([]byte, error) { return b.Open(dst, nonce, ad, sealed) })
		}
		s.equal(op+" nonce", nonce, []byte("twelve bytes"))
		s.equal(op+" associated data", ad, []byte("ad"))
	})
}

// sealInPlace seals and opens over the input, which ends where it began.
func sealInPlace(s *exam) {
	nonce, plaintext := make([]byte, vault.NonceSize), bytes.Repeat([]byte("plaintext"), 30)
	s.eachBox(func(op string, b box) {
		room := make([]byte, len(plaintext), len(plaintext)+vault.TagSize)
		copy(room, plaintext)
		sealed, err := b.Seal(room[:0], nonce, nil, room)
		s.ok(op+" Seal in place", err)
		s.equal(op+" Seal in place", sealed, s.sealedBy(b, nonce, nil, plaintext))
		opened, err := b.Open(sealed[:0], nonce, nil, sealed)
		s.ok(op+" Open in place", err)
		s.equal(op+" Open in place", opened, plaintext)
	})
}

func sealNonce(s *exam) {
	s.eachBox(func(op string, b box) {
		for _, n := range []int{0, 1, 8, 11, 13, 16, 24} {
			room := make([]byte, 64)
			_, err := b.Seal(room[:0], make([]byte, n), nil, []byte("plaintext"))
			s.fails(op+" Seal with a nonce of wrong length", err, vault.ErrInvalidLength)
			_, err = b.Open(room[:0], make([]byte, n), nil, make([]byte, 32))
			s.fails(op+" Open with a nonce of wrong length", err, vault.ErrInvalidLength)
			s.equal(op+" dst after a nonce of wrong length", room, make([]byte, 64))
		}
	})
}

// aeadOfItsKey checks that two AEADs seal each with its own key, and as their handles do.
func aeadOfItsKey(s *exam) {
	v, is := s.Vault.(vault.AEADVault)
	s.asserted++ // A vault may have no AEAD, or only generate.
	if !is || importsAES(s.capabilities) != "" {
		return
	}
	t := vault.AES256Key
	if !s.capabilities.CanImport(t) {
		t = vault.AES128Key
	}
	nonce, plaintext := make([]byte, vault.NonceSize), []byte("plaintext")
	raw := [][]byte{sample(t), bytes.Repeat([]byte{1}, len(sample(t)))}
	boxes := make([]box, len(raw))
	for i := range raw {
		a, err := v.AEAD(s.importRaw(t, raw[i]))
		s.ok("AEAD", err)
		boxes[i].AEAD = a
	}
	for i, b := range boxes {
		s.equal("Seal by AEAD", s.sealedBy(b, nonce, nil, plaintext), seal(raw[i], nonce, nil, plaintext))
	}
}

// aeadDestroyed checks that an AEAD does not outlive its key, and that what replaces the key does not revive it.
func aeadDestroyed(s *exam) {
	nonce := make([]byte, vault.NonceSize)
	for _, t := range s.aesTypes() {
		key := s.make(t)
		boxes := s.boxes(key)
		sealed := s.sealedBy(boxes[0], nonce, nil, []byte("plaintext"))
		s.destroy(key)
		next := s.make(t)
		for _, b := range boxes {
			room := make([]byte, 64)
			_, err := b.Seal(room[:0], nonce, nil, []byte("plaintext"))
			s.fails("Seal "+b.name+" after Destroy", err, vault.ErrInvalidSecret)
			_, err = b.Open(room[:0], nonce, nil, sealed)
			s.fails("Open "+b.name+" after Destroy", err, vault.ErrInvalidSecret)
			s.equal("dst after Destroy", room, make([]byte, 64))
		}
		s.destroy(next)
	}
	s.asserted++ // A vault may have no AES.
}
