package channel

import (
	"slices"

	"ockamtest/ref/wire"
)

// Start starts the handshake and its deadline. An initiator appends m1 to dst, which grows if it has to; a responder sends nothing
// and waits for m1.
func (c *Channel) Start(now Instant, dst []byte) ([]byte, error) {
	if err := c.ended(StepM1); err != nil {
		return nil, err
	}
	if c.started {
		return nil, &Error{Step: StepM1, Err: ErrStarted}
	}
	next := c.machine
	next.started, next.deadline = true, now+c.cfg.Deadline // NOISE-013: traffic does not extend it
	if c.cfg.Role == Responder {
		if err := c.cfg.Agreement.Respond(); err != nil {
			return nil, c.fail(&Error{Step: StepM1, Err: err})
		}
		c.machine = next
		return dst, nil
	}
	// -> e
	next.state = SentM1
	out, e := c.handshakeMessage(c.cfg.link(), dst, wire.M1, c.cfg.Route, c.cfg.Agreement.Initiate)
	if e != nil {
		return nil, c.fail(e)
	}
	c.keep(&next, now, c.cfg.link(), out[len(dst):], nil)
	c.machine = next
	return out, nil
}

// handleHandshake consumes m1, m2, or m3, whichever state and role accept. m is the parsed message.
func (c *Channel) handleHandshake(now Instant, link wire.Link, dst []byte, m *wire.Message) (out []byte, ev Event, err error) {
	step, want := c.expected()
	if m.Type != untyped(want, c.cfg.Profile.HandshakeTypeByte) {
		return nil, Event{}, c.reject(unexpected(step, m.Type))
	}
	if e := answerable(link, step); e != nil {
		return nil, Event{}, c.reject(e)
	}
	route := c.cfg.replyRoute(link, m.Return)
	next, e := c.after(step, link, route)
	if e != nil {
		return nil, Event{}, c.reject(e)
	}
	read := func(dst []byte) ([]byte, error) { return c.cfg.Agreement.Handle(dst, m.Body) }
	if want == wire.M3 {
		if _, err := read(nil); err != nil {
			return nil, Event{}, c.refuse(handshakeError(step, err))
		}
		out, next.repeat = dst, repeat{} // the initiator has m2
	} else {
		// m1: <- e, ee, s, es
		// m2: -> s, se
		if out, e = c.handshakeMessage(link, dst, want+1, route, read); e != nil {
			e.Step = step
			return nil, Event{}, c.refuse(e)
		}
		c.keep(&next, now, link, out[len(dst):], m.Body)
		ev.Link = link
	}
	c.machine = next
	if c.state == Open {
		ev.Kind = Opened
	}
	return out, ev, nil
}

// after is the machine after the expected message, which came over a link and has that reply route, if the agreement accepts it.
func (c *Channel) after(step Step, link wire.Link, route wire.Route) (machine, *Error) {
	next := c.machine
	next.datagrams = next.datagrams || len(route) > 1 // CHAN-011: a hop or a local address
	if step == StepM1 {
		next.state = SentM2
		return next, nil
	}
	// ROUT-008: the route of the m2 or m3 that verifies.
	header, e := c.transportHeader(step, link, route)
	next.state, next.header, next.link = Open, header, link
	return next, e
}

// expected is the handshake message that the state and role accept next (CHAN-001).
func (c *Channel) expected() (Step, wire.Type) {
	switch {
	case c.cfg.Role == Initiator:
		return StepM2, wire.M2
	case c.state == Start:
		return StepM1, wire.M1
	}
	return StepM3, wire.M3
}

// unexpected is the error of a message that is not accepted before open.
func unexpected(step Step, t wire.Type) *Error {
	requirement := "CHAN-001"
	if t == wire.Payload {
		requirement = "CHAN-002"
	}
	return &Error{Step: step, Requirement: requirement, Err: ErrUnexpected}
}

// handshakeMessage appends a header, and to that what the agreement appends.
func (c *Channel) handshakeMessage(link wire.Link, dst []byte, t wire.Type, onward wire.Route,
	body func([]byte) ([]byte, error)) ([]byte, *Error) {
	step := stepOf(t)
	m := wire.Message{Onward: onward, Return: c.cfg.returnRoute(link, true), Type: t}
	out, err := wire.AppendMessage(dst, c.cfg.handshake(), &m)
	if err != nil {
		return nil, wireError(step, err)
	}
	start, size := len(out), c.cfg.Agreement.MessageSizes()[t-wire.M1]
	if start-len(dst)+size > c.cfg.limitOver(link) { // REC-010
		return nil, &Error{Step: step, Requirement: "REC-010", Err: ErrTooLong}
	}
	if out, err = body(slices.Grow(out, size)); err != nil {
		return nil, handshakeError(step, err)
	}
	if c.cfg.forbidden(out[start:]) {
		return nil, &Error{Step: step, Err: ErrCannotTravel}
	}
	return out, nil
}

// stepOf is the step of a handshake message.
func stepOf(t wire.Type) Step {
	switch t {
	case wire.M1:
		return StepM1
	case wire.M2:
		return StepM2
	default:
		return StepM3
	}
}

// transportHeader encodes the outer header of transport messages for a reply route. Their return route has this side's transport address at
// most, as some profiles want it (CHAN-010).
func (c *Channel) transportHeader(step Step, link wire.Link, route wire.Route) (string, *Error) {
	if !c.cfg.Profile.TransportHeader {
		return "", nil
	}
	m := wire.Message{Onward: route, Return: c.cfg.returnRoute(link, false), Type: wire.Payload}
	header, err := wire.AppendMessage(nil, c.cfg.transport(), &m)
	if err != nil {
		return "", wireError(step, err)
	}
	return string(header), nil
}
