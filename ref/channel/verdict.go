package channel

import (
	"errors"

	"ockamtest/ref/key"
	"ockamtest/ref/wire"
)

// reject rejects a message: on a stream before open that is fatal, else everything stays as it is (section 6).
func (c *Channel) reject(e *Error) error {
	if c.Stream() && c.state < Open {
		return c.fail(e)
	}
	return e
}

// refuse rejects a handshake message with the agreement's verdict. Fatal also on datagrams are an error of the vault, and an m3 whose
// static key is refused; an m2 whose key is refused may be anybody's (NOISE-017). So is an answer that the profile cannot carry: the
// agreement has made it and makes no other.
func (c *Channel) refuse(e *Error) error {
	switch {
	case errors.Is(e, key.ErrVault), errors.Is(e, ErrCannotTravel),
		errors.Is(e, key.ErrPeerRefused) && e.Step == StepM3:
		return c.fail(e)
	}
	return c.reject(e)
}

// handshakeError takes the requirement over from the key agreement's error (CHAN-007).
func handshakeError(step Step, err error) *Error {
	e := &Error{Step: step, Err: err}
	var k *key.Error
	if errors.As(err, &k) { // step and requirement are told once
		e.Requirement, e.Err = k.Requirement, k.Err
	}
	return e
}

// wireError takes the requirement over from the codec's error.
func wireError(step Step, err error) *Error {
	e := &Error{Step: step, Err: err}
	var w *wire.Error
	if errors.As(err, &w) { // the requirement is told once
		place := *w
		place.Requirement = ""
		e.Requirement, e.Err = w.Requirement, &place
	}
	return e
}
