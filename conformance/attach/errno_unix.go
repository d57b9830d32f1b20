//go:build unix

package attach

import (
	"errors"
	"syscall"
)

// isReset reports the peer's RST.
func isReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

// isBroken reports a write after the peer, or the kit, has ended the connection.
func isBroken(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.ESHUTDOWN)
}

func isNotConnected(err error) bool {
	return errors.Is(err, syscall.ENOTCONN) || errors.Is(err, syscall.EINVAL) // macOS says EINVAL after a reset
}

// isTooLong reports a datagram that the system does not send.
func isTooLong(err error) bool { return errors.Is(err, syscall.EMSGSIZE) }

// isRefused reports that nobody listens.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
