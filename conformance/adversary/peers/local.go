package peers

import "time"

// localAddress gives each channel of a connection a local address of its own, which puts it on datagrams (CHAN-010, CHAN-011). Each
// m1 for the node makes a new channel; what is for no channel is dropped.
func localAddress(s *script) {
	h := hub{channels: map[string]*channel{}, deadlines: map[*channel]time.Duration{}, addresses: map[*channel][]byte{}}
	s.began = func(c *conn) {
		if c.initiator() {
			h.add(c)
		}
		began(c)
	}
	s.routed = h.routed
	s.header = func(c *conn, kind byte) message {
		m := header(c, kind)
		if kind >= kindM1 { // CHAN-010: in no transport message
			m.back = append(m.back, h.addresses[c.channel])
		}
		return m
	}
	s.opened = func(c *conn) {
		delete(h.deadlines, c.channel)
		c.deadline = h.next()
		opened(c)
	}
	s.late = h.late
}

// A hub is the channels of one connection by their local addresses.
type hub struct {
	channels  map[string]*channel
	addresses map[*channel][]byte
	deadlines map[*channel]time.Duration // of half-open handshakes (NOISE-013)
}

// add makes a new channel the connection's current one.
func (h *hub) add(c *conn) {
	address := append([]byte{addressLocal, 4}, c.noise(4)...)
	c.channel = c.newChannel()
	c.onStream = false
	h.channels[string(address)], h.addresses[c.channel] = c.channel, address
	h.deadlines[c.channel] = c.now + handshakeDeadline
	c.deadline = h.next()
}

// routed makes the channel that a message is for the current one.
func (h *hub) routed(c *conn, m message) (message, bool) {
	if last := len(m.onward) - 1; last >= 0 && m.onward[last][0] == addressLocal {
		to, known := h.channels[string(m.onward[last])]
		if !known {
			return m, false
		}
		c.channel = to
		m.onward = m.onward[:last]
		return routed(c, m)
	}
	m, ok := routed(c, m)
	if !ok || c.initiator() || m.kind != kindM1 {
		return m, false
	}
	for _, known := range h.channels {
		if known.state == sentM2 && string(known.m1) == string(m.body) { // TRAN-014: a repeat
			c.channel = known
			return m, true
		}
	}
	h.add(c)
	return m, true
}

// late forgets the handshakes that took too long, and closes a connection that has no channel left.
func (h *hub) late(c *conn) {
	for ch, at := range h.deadlines {
		if at <= c.now {
			delete(h.deadlines, ch)
			delete(h.channels, string(h.addresses[ch]))
		}
	}
	if c.deadline = h.next(); len(h.channels) == 0 {
		fail(c)
	}
}

// next is the earliest deadline, 0 if there is none.
func (h *hub) next() (earliest time.Duration) {
	for _, at := range h.deadlines {
		if earliest == 0 || at < earliest {
			earliest = at
		}
	}
	return earliest
}
