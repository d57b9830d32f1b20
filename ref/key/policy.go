package key

import "bytes"

// A Policy decides whether a static public key may be talked to (NOISE-011): nil accepts it, any error refuses it. It is asked within a
// handshake and does not block. static is the policy's to keep.
type Policy func(static []byte) error

// ExactKey accepts one key, compared byte by byte.
func ExactKey(static []byte) Policy { return AnyOf(static) }

// AnyOf accepts the keys of a set, compared byte by byte. The empty set accepts none.
func AnyOf(statics ...[]byte) Policy {
	allowed := make([][]byte, len(statics))
	for i, s := range statics {
		allowed[i] = bytes.Clone(s)
	}
	return func(static []byte) error {
		for _, s := range allowed {
			if bytes.Equal(s, static) {
				return nil
			}
		}
		return ErrUnknownPeer
	}
}

// AnyKey accepts every key: whoever answers is the peer. NOISE-011: that has to be chosen by name.
func AnyKey() Policy { return func([]byte) error { return nil } }
