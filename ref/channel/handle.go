package channel

import "ockamtest/ref/wire"

// Handle consumes one wire message and appends at most one to dst, which grows if it has to: m2, m3, or a pong. msg is changed:
// payloads are decrypted in place. dst and msg do not overlap.
//
// With an error nothing was delivered and out is nil. If State reports Failed the error was fatal; otherwise the message was rejected
// and the channel is as it was before, but for the counter that an ErrInner has used.
func (c *Channel) Handle(now Instant, dst, msg []byte) (out []byte, ev Event, err error) {
	step := c.step()
	if err := c.ended(step); err != nil {
		return nil, Event{}, err
	}
	if !c.started {
		return nil, Event{}, &Error{Step: step, Err: ErrNotStarted}
	}
	if err := c.Expire(now); err != nil {
		return nil, Event{}, err
	}
	m := &c.scratch.outer
	if e := c.parse(m, msg); e != nil {
		return nil, Event{}, c.reject(e)
	}
	if c.cfg.Profile.Routes {
		// CHAN-014: what is not for the channel does nothing to it.
		toChannel, toNode := c.cfg.addressed(m.Onward)
		switch {
		case toNode && m.Type == wire.Ping:
			out, err := c.pong(dst, step, m)
			return out, Event{}, err
		case toNode && m.Type == wire.Pong:
			return dst, Event{}, nil // WIRE-010: never answered
		case !toNode && !toChannel:
			return nil, Event{}, &Error{Step: step, Requirement: "ROUT-001", Err: ErrNotAddressed}
		}
	}
	if c.state != Open {
		return c.handleHandshake(dst, m)
	}
	if ev, err = c.handleRecord(m); err != nil {
		return nil, Event{}, err
	}
	return dst, ev, nil
}

// step is the step in which the next message is.
func (c *Channel) step() Step {
	if c.state >= Open {
		return StepRecord
	}
	step, _ := c.expected()
	return step
}

// parse reads the outer message, which on an open channel of some profiles has no header.
func (c *Channel) parse(m *wire.Message, msg []byte) *Error {
	if len(msg) > c.cfg.receiveLimit {
		return &Error{Step: c.step(), Requirement: "REC-010", Err: ErrTooLong}
	}
	dialect := c.cfg.handshake
	if c.state == Open {
		dialect = c.cfg.transport
	}
	if err := m.Parse(dialect, msg); err != nil {
		return wireError(c.step(), err)
	}
	return nil
}

// pong answers a ping for the node (WIRE-010): to the ping's return route, with an empty return route, then ROUT-004.
func (c *Channel) pong(dst []byte, step Step, ping *wire.Message) ([]byte, error) {
	m := wire.Message{Onward: c.cfg.replyRoute(ping.Return), Return: c.cfg.returnRoute(false), Type: wire.Pong}
	out, err := wire.AppendMessage(dst, c.cfg.handshake, &m)
	if err != nil {
		return nil, wireError(step, err)
	}
	if len(out)-len(dst) > c.cfg.sendLimit { // REC-010
		return nil, &Error{Step: step, Requirement: "REC-010", Err: ErrTooLong}
	}
	return out, nil
}
