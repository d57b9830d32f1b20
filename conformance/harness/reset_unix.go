//go:build unix

package harness

import (
	"errors"
	"syscall"
)

// isReset reports whether an error says that the other side has gone abruptly.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
