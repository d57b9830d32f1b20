package attach

import (
	"bytes"
	"errors"
	"net/netip"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// A referenceSocket is the reference over datagrams: a node of package node, whose channels all sources share, with the echo contract on
// top. In a profile without routes there is no node, and each source has one channel.
type referenceSocket struct {
	*referenceNode
	core    *node.Node // nil in a profile without routes
	sources map[wire.Link]*referenceSource
	inside  map[*channel.Channel]*referenceLayer // of channels in tunnels
}

// newReferenceSocket makes a node for datagrams. deadline is that of its handshakes.
func newReferenceSocket(n *referenceNode, seed uint64) *referenceSocket {
	s := &referenceSocket{referenceNode: n, sources: map[wire.Link]*referenceSource{}, inside: map[*channel.Channel]*referenceLayer{}}
	if !n.profile.Routes {
		return s
	}
	s.core = must(node.New(node.Config{Router: router.Config{Profile: n.profile}, Rand: randomFrom("reference node", seed)}))
	if n.role == channel.Responder {
		var address wire.Address
		if route := conformance.DefaultRoute(n.profile); len(route) > 0 {
			address = route[len(route)-1]
		}
		must(s.core.Listen(address, node.ListenConfig{
			NewAgreement: func() (key.Agreement, error) { return n.agreement(), nil }, Deadline: n.deadline,
		}))
	}
	return s
}

// Connect makes the machine of a source.
func (s *referenceSocket) Connect(local, remote string) conformance.Machine {
	m := &referenceSource{socket: s, link: wire.Link{
		Local: udp.Address(netip.MustParseAddrPort(local)), Remote: udp.Address(netip.MustParseAddrPort(remote)),
	}}
	s.sources[m.link] = m
	return m
}

// A referenceSource is one source of datagrams.
type referenceSource struct {
	socket *referenceSocket
	link   wire.Link
	own    *channel.Channel // in a profile without routes; nil before m1
	now    time.Duration
	out    [][]byte // what leaves for this source
}

// Start begins an initiator's handshake.
func (m *referenceSource) Start(now time.Duration) conformance.Output {
	m.now = now
	if m.socket.role == channel.Initiator {
		m.dial()
	}
	return m.done()
}

func (m *referenceSource) dial() {
	s := m.socket
	if s.core == nil {
		m.own = s.newChannel(m.link)
		out, _ := m.own.Start(channel.Instant(m.now), nil)
		m.send(m.link, out)
		return
	}
	cfg := node.DialConfig{Agreement: s.agreement(), Deadline: s.deadline}
	if route := conformance.DefaultRoute(s.profile); len(route) > 0 {
		cfg.Route = append(wire.Route{m.link.Remote}, route...)
	}
	_, m1, err := s.core.Dial(channel.Instant(m.now), m.link, cfg, nil)
	if errors.Is(err, channel.ErrCannotTravel) { // another ephemeral key can
		m.dial()
		return
	}
	m.send(m.link, m1)
}

// Receive lets the node, or the source's channel, handle a datagram, and echoes payloads.
func (m *referenceSource) Receive(now time.Duration, p []byte) conformance.Output {
	m.now = now
	msg := bytes.Clone(p)
	if m.socket.core == nil {
		m.handle(msg)
	} else {
		m.answer(m.socket.core.Process(channel.Instant(now), m.link, nil, msg))
	}
	return m.done()
}

// handle is for profiles without routes: whatever arrives is for the one channel. Of a message that begins none nothing is kept.
func (m *referenceSource) handle(msg []byte) {
	s := m.socket
	if m.own == nil && s.role == channel.Responder {
		fresh := s.newChannel(m.link)
		_, _ = fresh.Start(channel.Instant(m.now), nil)
		out, _, err := fresh.Handle(channel.Instant(m.now), nil, msg)
		if err != nil {
			_ = fresh.Close()
			return
		}
		m.own = fresh
		m.send(m.link, out)
		return
	}
	if m.own == nil {
		return
	}
	out, event, _ := m.own.Handle(channel.Instant(m.now), nil, msg) // the state tells what an error means
	m.send(m.link, out)
	m.apply(m.own, event.Kind == channel.Opened, event.Kind == channel.Delivered, event.Payload, event.Return)
	m.settle()
}

// settle forgets a channel that has failed.
func (m *referenceSource) settle() {
	if m.own != nil && m.own.State() == channel.Failed {
		_ = m.own.Close()
		m.own = nil
	}
}

// answer does what a result of the node asks for.
func (m *referenceSource) answer(r node.Result) {
	m.send(r.Link, r.Out)
	switch {
	case r.Kind == node.Failed && errors.Is(r.Err, channel.ErrCannotTravel) && m.socket.role == channel.Initiator:
		m.dial() // m3 could not travel: another handshake
	case r.Channel != nil:
		m.apply(r.Channel.Machine, r.Kind == node.Opened, r.Kind == node.Delivered, r.Payload, r.Return)
	}
}

// apply does what the application does: it speaks first as initiator, and echoes. What cannot be sent is not (REC-003, REC-010).
func (m *referenceSource) apply(c *channel.Channel, opened, delivered bool, payload []byte, returned wire.Route) {
	var onward, back wire.Route
	p := m.socket.profile
	if p.InnerOnwardNeeded {
		onward, back = wire.Route{conformance.DefaultService(p)}, wire.Route{wire.LocalAddress([]byte("app"))}
	}
	inside := m.socket.inside[c]
	if opened && m.socket.depth > 1 {
		inside = m.socket.newLayers()
		m.socket.inside[c] = inside
		m.write(c, inside.start(channel.Instant(m.now), c))
		return
	}
	if inside != nil {
		if delivered {
			m.write(c, inside.receive(channel.Instant(m.now), payload))
		}
		return
	}
	var out []byte
	switch {
	case opened && m.socket.role == channel.Initiator:
		out, _ = c.WriteRouted(nil, greeting(), onward, back)
	case delivered:
		out, _ = c.WriteRouted(nil, payload, returned, back)
	}
	m.send(c.Link(), out)
}

// write sends what is inside a channel.
func (m *referenceSource) write(c *channel.Channel, payloads [][]byte) {
	for _, p := range payloads {
		out, _ := c.Write(nil, p)
		m.send(c.Link(), out)
	}
}

// send lets a message leave over a link. Another source's waits until that is asked what it wants.
func (m *referenceSource) send(link wire.Link, message []byte) {
	if link.IsZero() { // the profile's messages have no routes
		link = m.link
	}
	if to := m.socket.sources[link]; to != nil && len(message) > 0 {
		to.out = append(to.out, bytes.Clone(message))
	}
}

func (m *referenceSource) done() conformance.Output {
	out := conformance.Output{Data: m.out}
	m.out = nil
	return out
}

// End does nothing: datagrams have no end.
func (m *referenceSource) End(time.Duration, bool) conformance.Output { return conformance.Output{} }

// Wake is when something is to be sent, or due at the node: any source serves for that.
func (m *referenceSource) Wake() (time.Duration, bool) {
	if len(m.out) > 0 {
		return m.now, true
	}
	var at channel.Instant
	var ok bool
	switch {
	case m.socket.core != nil:
		at, ok = m.socket.core.Wake()
	case m.own != nil:
		at, ok = m.own.Wake()
	}
	earliest, waits := time.Duration(at), ok
	for _, inside := range m.socket.inside {
		inner, ok := inside.wake()
		earliest, waits = earlier(earliest, waits, inner, ok)
	}
	return earliest, waits
}

// Expire does what is due.
func (m *referenceSource) Expire(now time.Duration) conformance.Output {
	m.now = now
	for c, inside := range m.socket.inside {
		if at, ok := inside.wake(); ok && time.Duration(at) <= now {
			m.write(c, inside.tick(channel.Instant(now)))
		}
	}
	if m.socket.core == nil {
		if m.own != nil {
			out, _ := m.own.Tick(channel.Instant(now), nil)
			m.send(m.link, out)
			m.settle()
		}
		return m.done()
	}
	for {
		r, ok := m.socket.core.Advance(channel.Instant(now), nil)
		if !ok {
			return m.done()
		}
		m.answer(r)
	}
}

// newChannel is the channel of a source in a profile without routes.
func (s *referenceSocket) newChannel(link wire.Link) *channel.Channel {
	return must(channel.New(channel.Config{
		Role: s.role, Profile: s.profile, Agreement: s.agreement(), Local: link.Local, Remote: link.Remote, Deadline: s.deadline,
	}))
}

// everyProfile are the names of the profiles that the reference speaks over datagrams.
func everyProfile() (names []string) {
	for _, p := range profile.All() {
		names = append(names, p.Name)
	}
	return names
}
