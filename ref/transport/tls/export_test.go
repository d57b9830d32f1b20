package tls

import "ockamtest/ref/transport"

// InProgress is how many handshakes of a listener are in progress.
func InProgress(l transport.Listener) int {
	h := &l.(*listener).halfOpen
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.oldest.Len()
}
