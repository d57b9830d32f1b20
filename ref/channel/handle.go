package channel

import "ockamtest/ref/wire"

// Handle consumes one wire message that came over the Config's link: HandleFrom with Local and Remote.
func (c *Channel) Handle(now Instant, dst, msg []byte) (out []byte, ev Event, err error) {
	return c.HandleFrom(now, c.cfg.link(), dst, msg)
}

// HandleFrom consumes one wire message and appends at most one to dst, which grows if it has to: m2, m3, or a pong, to be sent over the
// event's Link. dst and msg do not overlap. On a stream msg is changed: payloads are decrypted in place. On datagrams msg stays as it is,
// and a payload lies behind out in its free capacity, so that the caller reads it before it appends to out.
//
// link is the message's own: replies leave for link.Remote (ROUT-003) and name link.Local (ROUT-004). Its addresses are numeric. Once the
// channel is open, messages from anywhere are taken, and none of them moves the reply route (ROUT-008, TRAN-012). What would have to be
// answered to an address that is never sent to is rejected (WIRE-013).
//
// With an error nothing was delivered and out is nil. If State reports Failed the error was fatal; otherwise the message was rejected
// and the channel is as it was before, but for the counter that an ErrInner has used.
func (c *Channel) HandleFrom(now Instant, link wire.Link, dst, msg []byte) (out []byte, ev Event, err error) {
	step := c.step()
	if err := c.ended(step); err != nil {
		return nil, Event{}, err
	}
	if !c.started {
		return nil, Event{}, &Error{Step: step, Err: ErrNotStarted}
	}
	if err := c.expire(now); err != nil {
		return nil, Event{}, err
	}
	if ciphertext, ok := c.knownRecord(link, msg); ok {
		return c.handleRecord(dst, ciphertext)
	}
	return c.handleMessage(now, link, dst, msg)
}

// handleMessage consumes any wire message of a channel that has not ended.
func (c *Channel) handleMessage(now Instant, link wire.Link, dst, msg []byte) (out []byte, ev Event, err error) {
	step := c.step()
	m := &c.scratch.outer
	defer release(m)
	if e := c.parse(m, msg); e != nil {
		return nil, Event{}, c.reject(e)
	}
	if c.cfg.Profile.Routes {
		// CHAN-014: what is not for the channel does nothing to it.
		to := c.cfg.destinationOf(link, m.Onward)
		switch {
		case to == toNode && m.Type == wire.Ping:
			return c.pong(link, dst, step, m)
		case to == toNode && m.Type == wire.Pong:
			return dst, Event{}, nil // WIRE-010: never answered
		case !c.cfg.reaches(to, m.Type):
			return nil, Event{}, &Error{Step: step, Requirement: "ROUT-001", Err: ErrNotAddressed}
		}
	}
	switch {
	case c.repeated(m): // TRAN-014: the same answer again, by the route of the first
		return append(dst, c.repeat.sent...), Event{Link: c.repeat.link}, nil
	case c.state != Open:
		return c.handleHandshake(now, link, dst, m)
	}
	if e := c.checkRecord(m); e != nil {
		return nil, Event{}, e
	}
	header := msg[:len(msg)-len(m.Body)]
	if out, ev, err = c.handleRecord(dst, m.Body); err == nil {
		c.remember(link, header)
	}
	return out, ev, err
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
	dialect := c.cfg.handshake() // pings too, also once the channel is open
	if c.state == Open && !c.cfg.Profile.TransportHeader {
		dialect = c.cfg.transport()
	}
	if err := m.Parse(dialect, msg); err != nil {
		return wireError(c.step(), err)
	}
	return nil
}

// pong answers a ping for the node (WIRE-010): to the ping's return route, with an empty return route, then ROUT-004.
func (c *Channel) pong(link wire.Link, dst []byte, step Step, ping *wire.Message) ([]byte, Event, error) {
	if e := answerable(link, step); e != nil {
		return nil, Event{}, e
	}
	m := wire.Message{Onward: c.cfg.replyRoute(link, ping.Return), Return: c.cfg.returnRoute(link, false), Type: wire.Pong}
	out, err := wire.AppendMessage(dst, c.cfg.handshake(), &m)
	if err != nil {
		return nil, Event{}, wireError(step, err)
	}
	if len(out)-len(dst) > c.cfg.limitOver(link) { // REC-010
		return nil, Event{}, &Error{Step: step, Requirement: "REC-010", Err: ErrTooLong}
	}
	return out, Event{Link: link}, nil
}
