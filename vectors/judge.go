package vectors

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// A DifferenceError is what a subject did otherwise than the vector says.
type DifferenceError struct {
	Field     string // "result", "error", or the name of a value
	Got, Want string
}

// Error implements error.
func (d *DifferenceError) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", d.Field, shorten(d.Got), shorten(d.Want))
}

func shorten(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s… (%d characters)", s[:most], len(s))
}

// judge compares what a subject did, err, with what m expects, and then, when the subject accepted, the values.
func judge(m *Meta, err error, values func() error) error {
	for _, none := range []error{ErrUnsupported, ErrBroken, ErrTrouble} {
		if errors.Is(err, none) {
			return err
		}
	}
	if err == nil {
		if m.Result == Invalid {
			return &DifferenceError{"result", "accepted", m.Error.Error()}
		}
		return values()
	}
	if m.Result == Valid {
		return &DifferenceError{"result", err.Error(), "accepted"}
	}
	var r Refusal
	if errors.As(err, &r) && !r.Means(*m.Error) {
		return &DifferenceError{"error", r.Error(), m.Error.Error()}
	}
	return nil
}

// kept compares a secret that may not tell more than whether it is want.
func kept(field string, got Secret, want Hex) error {
	switch {
	case got == nil:
		return &DifferenceError{field, "nothing", "a secret"}
	case !got.Is(want):
		return &DifferenceError{field, "another secret, which is not told", hex.EncodeToString(want)}
	}
	return nil
}

// same compares two values by their JSON, in which nil and empty bytes are one.
func same(field string, got, want any) error {
	g, err := json.Marshal(got)
	if err != nil {
		return fmt.Errorf("vectors: %s: %w", field, err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		return fmt.Errorf("vectors: %s: %w", field, err)
	}
	if !bytes.Equal(g, w) {
		return &DifferenceError{field, string(g), string(w)}
	}
	return nil
}

// first returns the first error that is not nil.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
