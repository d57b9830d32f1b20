package harness

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
)

// A Secret is the result of an operation whose bytes a vault may keep for itself (VAULT-003, VAULT-004). One of the two is set.
type Secret struct {
	Bytes []byte
	Proof []byte // see Proof
}

// proofBlock is how many bytes of a secret are a key.
const proofBlock = 32

// Proof shows which secret a vault has without telling it: of each 32 bytes the tag of AES-256-GCM with that key, a nonce of 12 zero bytes, no
// associated data, and no plaintext. It fails for a secret that is not made of such blocks.
func Proof(secret []byte) ([]byte, error) {
	if len(secret) == 0 || len(secret)%proofBlock != 0 {
		return nil, errors.New("harness: a proof is of blocks of 32 bytes")
	}
	var out []byte
	for ; len(secret) > 0; secret = secret[proofBlock:] {
		block, err := aes.NewCipher(secret[:proofBlock])
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		out = gcm.Seal(out, make([]byte, gcm.NonceSize()), nil, nil)
	}
	return out, nil
}

// Is reports whether the secret is want, by its bytes or by its proof.
func (s Secret) Is(want []byte) bool {
	if s.Bytes != nil {
		return bytes.Equal(s.Bytes, want)
	}
	proof, err := Proof(want)
	return err == nil && bytes.Equal(s.Proof, proof)
}

func (d *decoder) secret(key string) Secret {
	if _, ok := d.fields.Get("proof"); ok {
		return Secret{Proof: d.hex("proof", true)}
	}
	return Secret{Bytes: d.hex(key, true)}
}

// An Agree asks for a Diffie-Hellman result, or without Public for the public key of Private.
type Agree struct {
	P256    bool   // else X25519
	Private []byte // 32 bytes
	Public  []byte // 32 or 65 bytes; nil asks for the public key
}

// Request is the line without its ID.
func (m Agree) Request() Request {
	verb := VerbX25519
	if m.P256 {
		verb = VerbP256
	}
	return Request{Verb: verb, Fields: Fields{hexField("private", m.Private)}.hex("public", m.Public)}
}

func (d *decoder) agree(p256 bool) Agree {
	return Agree{P256: p256, Private: d.hex("private", true), Public: d.hex("public", false)}
}

// An AEAD is the input of AES-GCM: with a key of 16 or 32 bytes.
type AEAD struct {
	Open           bool // decrypt; else encrypt
	Key, Nonce, Ad []byte
	Data           []byte // plaintext, or ciphertext with tag
}

// Request is the line without its ID.
func (m AEAD) Request() Request {
	verb := VerbSeal
	if m.Open {
		verb = VerbUnseal
	}
	return Request{Verb: verb, Fields: Fields{
		hexField("key", m.Key), hexField("nonce", m.Nonce), hexField("ad", m.Ad), hexField("data", m.Data),
	}}
}

func (d *decoder) aead(open bool) AEAD {
	return AEAD{Open: open, Key: d.hex("key", true), Nonce: d.hex("nonce", true), Ad: d.hex("ad", true), Data: d.hex("data", true)}
}

// An HKDF is the input of HKDF-SHA256 with empty info (VAULT-004).
type HKDF struct {
	Salt   []byte
	IKM    []byte // nil is none, which is the empty one
	Blocks int    // of 32 bytes, 1 to 255
}

// Request is the line without its ID.
func (m HKDF) Request() Request {
	f := Fields{hexField("salt", m.Salt), numberField("n", uint64(m.Blocks))}
	return Request{Verb: VerbHKDF, Fields: f.hex("ikm", m.IKM)}
}

func (d *decoder) hkdf() HKDF {
	return HKDF{Salt: d.hex("salt", true), IKM: d.hex("ikm", false), Blocks: int(d.number("n", true, maxNumber))}
}

// A Hash is the input of SHA-256.
type Hash struct{ Data []byte }

// Request is the line without its ID.
func (m Hash) Request() Request {
	return Request{Verb: VerbSHA256, Fields: Fields{hexField("data", m.Data)}}
}

func (d *decoder) hash() Hash { return Hash{d.hex("data", true)} }
