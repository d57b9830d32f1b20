package channel

import (
	"fmt"

	"ockamtest/ref/wire"
)

// A Channel is one side of a secure channel. The zero Channel is not usable; see New.
//
// It is a comparable value: a copy is a picture of the state, and two equal pictures are the same state, apart from what the key
// agreement holds. A copy is for comparing, not for going on with.
type Channel struct {
	cfg     *setup   // never changed
	scratch *scratch // overwritten by each call
	machine
}

// A machine is what changes. Each step works on a copy and commits it when nothing more can fail.
type machine struct {
	state     State
	started   bool
	datagrams bool // the peer's route has shown a hop or a local address (CHAN-011)
	deadline  Instant
	// header is the outer header of transport messages with the type byte, encoded, once the reply route is known (ROUT-008). A
	// string, so that nothing can change it. link is where they leave.
	header string
	link   wire.Link
	repeat repeat // on datagrams
	window window // on datagrams; on a stream the agreement counts
	failed *Error // why the channel failed
}

// scratch is where messages are parsed, so that the steady state allocates nothing (MEM-003).
type scratch struct {
	outer, inner wire.Message
	header       []byte // the outer one of the last record that verified, see knownRecord
}

// keptAddresses is how many addresses of a route the scratch keeps room for: a channel at rest is small, whatever was sent to it.
const keptAddresses = 8

// release gives up the room for long routes, and the caller's message.
func release(m *wire.Message) {
	m.Body = nil
	if cap(m.Onward) > keptAddresses {
		m.Onward = nil
	}
	if cap(m.Return) > keptAddresses {
		m.Return = nil
	}
}

// New makes a channel in state Start. When it fails, with ErrConfig, the agreement stays the caller's.
func New(cfg Config) (*Channel, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Channel{cfg: newSetup(cfg), scratch: new(scratch)}, nil
}

// State returns the state.
func (c *Channel) State() State { return c.state }

// Err returns the *Error that failed the channel, nil if it has not failed.
func (c *Channel) Err() error {
	if c.failed == nil {
		return nil
	}
	return c.failed
}

// PeerStatic returns a copy of the peer's static public key, nil before open and after the end (NOISE-011).
func (c *Channel) PeerStatic() []byte {
	if c.state != Open {
		return nil
	}
	return c.cfg.Agreement.PeerStatic()
}

// ChannelBinding returns a copy of the final handshake hash, 32 bytes, nil before open and after the end (NOISE-014).
func (c *Channel) ChannelBinding() []byte {
	if c.state != Open {
		return nil
	}
	return c.cfg.Agreement.ChannelBinding()
}

// Stream reports whether the channel is on a stream (CHAN-011), as it turned out: a Config whose IO is a stream says so at first, and a
// handshake message that is accepted and whose route shows a hop or a local address of the peer puts the channel on datagrams. On a stream
// a rejected message before open and a record that does not verify are fatal; on datagrams they are dropped (section 6, REC-005).
func (c *Channel) Stream() bool { return c.cfg.stream && !c.datagrams }

// Link returns where messages of this channel leave now: over the Config's link before the reply route is known, afterwards over that of
// the m2 or m3 that verified (ROUT-008, TRAN-012).
func (c *Channel) Link() wire.Link {
	if c.state != Open {
		return c.cfg.link()
	}
	return c.link
}

// ReplyRoute returns the onward route of transport messages, nil before open (ROUT-008).
func (c *Channel) ReplyRoute() wire.Route {
	if c.state != Open || c.header == "" {
		return nil
	}
	route, _, err := wire.ParseRoute(c.cfg.transport(), nil, []byte(c.header[1:])) // after the version, one byte
	if err != nil {
		return nil // what was encoded can be parsed
	}
	return route
}

// Limit returns how many application bytes a Write without inner routes takes, 0 before open (REC-010, CHAN-008).
func (c *Channel) Limit() int {
	if c.state != Open {
		return 0
	}
	limit := c.cfg.limitOver(c.link) - len(c.header) - innerHeaderSize - c.cfg.Agreement.Overhead()
	if !c.cfg.Profile.InnerTypeByte {
		limit++
	}
	if send := c.cfg.Profile.SendLimit; send > 0 {
		limit = min(limit, send)
	}
	return max(0, limit)
}

// innerHeaderSize is the size in bytes of an inner header with empty routes.
const innerHeaderSize = len(plainHeader)

// Cancel fails the channel: the owner gave up, or the IO below ended with cause. A closed or failed channel stays as it is.
func (c *Channel) Cancel(cause error) {
	if c.state == Closed || c.state == Failed {
		return
	}
	err := ErrCanceled
	if cause != nil {
		err = fmt.Errorf("%w: %w", ErrCanceled, cause)
	}
	_ = c.fail(&Error{Step: StepWait, Err: err}) // Err tells
}

// Close closes the channel and destroys its keys. Nothing is sent (CHAN-013). A failed channel stays failed. Closing twice is
// harmless. It returns the errors of keys that the vault did not destroy; closing again tries those again.
func (c *Channel) Close() error {
	if c.state != Failed {
		c.machine = machine{state: Closed, datagrams: c.datagrams}
	}
	if err := c.cfg.Agreement.Close(); err != nil {
		return fmt.Errorf("channel: close: %w", err)
	}
	return nil
}

// fail makes the channel Failed (NOISE-007, CHAN-004) and returns e. Keys that the vault does not destroy now, Close tries again.
func (c *Channel) fail(e *Error) error {
	c.machine = machine{state: Failed, failed: e, datagrams: c.datagrams}
	_ = c.cfg.Agreement.Close() // the owner hears of it from Close
	return e
}

// ended returns the error of a call to a channel that is closed or failed (CHAN-004).
func (c *Channel) ended(step Step) error {
	switch c.state {
	case Closed:
		return &Error{Step: step, Err: ErrClosed}
	case Failed:
		return &Error{Step: step, Err: fmt.Errorf("%w: %w", ErrFailed, c.failed)}
	case Start, SentM1, SentM2, Open:
	}
	return nil
}
