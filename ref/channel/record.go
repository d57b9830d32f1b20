package channel

import (
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/key"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// checkRecord refuses what is no transport message.
func (c *Channel) checkRecord(m *wire.Message) error {
	if m.Type != untyped(wire.Payload, c.cfg.Profile.TransportTypeByte) {
		return &Error{Step: StepRecord, Requirement: "CHAN-003", Err: ErrUnexpected}
	}
	if len(m.Return) > c.cfg.Profile.MaxReturnAddresses { // section 11
		return &Error{Step: StepRecord, Requirement: "WIRE-008", Err: wire.ErrTooMany}
	}
	return nil
}

// handleRecord consumes the ciphertext of a transport message.
func (c *Channel) handleRecord(dst, ciphertext []byte) (out []byte, ev Event, err error) {
	var plaintext []byte
	if c.Stream() {
		plaintext, err = c.cfg.Agreement.Decrypt(ciphertext[:0], ciphertext)
	} else {
		dst, plaintext, err = c.decryptDatagram(dst, ciphertext)
	}
	if err != nil {
		return nil, Event{}, c.unverified(err)
	}
	// From here on the counter is used up, whatever the inner message is (REC-009).
	if c.repeat.sent != "" {
		c.repeat = repeat{} // TRAN-014: the peer is open
	}
	if ev, err = c.deliver(plaintext); err != nil {
		return nil, Event{}, err
	}
	return dst, ev, nil
}

// decryptDatagram decrypts a record whose counter is not known (REC-008): mostly it is the one after the highest that verified, else the
// agreement locates it. What does not verify costs one attempt and one Locate, however many counters there are (REC-012), and moves nothing.
// The plaintext is behind out, which is dst with room for it; ciphertext stays as it is.
func (c *Channel) decryptDatagram(dst, ciphertext []byte) (out, plaintext []byte, err error) {
	out = slices.Grow(dst, max(0, len(ciphertext)-c.cfg.Agreement.Overhead()))
	n := c.window.next
	all, err := c.cfg.Agreement.DecryptAt(out, n, ciphertext)
	if errors.Is(err, vault.ErrAuthentication) || errors.Is(err, key.ErrCounterExhausted) {
		from, to := c.window.candidates(uint64(c.cfg.Window))
		if n, err = c.cfg.Agreement.Locate(from, min(to, key.MaxCounter), ciphertext); err != nil { // REC-003
			return nil, nil, err
		}
		if c.window.received(n) { // REC-007
			return nil, nil, ErrReplayed
		}
		all, err = c.cfg.Agreement.DecryptAt(out, n, ciphertext)
	}
	if err != nil {
		return nil, nil, err
	}
	c.window.accept(n)
	return out, all[len(out):], nil
}

// deliver reads the inner message.
func (c *Channel) deliver(plaintext []byte) (Event, error) {
	if n := len(plainHeader); len(plaintext) >= n && string(plaintext[:n]) == plainHeader && c.cfg.plain() && c.cfg.Profile.ReceiveLimit == 0 {
		return Event{Kind: Delivered, Payload: plaintext[n:]}, nil
	}
	inner := &c.scratch.inner
	if err := inner.Parse(c.cfg.inner(), plaintext); err != nil {
		release(inner)
		return Event{}, &Error{Step: StepRecord, Requirement: "REC-009", Err: fmt.Errorf("%w: %w", ErrInner, err)}
	}
	ev := Event{Kind: Delivered, Payload: inner.Body, Onward: inner.Onward, Return: inner.Return}
	release(inner) // long routes are the event's alone
	switch p := &c.cfg.Profile; {
	case inner.Type != untyped(wire.Payload, p.InnerTypeByte):
		return Event{}, &Error{Step: StepRecord, Requirement: "REC-009", Err: ErrInner}
	case p.InnerOnwardNeeded && len(ev.Onward) == 0: // section 11
		return Event{}, &Error{Step: StepRecord, Err: ErrInner}
	case p.ReceiveLimit > 0 && len(ev.Payload) > p.ReceiveLimit: // section 11
		return Event{}, &Error{Step: StepRecord, Err: fmt.Errorf("%w: %w", ErrInner, ErrTooLong)}
	}
	return ev, nil
}

// unverified rejects a record that was not decrypted. REC-005: on a stream it fails the channel, for what it carried is lost. Past the
// last counter nothing is tried, and both directions of the channel stay as they are (REC-003, REC-014).
func (c *Channel) unverified(err error) error {
	e := &Error{Step: StepRecord, Err: err}
	switch {
	case errors.Is(err, vault.ErrAuthentication):
		e.Requirement = "REC-004"
	case errors.Is(err, vault.ErrShortCiphertext):
		e.Requirement = "REC-006"
	case errors.Is(err, ErrReplayed):
		e.Requirement = "REC-007"
	case errors.Is(err, key.ErrCounterExhausted):
		e.Requirement = "REC-003"
		return e
	}
	if c.Stream() {
		return c.fail(e)
	}
	return e
}
