package ref

import "ockamtest/ref/node"

// DefaultHalfOpen is how many handshakes of a listener may be in progress at once (CHAN-012).
const DefaultHalfOpen = 1024

// ErrGaveWay is the error of a handshake that was the oldest of too many and gave way to a new one (CHAN-012). It is node.ErrGaveWay.
var ErrGaveWay = node.ErrGaveWay
