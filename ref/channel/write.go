package channel

import (
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/key"
	"ockamtest/ref/wire"
)

// Write encrypts payload and appends one wire message to dst, which grows if it has to. payload and dst do not overlap. A write that
// is refused (ErrNotOpen, ErrTooLong, ErrCannotTravel, key.ErrCounterExhausted) uses no counter and changes nothing, with one exception:
// a ciphertext that cannot travel (section 11) has spent its counter. The same payload, written again, has the next one.
func (c *Channel) Write(dst, payload []byte) ([]byte, error) {
	return c.WriteRouted(dst, payload, nil, nil)
}

// WriteRouted is Write with inner routes (REC-011): onward the peer application's local address, returned the sender's.
func (c *Channel) WriteRouted(dst, payload []byte, onward, returned wire.Route) ([]byte, error) {
	if err := c.ended(StepWrite); err != nil {
		return nil, err
	}
	if c.state != Open {
		return nil, &Error{Step: StepWrite, Requirement: "CHAN-002", Err: ErrNotOpen}
	}
	if len(payload) > c.Limit() {
		return nil, &Error{Step: StepWrite, Requirement: "REC-010", Err: ErrTooLong}
	}
	overhead := c.cfg.Agreement.Overhead()
	out := slices.Grow(dst, len(c.header)+innerHeaderSize+len(payload)+overhead)
	out, err := c.appendInner(append(out, c.header...), payload, onward, returned)
	if err != nil {
		return nil, err
	}
	if len(out)-len(dst)+overhead > c.cfg.limitOver(c.link) { // REC-010: inner routes take room too
		return nil, &Error{Step: StepWrite, Requirement: "REC-010", Err: ErrTooLong}
	}
	return c.seal(slices.Grow(out, overhead), len(dst)+len(c.header))
}

// appendInner appends the inner message, in plaintext.
func (c *Channel) appendInner(dst, payload []byte, onward, returned wire.Route) ([]byte, error) {
	p := &c.cfg.Profile
	if len(onward)+len(returned) == 0 && c.cfg.plain() {
		return append(append(dst, plainHeader...), payload...), nil
	}
	switch {
	case p.InnerOnwardNeeded && len(onward) == 0, p.InnerReturnMisread && slices.ContainsFunc(returned, wire.Address.IsLocal):
		return nil, &Error{Step: StepWrite, Err: ErrCannotTravel}
	}
	m := wire.Message{Onward: onward, Return: returned, Type: wire.Payload, Body: payload}
	out, err := wire.AppendMessage(dst, c.cfg.inner(), &m)
	if err != nil {
		return nil, &Error{Step: StepWrite, Err: fmt.Errorf("%w: %w", ErrCannotTravel, err)}
	}
	return out, nil
}

// seal encrypts message[start:] in place; what stands before is the outer header.
func (c *Channel) seal(message []byte, start int) ([]byte, error) {
	sealed, err := c.cfg.Agreement.Encrypt(message[start:start], message[start:])
	if err != nil {
		return nil, c.sealError(err)
	}
	if c.cfg.forbidden(sealed) {
		return nil, &Error{Step: StepWrite, Err: ErrCannotTravel} // section 11; its counter is spent
	}
	return message[:start+len(sealed)], nil
}

// sealError tells a write that was refused from one whose counter is spent and that went nowhere, which is fatal on a stream (REC-003).
func (c *Channel) sealError(err error) error {
	e := &Error{Step: StepWrite, Err: err}
	switch {
	case errors.Is(err, key.ErrCounterExhausted):
		e.Requirement = "REC-003"
	case errors.Is(err, key.ErrVault) && c.Stream():
		return c.fail(e)
	}
	return e
}
