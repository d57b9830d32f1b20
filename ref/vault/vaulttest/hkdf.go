package vaulttest

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"

	"ockamtest/ref/vault"
)

func hkdfChecks() []Check {
	needs := imports(vault.Buffer)
	return []Check{
		{"hkdf/known/accepts", []string{"VAULT-004"}, needs, hkdfKnown},
		{"hkdf/noise/accepts", []string{"VAULT-004", "NOISE-003"}, imports(vault.Buffer, vault.X25519PrivateKey), hkdfNoise},
		{"hkdf/lengths/accepts", []string{"VAULT-004"}, needs, hkdfLengths},
		{"hkdf/count/accepts", []string{"VAULT-004"}, needs, hkdfCounts},
		{"hkdf/count/refuses", []string{"VAULT-004"}, needs, hkdfWrongCounts},
		{"hkdf/inputs/accepts", []string{"VAULT-004"}, needs, hkdfKeepsInputs},
		{"hkdf/failure/refuses", []string{"VAULT-001"}, needs, hkdfFailures},
	}
}

// derives checks the outputs of HKDF, and destroys them.
func (s *exam) derives(op string, salt, ikm vault.Secret, want ...[]byte) {
	s.Helper()
	outputs := make([]vault.Secret, len(want))
	s.ok(op, s.HKDF(salt, ikm, outputs))
	for i, secret := range outputs {
		s.holds(op, secret, want[i])
	}
}

// hkdfBlocks is HKDF-SHA256 with empty info by the standard library, cut into blocks.
func hkdfBlocks(salt, ikm []byte, n int) [][]byte {
	key, err := hkdf.Key(sha256.New, ikm, salt, "", n*sha256.Size)
	if err != nil {
		panic(err)
	}
	var blocks [][]byte
	for range n {
		blocks = append(blocks, key[:sha256.Size])
		key = key[sha256.Size:]
	}
	return blocks
}

// hkdfKnown has RFC 5869, appendix A.3, the one with empty info (and salt): all of the first block, and by the standard
// library the second, of which the appendix has ten bytes.
func hkdfKnown(s *exam) {
	salt, ikm := []byte(nil), bytes.Repeat([]byte{0x0b}, 22)
	blocks := hkdfBlocks(salt, ikm, 2)
	s.equal("the standard library's first block", blocks[0],
		unhex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"))
	s.equal("the standard library's second block", blocks[1][:10], unhex("9d201395faa4b61a96c8"))
	s.derives("HKDF", s.importRaw(vault.Buffer, salt), s.importRaw(vault.Buffer, ikm), blocks...)
}

// hkdfNoise has the ee step and the split of specification section 12. Its ikm comes from ECDH.
func hkdfNoise(s *exam) {
	name := make([]byte, sha256.Size)
	copy(name, "Noise_XX_25519_AESGCM_SHA256")
	e := s.importRaw(vault.X25519PrivateKey, sample(vault.X25519PrivateKey))
	ee, err := s.ECDH(e, unhex("64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466"))
	s.ok("ECDH", err)
	s.derives("MixKey(ee)", s.importRaw(vault.Buffer, name), ee,
		unhex("674afe9e8a30e6dbf073b32cad4d711d11edf32a4b83470583e6893bd40041f4"),
		unhex("b85aa7e2e04a792d253b9598ed47601a5546881309478df8d70c5454328a74c7"))
	ck := s.importRaw(vault.Buffer, unhex("deede25eee0158a0fde982e8be1c799d395fd5baad408c6bec2ba2e90eb3c718"))
	s.derives("Split", ck, vault.Secret{},
		unhex("b1c674b6535fb1d208772a972cac2cbf04d6aa087cbbd3eb8558a1a3abcaa7fb"),
		unhex("109c4b99ea3a4784ff55af5eed86c99e853f5a76d83ce437a9e3e27ede242a6a"))
}

// hkdfLengths has inputs around SHA-256's block size, at which HMAC treats keys differently.
func hkdfLengths(s *exam) {
	bytesOf := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n) }
	for _, saltLength := range []int{0, 1, 32, 63, 64, 65, 128} {
		salt := s.importRaw(vault.Buffer, bytesOf(saltLength))
		s.derives("HKDF without ikm", salt, vault.Secret{}, hkdfBlocks(bytesOf(saltLength), nil, 1)...)
		for _, ikmLength := range []int{0, 1, 32, 55, 56, 64, 200} {
			ikm := s.importRaw(vault.Buffer, bytesOf(ikmLength))
			s.derives("HKDF", salt, ikm, hkdfBlocks(bytesOf(saltLength), bytesOf(ikmLength), 2)...)
			s.destroy(ikm)
		}
		s.destroy(salt)
	}
}

// hkdfCounts has as many outputs as there may be, or as the vault holds.
func hkdfCounts(s *exam) {
	raw := sample(vault.Buffer)
	salt := s.importRaw(vault.Buffer, raw)
	for _, n := range []int{1, 2, 3, 255} {
		if limit := s.capabilities.MaxSecrets; limit > 0 && n > limit-1 {
			continue
		}
		s.derives("HKDF", salt, salt, hkdfBlocks(raw, raw, n)...)
	}
}

func hkdfWrongCounts(s *exam) {
	salt := s.make(vault.Buffer)
	for _, n := range []int{0, 256, 1000} {
		outputs := make([]vault.Secret, n)
		for i := range outputs {
			outputs[i].Slot = 7
		}
		s.refuses("HKDF with a wrong number of outputs", vault.ErrInvalidLength,
			func() error { return s.HKDF(salt, salt, outputs) }, salt)
		for _, secret := range outputs {
			if !secret.IsZero() {
				s.Fatalf("HKDF failed and left output %v", secret)
			}
		}
	}
}

func hkdfKeepsInputs(s *exam) {
	salt, ikm := s.make(vault.Buffer), s.importRaw(vault.Buffer, []byte("input"))
	before, beforeIKM := s.fingerprint(salt), s.fingerprint(ikm)
	outputs := make([]vault.Secret, 2)
	s.ok("HKDF", s.HKDF(salt, ikm, outputs))
	s.equal("salt", s.fingerprint(salt), before)
	s.equal("ikm", s.fingerprint(ikm), beforeIKM)
	kept := s.fingerprint(outputs[1])
	s.destroy(outputs[0], salt, ikm)
	s.equal("the second output after the first and the inputs are gone", s.fingerprint(outputs[1]), kept)
}

// hkdfFailures has one good and one bad input, in both places.
func hkdfFailures(s *exam) {
	good, destroyed, key := s.make(vault.Buffer), s.make(vault.Buffer), s.make(vault.Buffer)
	s.destroy(destroyed)
	s.ok("SetType", s.SetType(key, s.aesType()))
	for _, bad := range []struct {
		name   string
		secret vault.Secret
		want   error
	}{
		{"destroyed", destroyed, vault.ErrInvalidSecret},
		{"of another type", key, vault.ErrWrongType},
	} {
		s.refuses("HKDF with salt "+bad.name, bad.want, func() error { return failedHKDF(s, bad.secret, good) }, good, key)
		s.refuses("HKDF with ikm "+bad.name, bad.want, func() error { return failedHKDF(s, good, bad.secret) }, good, key)
	}
	s.derives("HKDF afterwards", good, vault.Secret{}, hkdfBlocks(sample(vault.Buffer), nil, 2)...)
}
