package refadapter

import (
	"errors"
	"io"

	"ockamtest/conformance/harness"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/noise"
	"ockamtest/ref/transport"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// A verdict is an error of the reference and its class.
type verdict struct {
	err   error
	class harness.Class
}

// verdicts are the errors that have a class. An error can wrap several: the first in this list tells.
func verdicts() []verdict {
	return []verdict{
		{channel.ErrFailed, harness.ClassClosed}, // what it failed with before is wrapped too
		{channel.ErrClosed, harness.ClassClosed},
		{key.ErrClosed, harness.ClassClosed},
		{channel.ErrNotOpen, harness.ClassNotOpen},
		{channel.ErrInner, harness.ClassInner}, // what is wrong inside is wrapped too
		{channel.ErrDeadline, harness.ClassDeadline},
		{channel.ErrUnexpected, harness.ClassUnexpected},
		{channel.ErrNotAddressed, harness.ClassNotAddressed},
		{channel.ErrUnsendable, harness.ClassUnsendable},
		{channel.ErrReplayed, harness.ClassReplayed},
		{channel.ErrCannotTravel, harness.ClassBody},
		{channel.ErrTooLong, harness.ClassTooLong},
		{key.ErrCounterExhausted, harness.ClassExhausted},
		{key.ErrPeerRefused, harness.ClassRefused},
		{key.ErrPayloadRefused, harness.ClassPayload},
		{key.ErrVault, harness.ClassVault},
		{noise.ErrMessageLength, harness.ClassMessageLength},
		{noise.ErrReflection, harness.ClassReflection},
		{noise.ErrRefused, harness.ClassRefused},
		{vault.ErrAuthentication, harness.ClassAuthentication},
		{vault.ErrShortCiphertext, harness.ClassShort},
		{vault.ErrWeakPublicKey, harness.ClassWeakKey},
		{vault.ErrInvalidPublicKey, harness.ClassPublicKey},
		{vault.ErrInvalidPrivateKey, harness.ClassPrivateKey},
		{vault.ErrInvalidLength, harness.ClassLength},
		{transport.ErrTruncated, harness.ClassTruncated},
		{transport.ErrMessageTooLong, harness.ClassTooLong},
		{io.EOF, harness.ClassEnded},
		{wire.ErrTruncated, harness.ClassTruncated},
		{wire.ErrVersion, harness.ClassWireVersion},
		{wire.ErrU2LE, harness.ClassNumber},
		{wire.ErrTooMany, harness.ClassTooMany},
		{wire.ErrUnknownType, harness.ClassUnknownType},
		{wire.ErrLength, harness.ClassLength},
		{wire.ErrForm, harness.ClassForm},
		{wire.ErrBody, harness.ClassBody},
		{wire.ErrTooLong, harness.ClassTooLong},
	}
}

// classOf returns the class of an error of the reference, harness.ClassRejected if it has none of its own.
func classOf(err error) harness.Class {
	for _, v := range verdicts() {
		if errors.Is(err, v.err) {
			return v.class
		}
	}
	return harness.ClassRejected
}

// refusal is an error of the reference as an answer.
func refusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, vault.ErrUnsupported):
		return harness.ErrUnsupported
	}
	return harness.Refuse(classOf(err))
}
