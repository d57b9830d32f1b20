package noise

import "ockamtest/ref/vault"

// H is h at any time.
func (hs *HandshakeState) H() [vault.HashSize]byte { return hs.h }
