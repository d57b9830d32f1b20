package cases

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// A retyping is a change of type, and how many bytes of a secret become the key; 0 if it is to be refused.
type retyping struct {
	from conformance.SecretType
	size int
	to   conformance.SecretType
	key  int
}

func retypings(private conformance.SecretType) []retyping {
	const buffer, aes128, aes256 = conformance.Buffer, conformance.AES128, conformance.AES256
	return []retyping{
		{buffer, 32, aes256, 32},
		{buffer, 16, aes128, 16},
		{buffer, 48, aes128, 16},
		{buffer, 31, aes256, 0},
		{buffer, 33, aes256, 0},
		{buffer, 15, aes128, 0},
		{buffer, 32, private, 0},
		{aes256, 32, aes128, 0},
		{aes256, 32, buffer, 0},
		{private, 32, buffer, 0},
		{private, 32, aes256, 0},
	}
}

func changedTypes(b *bench) error {
	for _, x := range retypings(b.private()) {
		n, value, err := b.imported(x.from, x.size, false)
		if err != nil {
			return err
		}
		words := fmt.Sprintf("turning a secret of type %s, of %d bytes, into one of type %s", x.from, x.size, x.to)
		m := conformance.Operation{Op: conformance.OpRetype, Secret: n, Type: x.to}
		if x.key > 0 {
			if _, err = b.must("VAULT-011", words, m); err == nil {
				err = b.sealsWith("VAULT-011", n, value[:x.key])
			}
		} else if err = b.mustNot("VAULT-011", words, m); err == nil {
			err = b.isStill(n, x.from, x.size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isStill requires a secret that is as it was made.
func (b *bench) isStill(n int, t conformance.SecretType, size int) error {
	const want = "a secret as it was after a change of type that failed"
	out, err := b.must("VAULT-011", want, conformance.Operation{Op: conformance.OpAttributes, Secret: n})
	if err == nil && (out.Type != t || out.Length != size) {
		return adversary.Fail("VAULT-011", want, fmt.Sprintf("one of type %s and %d bytes", out.Type, out.Length))
	}
	return err
}

// sealsWith requires that the secret n is an AES key of these bytes.
func (b *bench) sealsWith(requirement string, n int, key []byte) error {
	const want = "the ciphertext under the key that the secret has to be"
	m := conformance.Operation{Op: conformance.OpSeal, Secret: n, Nonce: make([]byte, 12), AD: []byte("ad"), Data: []byte("text")}
	out, err := b.must(requirement, want, m)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	if !bytes.Equal(out.Data, gcm.Seal(nil, m.Nonce, m.Data, m.AD)) {
		return adversary.Fail(requirement, want, "another")
	}
	return nil
}

// chained does in the vault what a handshake does with it: a shared secret, keyed derivation, an AES key, encryption. VAULT-010: "All vaults
// pass the same contract test, whatever backs them."
func chained(b *bench) error {
	suite := b.env.Profile().Suite
	pair, err := adversary.GenerateKeyPair(suite, b.env.Random())
	if err != nil {
		return err
	}
	private, raw, err := b.imported(b.private(), 32, false)
	if err != nil {
		return err
	}
	own, err := adversary.LoadKeyPair(suite, raw)
	if err != nil {
		return err
	}
	salt, saltBytes, err := b.imported(conformance.Buffer, 32, false)
	if err != nil {
		return err
	}
	out, err := b.must("VAULT-010", "the public key of a private one", conformance.Operation{Op: conformance.OpPublic, Secret: private})
	if err != nil {
		return err
	}
	if !bytes.Equal(out.Data, own.Public) {
		return adversary.Fail("VAULT-010", "the public key of a private one", "another")
	}
	for _, m := range []conformance.Operation{
		{Op: conformance.OpAgree, Secret: private, Public: pair.Public, To: shared},
		{Op: conformance.OpDerive, Secret: salt, IKM: shared, To: derived},
		{Op: conformance.OpRetype, Secret: derived, Type: b.key()},
	} {
		if _, err := b.must("VAULT-010", string(m.Op)+" with secrets of the right type", m); err != nil {
			return err
		}
	}
	secret, _ := own.DH(pair.Public)
	block, err := hkdf.Key(sha256.New, secret, saltBytes, "", sha256.Size)
	if err != nil {
		return err
	}
	return b.sealsWith("VAULT-010", derived, block[:suite.KeySize])
}
