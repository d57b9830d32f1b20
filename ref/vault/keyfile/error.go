package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
)

var (
	// ErrFormat: the file is no key file.
	ErrFormat = errors.New("keyfile: malformed key file")
	// ErrAlgorithm: the key is of neither X25519 nor P-256.
	ErrAlgorithm = errors.New("keyfile: unknown kind of key")
	// ErrMismatch: the public key in the file does not belong to the private key.
	ErrMismatch = errors.New("keyfile: the public key does not belong to the private key")
	// ErrExposed: other users can read or write the file; the error is an *ExposedError.
	ErrExposed = errors.New("keyfile: key file is exposed")
)

// An Error tells what is wrong with a file and where. It holds nothing of the file's content.
type Error struct {
	Name   string // of the file
	Line   int    // from 1; 0: the file as a whole
	Reason string
	Err    error // ErrFormat or ErrAlgorithm
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%v: %s: %s", e.Err, e.Name, e.Reason)
	}
	return fmt.Sprintf("%v: %s:%d: %s", e.Err, e.Name, e.Line, e.Reason)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// named puts the file's name into an *Error.
func named(name string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.Name = name
		return e
	}
	if err != nil {
		return fmt.Errorf("read key %s: %w", name, err)
	}
	return nil
}

// An ExposedError warns that other users can read or write a private key file. Nothing was read. Who wants the key all the same sets
// Config.AllowExposed.
type ExposedError struct {
	Name string
	Mode fs.FileMode
}

func (e *ExposedError) Error() string {
	return fmt.Sprintf("%v: %s has mode %04o, want 0600", ErrExposed, e.Name, e.Mode)
}

// Unwrap returns ErrExposed.
func (e *ExposedError) Unwrap() error { return ErrExposed }
