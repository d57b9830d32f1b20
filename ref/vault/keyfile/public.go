package keyfile

import (
	"bytes"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// A PublicKey is a public key as a vault has it: 32 bytes for X25519PrivateKey, 65 for P256PrivateKey (VAULT-002).
type PublicKey struct {
	Type  vault.Type // of the private key that it belongs to
	Bytes []byte
}

// ReadPublic reads a public key file. Whoever may read it may. It fails with the errors of package os, or *Error.
func ReadPublic(name string) (PublicKey, error) {
	text := make([]byte, maxFile+1)
	n, err := readFile(name, text, true)
	if err != nil {
		return PublicKey{}, err
	}
	k, err := parsePublic(text[:n])
	return k, named(name, err)
}

func parsePublic(text []byte) (PublicKey, error) {
	p, err := parsePEM(text, publicLabel, memory.Heap{})
	if err != nil {
		return PublicKey{}, err
	}
	return p.public()
}

// public takes SubjectPublicKeyInfo apart.
func (p pemBlock) public() (PublicKey, error) {
	at := cryptobyte.String(p.der)
	info, ok := sequence(at)
	if !ok {
		return PublicKey{}, p.fault(at, ErrFormat, "no SubjectPublicKeyInfo, or more than that")
	}
	t, err := p.algorithm(&info)
	if err != nil {
		return PublicKey{}, err
	}
	var key []byte
	if at = info; !info.ReadASN1BitStringAsBytes(&key) || !info.Empty() {
		return PublicKey{}, p.fault(at, ErrFormat, "want the public key, and nothing after it")
	}
	k := PublicKey{Type: t, Bytes: bytes.Clone(key)}
	if !k.valid() {
		return PublicKey{}, p.fault(at, ErrFormat, "no public key of this kind, or a compressed one")
	}
	return k, nil
}

// WritePublic writes a public key file with mode 0644 and replaces it if it is there. It fails with vault.ErrInvalidPublicKey when k is no
// public key.
func WritePublic(name string, k PublicKey) error {
	if !k.valid() {
		return fmt.Errorf("write public key %s: %w", name, vault.ErrInvalidPublicKey)
	}
	der := appendPublic(nil, k)
	if err := replace(name, appendPEM(nil, publicLabel, der), 0o644); err != nil {
		return fmt.Errorf("write public key %s: %w", name, err)
	}
	return nil
}
