package keyfile

import (
	"crypto/ecdh"
	encodingasn1 "encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"ockamtest/ref/vault"
)

// What is in front of the key, in the form that openssl writes.
const (
	x25519PrivateHead = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x6e\x04\x22\x04\x20"
	p256PrivateHead   = "\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07" +
		"\x04\x6d\x30\x6b\x02\x01\x01\x04\x20"
	p256PrivateMiddle = "\xa1\x44\x03\x42\x00" // between private and public key
	x25519PublicHead  = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00"
	p256PublicHead    = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"

	maxDER = len(p256PrivateHead) + rawSize + len(p256PrivateMiddle) + vault.P256PublicKeySize
)

// appendPrivate appends PKCS#8: OneAsymmetricKey of version 0, for P-256 with the public key in its ECPrivateKey.
func appendPrivate(dst []byte, t vault.Type, raw, public []byte) []byte {
	if t == vault.X25519PrivateKey {
		return append(append(dst, x25519PrivateHead...), raw...)
	}
	dst = append(append(dst, p256PrivateHead...), raw...)
	return append(append(dst, p256PrivateMiddle...), public...)
}

// appendPublic appends SubjectPublicKeyInfo.
func appendPublic(dst []byte, k PublicKey) []byte {
	head := x25519PublicHead
	if k.Type == vault.P256PrivateKey {
		head = p256PublicHead
	}
	return append(append(dst, head...), k.Bytes...)
}

// valid reports whether k is a public key: its length, and for P-256 that the point is on the curve.
func (k PublicKey) valid() bool {
	switch k.Type {
	case vault.X25519PrivateKey:
		return len(k.Bytes) == vault.X25519PublicKeySize
	case vault.P256PrivateKey:
		_, err := ecdh.P256().NewPublicKey(k.Bytes)
		return err == nil
	case vault.Buffer, vault.AES128Key, vault.AES256Key:
	}
	return false
}

// fault is an error at the place where rest begins, which is a part of the DER.
func (p pemBlock) fault(rest cryptobyte.String, kind error, reason string) error {
	at := cap(p.der) - cap(rest)
	return &Error{Line: p.line + at/lineBytes, Reason: fmt.Sprintf("byte %d of the key: %s", at, reason), Err: kind}
}

// sequence reads the SEQUENCE that is all of s.
func sequence(s cryptobyte.String) (content cryptobyte.String, ok bool) {
	ok = s.ReadASN1(&content, asn1.SEQUENCE) && s.Empty()
	return content, ok
}

// algorithm reads an AlgorithmIdentifier. Its parameters are a named curve, or absent.
func (p pemBlock) algorithm(from *cryptobyte.String) (vault.Type, error) {
	var all cryptobyte.String
	var id encodingasn1.ObjectIdentifier
	at := *from
	if !from.ReadASN1(&all, asn1.SEQUENCE) || !all.ReadASN1ObjectIdentifier(&id) {
		return 0, p.fault(at, ErrFormat, "no algorithm")
	}
	switch {
	case id.Equal(algorithmX25519()) && all.Empty():
		return vault.X25519PrivateKey, nil
	case id.Equal(algorithmX25519()):
		return 0, p.fault(all, ErrFormat, "X25519 has no parameters")
	case !id.Equal(algorithmEC()):
		return 0, p.fault(at, ErrAlgorithm, "neither X25519 nor an elliptic curve")
	case !isP256(all):
		return 0, p.fault(all, ErrAlgorithm, "the curve is not P-256, or is not named")
	}
	return vault.P256PrivateKey, nil
}

func isP256(curve cryptobyte.String) bool {
	var id encodingasn1.ObjectIdentifier
	return curve.ReadASN1ObjectIdentifier(&id) && curve.Empty() && id.Equal(curveP256())
}

func algorithmX25519() encodingasn1.ObjectIdentifier {
	return encodingasn1.ObjectIdentifier{1, 3, 101, 110}
}

func algorithmEC() encodingasn1.ObjectIdentifier {
	return encodingasn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
}

func curveP256() encodingasn1.ObjectIdentifier {
	return encodingasn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
}
