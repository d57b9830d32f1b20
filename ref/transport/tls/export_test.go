package tls

import "ockamtest/ref/transport"

// InProgress is how many handshakes of a listener are in progress.
func InProgress(l transport.Listener) int {
	return l.(*listener).gate.InProgress()
}
