package oracle

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"

	"ockamtest/vectors"
)

const tagSize = 16

// ECDH implements vectors.Subject. VAULT-002, VAULT-003.
func (o Subject) ECDH(in vectors.ECDHInput) (vectors.Hex, error) {
	curve, size := ecdh.X25519(), 32
	if in.Curve == "secp256r1" {
		curve, size = ecdh.P256(), 65
	}
	if err := o.check("vault/length/public", len(in.Public) == size); err != nil {
		return nil, err
	}
	if err := o.check("vault/length/private", len(in.Private) == 32); err != nil {
		return nil, err
	}
	private, err := curve.NewPrivateKey(fit(in.Private, 32))
	if err != nil {
		return make([]byte, 32), o.check("vault/scalar", false)
	}
	public, err := curve.NewPublicKey(fit(o.value("vault/public", in.Public), size))
	if err != nil {
		return make([]byte, 32), o.check("vault/point", false)
	}
	shared, err := private.ECDH(public)
	if err != nil { // X25519 alone: the result is zero
		return make([]byte, 32), o.check("vault/zero", false)
	}
	return o.value("vault/shared/"+in.Curve, shared), nil
}

// AEAD implements vectors.Subject.
func (o Subject) AEAD(in vectors.AEADInput) (vectors.Hex, error) {
	if err := o.check("vault/length/key", len(in.Key) == 16 || len(in.Key) == 32); err != nil {
		return nil, err
	}
	if err := o.check("vault/length/iv", len(in.IV) == 12); err != nil {
		return nil, err
	}
	if in.Op == "seal" {
		return o.value("vault/sealed", seal(in.Key, in.IV, o.value("vault/ad", in.AAD), in.Data)), nil
	}
	return o.open("vault", "", in.Key, in.IV, o.value("vault/ad", in.AAD), in.Data)
}

// gcm makes AES-GCM. Keys and nonces of the wrong length, which a mutant may bring, are filled up or cut.
func gcm(key []byte) cipher.AEAD {
	size := 32
	if len(key) <= 16 {
		size = 16
	}
	block, err := aes.NewCipher(fit(key, size))
	if err != nil {
		panic(err) // the size is right
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func fit(b []byte, size int) []byte {
	out := make([]byte, size)
	copy(out, b)
	return out
}

func seal(key, nonce, ad, plaintext []byte) []byte {
	return gcm(key).Seal(nil, fit(nonce, 12), plaintext, ad)
}

// open decrypts, and then compares the tag with that of the plaintext: the long way, so that a comparison can be left out. VAULT-005.
func (o Subject) open(layer, where string, key, nonce, ad, data []byte) ([]byte, error) {
	if err := o.check(layer+"/short"+where, len(data) >= tagSize); err != nil { // REC-006
		return nil, err
	}
	n := max(len(data)-tagSize, 0)
	// GCM's own keystream turns the ciphertext into the plaintext and back.
	plaintext := seal(key, nonce, nil, data[:n])[:n]
	tag := seal(key, nonce, ad, plaintext)[n:]
	same := bytes.Equal(o.value(layer+"/compared"+where, tag), o.value(layer+"/compared"+where, data[n:]))
	if err := o.check(layer+"/tag"+where, same); err != nil {
		return nil, err
	}
	return plaintext, nil
}

// HKDF implements vectors.Subject. VAULT-004.
func (o Subject) HKDF(in vectors.HKDFInput) (vectors.Hex, error) {
	okm := hkdfSHA256(o.value("vault/salt", in.Salt), o.value("vault/ikm", in.Ikm), string(in.Info), in.Size)
	return o.value("vault/okm", okm), nil
}

func hkdfSHA256(salt, ikm []byte, info string, size int) []byte {
	okm, err := hkdf.Key(sha256.New, ikm, salt, info, size)
	if err != nil {
		panic(err) // more than 255 blocks, which nothing asks for
	}
	return okm
}

// Hash implements vectors.Subject.
func (o Subject) Hash(msg vectors.Hex) (vectors.Hex, error) {
	return o.value("vault/digest", hash(o.value("vault/hashed", msg))), nil
}

func hash(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}
