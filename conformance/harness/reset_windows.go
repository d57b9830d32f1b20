package harness

import (
	"errors"
	"syscall"
)

const (
	wsaeconnaborted = syscall.Errno(10053)
	wsaeconnreset   = syscall.Errno(10054)
	errorNoData     = syscall.Errno(232) // a pipe whose reader has gone
	errorBrokenPipe = syscall.ERROR_BROKEN_PIPE
)

// isReset reports whether an error says that the other side has gone abruptly.
func isReset(err error) bool {
	for _, e := range []syscall.Errno{wsaeconnaborted, wsaeconnreset, errorNoData, errorBrokenPipe} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
