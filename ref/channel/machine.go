package channel

import (
	"errors"

	"ockamtest/ref/wire"
)

// A Channel is one side of a secure channel. The zero Channel is not usable; see New.
type Channel struct {
	state State
}

var errNotYet = errors.New("channel: not implemented")

// New makes a channel in state Start. It fails with ErrConfig; then the caller keeps the agreement.
func New(cfg Config) (*Channel, error) { return nil, errNotYet }

// Start starts the handshake and its deadline. An initiator appends m1 to dst, which grows if it has to.
func (c *Channel) Start(now Instant, dst []byte) ([]byte, error) { return nil, errNotYet }

// Handle consumes one wire message and appends at most one to dst, which grows if it has to: m2, m3, or a pong. msg is changed:
// payloads are decrypted in place, and Event.Payload aliases it.
//
// With an error nothing was delivered. If State reports Failed the error was fatal and nothing may be sent but out; otherwise the
// message was rejected and the channel is as it was before.
func (c *Channel) Handle(now Instant, dst, msg []byte) (out []byte, ev Event, err error) {
	return nil, Event{}, errNotYet
}

// Write encrypts payload and appends one wire message to dst, which grows if it has to. payload and dst do not overlap. A write that
// is refused (ErrNotOpen, ErrTooLong, key.ErrCounterExhausted) uses no counter and changes nothing.
func (c *Channel) Write(dst, payload []byte) ([]byte, error) { return nil, errNotYet }

// WriteRouted is Write with inner routes (REC-011): onward the peer application's local address, ret the sender's.
func (c *Channel) WriteRouted(dst, payload []byte, onward, ret wire.Route) ([]byte, error) {
	return nil, errNotYet
}

// Wake returns when Expire wants to be called, and false if never.
func (c *Channel) Wake() (Instant, bool) { return 0, false }

// Expire fails a handshake whose deadline is now or was before (NOISE-013). It returns the error that failed the channel, nil if
// nothing expired.
func (c *Channel) Expire(now Instant) error { return errNotYet }

// Cancel fails the channel: the owner gave up, or the IO below ended with err. A closed or failed channel stays as it is.
func (c *Channel) Cancel(err error) {}

// Close closes the channel and destroys its keys. Nothing is sent (CHAN-013). A failed channel stays failed. Closing twice is
// harmless.
func (c *Channel) Close() error { return errNotYet }

// State returns the state.
func (c *Channel) State() State { return c.state }

// Err returns the error that failed the channel, nil if it has not failed.
func (c *Channel) Err() error { return errNotYet }

// PeerStatic returns a copy of the peer's static public key, nil before open (NOISE-011).
func (c *Channel) PeerStatic() []byte { return nil }

// ChannelBinding returns a copy of the final handshake hash, 32 bytes, nil before open (NOISE-014).
func (c *Channel) ChannelBinding() []byte { return nil }

// Limit returns how many application bytes a Write takes, 0 before open (REC-010, CHAN-008).
func (c *Channel) Limit() int { return 0 }

// ReplyRoute returns a copy of the route that the channel sends to, nil before open (ROUT-008).
func (c *Channel) ReplyRoute() wire.Route { return nil }
