package noise

import "ockamtest/ref/vault"

// A publicKey is a public key as it travels. It is comparable; the zero publicKey is none.
type publicKey struct {
	b [vault.P256PublicKeySize]byte
	n uint8 // bytes in use
}

func newPublicKey(b []byte) publicKey {
	k := publicKey{n: uint8(len(b))}
	copy(k.b[:], b)
	return k
}

// fill lets f append the n bytes of the key to it, in place.
func (k *publicKey) fill(n int, f func(dst []byte) ([]byte, error)) error {
	b, err := f(k.b[:0:n])
	k.n = uint8(len(b))
	return err
}

func (k *publicKey) bytes() []byte { return k.b[:k.n] }

// copyBytes is nil for the zero publicKey.
func (k *publicKey) copyBytes() []byte { return append([]byte(nil), k.bytes()...) }

// same reports whether two keys name the same point. NOISE-018: the top bit of an X25519 key is ignored.
func (k publicKey) same(other publicKey) bool {
	if k.n == vault.X25519PublicKeySize {
		k.b[k.n-1] &= 0x7f
		other.b[k.n-1] &= 0x7f
	}
	return k == other
}
