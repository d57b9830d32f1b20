package store

import (
	"errors"
	"fmt"

	"ockamtest/ref/vault"
)

var (
	// ErrKey: the key or passphrase is not that of the file.
	ErrKey = errors.New("store: wrong key or passphrase")
	// ErrCorrupt: the file is damaged; the error is a *CorruptError.
	ErrCorrupt = errors.New("store: file is corrupt")
	// ErrVersion: the file is of a version, or has parameters, that this package does not know.
	ErrVersion = errors.New("store: unknown version")
	// ErrConfig: a Config that makes no store.
	ErrConfig = errors.New("store: invalid configuration")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("store: closed")
	// ErrFull: the content would be longer than MaxContent. It wraps vault.ErrExhausted.
	ErrFull = fmt.Errorf("store: full: %w", vault.ErrExhausted)
)

// A CorruptError tells where a file is damaged. It wraps ErrCorrupt.
type CorruptError struct {
	Offset int    // in bytes from the start of the file or, for InContent, of the opened content
	Reason string // holds nothing of the file

	InContent bool
}

func (e *CorruptError) Error() string {
	part := "file"
	if e.InContent {
		part = "content"
	}
	return fmt.Sprintf("%v: byte %d of the %s: %s", ErrCorrupt, e.Offset, part, e.Reason)
}

// Unwrap returns ErrCorrupt.
func (e *CorruptError) Unwrap() error { return ErrCorrupt }
