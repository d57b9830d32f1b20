package key

import (
	"errors"
	"fmt"

	"ockamtest/ref/noise"
	"ockamtest/ref/vault"
)

// fault makes the error for a handshake message.
func (x *XX) fault(message int, err error) error {
	e := &Error{Message: message, Requirement: requirement(err)}
	var where *noise.Error
	if errors.As(err, &where) { // the message is told once
		err = fmt.Errorf("%v: %w", where.Token, where.Err)
	}
	e.Err = translate(err)
	return e
}

// translate adds the error of this package that callers branch on.
func translate(err error) error {
	switch {
	case errors.Is(err, noise.ErrRefused):
		return fmt.Errorf("%w: %w", ErrPeerRefused, err)
	case errors.Is(err, ErrPayloadRefused), noise.Rejects(err):
		return err
	}
	return fmt.Errorf("%w: %w", ErrVault, err)
}

// requirement returns the requirement that a handshake message broke, empty if it broke none.
func requirement(err error) string {
	for _, verdict := range []struct {
		err         error
		requirement string
	}{
		{noise.ErrRefused, "NOISE-011"}, // first: the policy's own error may be anything
		{noise.ErrMessageLength, "NOISE-006"},
		{ErrPayloadRefused, "NOISE-006"},
		{noise.ErrReflection, "NOISE-016"},
		{vault.ErrAuthentication, "NOISE-005"},
		{vault.ErrWeakPublicKey, "NOISE-009"},
		{vault.ErrInvalidPublicKey, "VAULT-002"},
	} {
		if errors.Is(err, verdict.err) {
			return verdict.requirement
		}
	}
	return ""
}
