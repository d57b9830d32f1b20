//go:build unix

package udp

import (
	"errors"
	"slices"
	"syscall"
)

// isLost reports whether a system call failed because of one datagram: an ICMP message says that an earlier one did not arrive (TRAN-013).
func isLost(err error) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains([]syscall.Errno{
		syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.EHOSTDOWN, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EACCES,
		syscall.ENOPROTOOPT, syscall.EOPNOTSUPP, syscall.EMSGSIZE, syscall.EPROTO,
	}, errno)
}

// isRefused reports whether nobody listens where datagrams go.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
