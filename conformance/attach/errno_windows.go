package attach

import (
	"errors"
	"syscall"
)

// Error numbers of Windows Sockets that package syscall does not name.
const (
	wsaEMSGSIZE     syscall.Errno = 10040
	wsaENOTCONN     syscall.Errno = 10057
	wsaESHUTDOWN    syscall.Errno = 10058
	wsaECONNREFUSED syscall.Errno = 10061
)

// isReset reports the peer's RST.
func isReset(err error) bool { return errors.Is(err, syscall.WSAECONNRESET) }

// isBroken reports a write after the peer, or the kit, has ended the connection.
func isBroken(err error) bool {
	return errors.Is(err, syscall.WSAECONNABORTED) || errors.Is(err, wsaESHUTDOWN)
}

func isNotConnected(err error) bool { return errors.Is(err, wsaENOTCONN) }

// isTooLong reports a datagram that the system does not send.
func isTooLong(err error) bool { return errors.Is(err, wsaEMSGSIZE) }

// isRefused reports that nobody listens.
func isRefused(err error) bool { return errors.Is(err, wsaECONNREFUSED) }
