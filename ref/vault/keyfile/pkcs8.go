package keyfile

import (
	"bytes"
	encodingasn1 "encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"ockamtest/ref/memory"
	"ockamtest/ref/vault"
)

// private takes PKCS#8 apart: OneAsymmetricKey of version 0, without attributes.
func (p pemBlock) private(m memory.Allocator) (*PrivateKey, error) {
	var content cryptobyte.String
	var version uint
	at := cryptobyte.String(p.der)
	info, ok := sequence(at)
	if !ok {
		return nil, p.fault(at, ErrFormat, "no PKCS#8, or more than that")
	}
	if at = info; !info.ReadASN1Integer(&version) || version != 0 {
		return nil, p.fault(at, ErrFormat, "no PKCS#8 of version 0")
	}
	t, err := p.algorithm(&info)
	if err != nil {
		return nil, err
	}
	if at = info; !info.ReadASN1(&content, asn1.OCTET_STRING) || !info.Empty() {
		return nil, p.fault(at, ErrFormat, "want the private key, and nothing after it")
	}
	k := &PrivateKey{Type: t, memory: m}
	raw, public, err := p.privateKey(t, content)
	if err != nil {
		return nil, err
	}
	if len(raw) != rawSize {
		return nil, p.fault(raw, ErrFormat, fmt.Sprintf("a private key of %d bytes, want %d", len(raw), rawSize))
	}
	if k.Raw, err = m.Allocate(rawSize); err != nil {
		return nil, err
	}
	copy(k.Raw, raw)
	k.Public = bytes.Clone(public)
	return k, nil
}

// privateKey takes the CurvePrivateKey of X25519 or the ECPrivateKey of P-256 apart. The results share the array of the DER.
func (p pemBlock) privateKey(t vault.Type, content cryptobyte.String) (raw cryptobyte.String, public []byte, err error) {
	if t == vault.P256PrivateKey {
		return p.ecPrivateKey(content)
	}
	if at := content; !content.ReadASN1(&raw, asn1.OCTET_STRING) || !content.Empty() {
		return nil, nil, p.fault(at, ErrFormat, "no CurvePrivateKey")
	}
	return raw, nil, nil
}

// ecPrivateKey takes an ECPrivateKey apart. Curve and public key may be missing in it.
func (p pemBlock) ecPrivateKey(content cryptobyte.String) (raw cryptobyte.String, public []byte, err error) {
	var field cryptobyte.String
	var version uint
	var there bool
	key, ok := sequence(content)
	if !ok {
		return nil, nil, p.fault(content, ErrFormat, "no ECPrivateKey, or more than that")
	}
	at := key
	if !key.ReadASN1Integer(&version) || version != 1 || !key.ReadASN1(&raw, asn1.OCTET_STRING) {
		return nil, nil, p.fault(at, ErrFormat, "no ECPrivateKey of version 1")
	}
	at = key
	if !key.ReadOptionalASN1(&field, &there, asn1.Tag(0).Constructed().ContextSpecific()) || there && !isP256(field) {
		return nil, nil, p.fault(at, ErrFormat, "another curve within the key")
	}
	at = key
	if !key.ReadOptionalASN1(&field, &there, asn1.Tag(1).Constructed().ContextSpecific()) || !key.Empty() {
		return nil, nil, p.fault(at, ErrFormat, "want a public key, or nothing")
	}
	if !there {
		return raw, nil, nil
	}
	var bits encodingasn1.BitString
	if !field.ReadASN1BitString(&bits) || !field.Empty() || bits.BitLength != 8*vault.P256PublicKeySize {
		return nil, nil, p.fault(at, ErrFormat, "a public key that is no uncompressed point")
	}
	return raw, bits.Bytes, nil
}
