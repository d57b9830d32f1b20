package udp

import (
	"errors"
	"slices"
	"syscall"

	"golang.org/x/sys/windows"
)

// isLost reports whether a system call failed because of one datagram: an ICMP message says that an earlier one did not arrive (TRAN-013),
// or one is longer than the buffer (TRAN-011).
func isLost(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains([]syscall.Errno{
		windows.WSAECONNRESET, windows.WSAECONNREFUSED, windows.WSAENETRESET, windows.WSAEHOSTDOWN, windows.WSAEMSGSIZE,
	}, errno)
}

// isRefused reports whether nobody listens where datagrams go.
func isRefused(err error) bool {
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNREFUSED)
}
