package ref

import "ockamtest/ref/key"

// A Policy decides whether the owner of a static public key may be talked to (NOISE-011): nil accepts the key, any error refuses
// it. There is no default. It is asked during the handshake, from several goroutines at once if the configuration is a
// listener's, and does not block.
type Policy = key.Policy

// ExactKey accepts one static public key and no other.
func ExactKey(static []byte) Policy { return key.ExactKey(static) }

// KeySet accepts the static public keys of a set. The empty set accepts none.
func KeySet(statics ...[]byte) Policy { return key.AnyOf(statics...) }

// AcceptAnyKey accepts every static public key: the channel is private, but with whom is for the application to find out, from
// Conn.PeerStatic.
func AcceptAnyKey() Policy { return key.AnyKey() }
