package cases

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// VAULT-003: "ecdh gives a 32-byte buffer secret: the X25519 output or the P-256 x coordinate." VAULT-004: "hkdf_sha256(salt, ikm or none, n)
// is RFC 5869 with empty info; no ikm is the empty ikm; outputs are consecutive 32-byte blocks". VAULT-005: "AEAD refuses input shorter than
// the tag ... and wrong tags; on failure no plaintext is released." Keys are new in every run; what is in the vectors is not asked again.
func vaultPrimitives() []conformance.Case {
	return needInsight([]conformance.Case{{
		ID:           "vault/ecdh",
		Title:        "The shared secret of random keys, from either side, is that of the profile's curve.",
		Requirements: []string{"VAULT-003"},
		Run:          sharedSecrets,
	}, {
		ID:           "vault/hkdf",
		Title:        "One to three blocks of HKDF, with input, with the empty one, and with none, are those of RFC 5869.",
		Requirements: []string{"VAULT-004"},
		Run:          derivedBlocks,
	}, {
		ID:           "vault/aead",
		Title:        "AES-GCM opens what is right, and refuses a wrong tag, a changed text, and input shorter than a tag.",
		Requirements: []string{"VAULT-005"},
		Run:          sealedTexts,
	}})
}

// rounds is how many random inputs there are of each kind.
const rounds = 8

func sharedSecrets(ctx context.Context, env conformance.Env) error {
	const want = "the shared secret of two key pairs"
	peer, err := insight(ctx, env)
	if err != nil {
		return err
	}
	suite := env.Profile().Suite
	for range rounds {
		a, err := adversary.GenerateKeyPair(suite, env.Random())
		if err != nil {
			return err
		}
		b, err := adversary.GenerateKeyPair(suite, env.Random())
		if err != nil {
			return err
		}
		shared, _ := a.DH(b.Public)
		for _, m := range []conformance.Agree{
			{P256: suite.P256, Private: a.Private, Public: b.Public},
			{P256: suite.P256, Private: b.Private, Public: a.Public},
		} {
			got, err := peer.Agree(ctx, m)
			if err != nil {
				return granted("VAULT-003", want, err)
			}
			if !got.Is(shared) {
				return adversary.Fail("VAULT-003", want, "another secret")
			}
		}
	}
	return nil
}

func derivedBlocks(ctx context.Context, env conformance.Env) error {
	peer, err := insight(ctx, env)
	if err != nil {
		return err
	}
	for blocks := 1; blocks <= 3; blocks++ {
		for _, input := range []struct {
			words string
			size  int // -1: none
		}{{"an input of 32 bytes", 32}, {"the empty input", 0}, {"no input", -1}} {
			want := fmt.Sprintf("%d blocks of HKDF with %s", blocks, input.words)
			salt, err := randomBytes(env, sha256.Size)
			if err != nil {
				return err
			}
			var ikm []byte
			if input.size >= 0 {
				if ikm, err = randomBytes(env, input.size); err != nil {
					return err
				}
			}
			right, err := hkdf.Key(sha256.New, ikm, salt, "", blocks*sha256.Size)
			if err != nil {
				return err
			}
			got, err := peer.HKDF(ctx, salt, ikm, blocks)
			if err != nil {
				return granted("VAULT-004", want, err)
			}
			if !got.Is(right) {
				return adversary.Fail("VAULT-004", want, "others")
			}
		}
	}
	return nil
}

func sealedTexts(ctx context.Context, env conformance.Env) error {
	peer, err := insight(ctx, env)
	if err != nil {
		return err
	}
	size := env.Profile().Suite.KeySize
	for _, length := range []int{0, 1, 16, 41, 1000} {
		text, err := randomBytes(env, size+12+32+length)
		if err != nil {
			return err
		}
		m := conformance.AEAD{Key: text[:size], Nonce: text[size : size+12], AD: text[size+12 : size+44], Data: text[size+44:]}
		if err := sealsAndOpens(ctx, peer, m); err != nil {
			return err
		}
	}
	return nil
}

// sealsAndOpens compares with the standard library, and then tries what is wrong.
func sealsAndOpens(ctx context.Context, peer conformance.Insight, m conformance.AEAD) error {
	block, err := aes.NewCipher(m.Key)
	if err != nil {
		return err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	right := gcm.Seal(nil, m.Nonce, m.Data, m.AD)
	const want = "AES-GCM as in SP 800-38D"
	if got, err := peer.AEAD(ctx, m); err != nil {
		return granted("VAULT-005", want, err)
	} else if !bytes.Equal(got, right) {
		return adversary.Fail("VAULT-005", want, fmt.Sprintf("another ciphertext, of %d bytes", len(got)))
	}
	plaintext := m.Data
	m.Open, m.Data = true, right
	if got, err := peer.AEAD(ctx, m); err != nil {
		return granted("VAULT-005", "the plaintext of a right ciphertext", err)
	} else if !bytes.Equal(got, plaintext) {
		return adversary.Fail("VAULT-005", "the plaintext of a right ciphertext", fmt.Sprintf("other %d bytes", len(got)))
	}
	for _, wrong := range wrongTexts(right) {
		m.Data = wrong.data
		_, err := peer.AEAD(ctx, m)
		if err := denied("VAULT-005", "an error for "+wrong.words, "success", err); err != nil {
			return err
		}
	}
	return nil
}

// A wrongText is what AES-GCM refuses.
type wrongText struct {
	words string
	data  []byte
}

func wrongTexts(right []byte) (all []wrongText) {
	for i := len(right) - adversary.TagSize; i < len(right); i++ {
		all = append(all, wrongText{"a wrong tag", changedAt(right, i)})
	}
	if len(right) > adversary.TagSize {
		all = append(all, wrongText{"a changed text", changedAt(right, 0)}, wrongText{"a text without its last byte", right[:len(right)-1]})
	}
	for n := range adversary.TagSize {
		all = append(all, wrongText{"input shorter than a tag", right[:n]})
	}
	return all
}

// changedAt is b with one bit changed.
func changedAt(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}
