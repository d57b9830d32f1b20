package node_test

import (
	"encoding/binary"
	"hash/fnv"
	"testing"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport/sim"
	"ockamtest/ref/wire"
)

// A simulation is a world whose network is simulated: datagrams are lost, doubled, and reordered, in virtual time. The same seed gives the
// same run, which digest sums up.
type simulation struct {
	*world
	net    *sim.Network
	digest uint64
	out    []byte

	originated uint64 // messages that did not come of another's arrival
	replies    uint64 // messages that did, and were not forwarded
	stray      uint64 // arrivals at addresses of nobody

	// arrived is called with each arrival before the host has it, and happened with each event, neither if nil.
	arrived  func(h *host, a sim.Arrival)
	happened func(h *host, r node.Result)
}

func newSimulation(t testing.TB, p profile.Profile, seed uint64, path sim.Path) *simulation {
	t.Helper()
	net, err := sim.NewNetwork(sim.Config{Seed: seed, Path: path})
	must(t, err)
	return &simulation{world: newWorld(t, p, seed), net: net, out: make([]byte, 0, 1<<16)}
}

// at is an instant as a time of the network.
func at(i channel.Instant) time.Duration { return time.Duration(i) }

// post hands a message to the network.
func (s *simulation) post(link wire.Link, msg []byte) {
	s.net.Send(at(s.now), link.Local, link.Remote, msg)
}

// begin starts a handshake along a route.
func (s *simulation) begin(h *host, route wire.Route, change func(*node.DialConfig)) *node.Channel {
	s.t.Helper()
	c := h.dialWith(route, change)
	s.flush()
	return c
}

// flush hands to the network what a host's helpers have sent.
func (s *simulation) flush() {
	for _, p := range s.queue {
		s.originated++
		s.post(p.link, p.msg)
	}
	s.queue = s.queue[:0]
}

// until lets everything happen until an instant; timers run in steps of a quantum.
func (s *simulation) until(end, quantum channel.Instant) {
	s.t.Helper()
	for s.now < end {
		step := min(end, s.now+quantum)
		for {
			next, ok := s.net.Next()
			if !ok || next > at(step) {
				break
			}
			a, _ := s.net.Deliver()
			s.now = channel.Instant(a.At)
			s.deliver(a)
		}
		s.now = step
		for i, h := range s.all {
			for due, ok := h.n.Wake(); ok && due <= s.now; due, ok = h.n.Wake() {
				r, _ := h.n.Advance(s.now, s.out)
				if len(r.Out) > 0 {
					s.originated++
					s.post(r.Link, r.Out)
				}
				s.note(i, h, r)
			}
		}
	}
}

// deliver gives an arrival to its host. At most one message comes of it.
func (s *simulation) deliver(a sim.Arrival) {
	s.t.Helper()
	h := s.hosts[a.To]
	if h == nil {
		s.stray++
		return
	}
	if s.arrived != nil {
		s.arrived(h, a)
	}
	link := wire.Link{Local: a.To, Remote: a.From}
	if link.Remote.Type() == wire.TCP {
		h.conns[link.Remote] = link.Local
	}
	r := h.n.Process(s.now, link, s.out, a.Data)
	switch {
	case r.Kind == node.Forward:
		local := h.localFor(r.Decision.Next)
		if out, err := h.n.AppendForward(s.out, r.Decision, local); err == nil {
			s.post(wire.Link{Local: local, Remote: r.Decision.Next}, out)
		}
	case r.Kind == node.Resolve:
		h.n.Resolved(link, s.out, a.Data, wire.Address{}) // there are no names here
	case len(r.Out) > 0:
		s.replies++
		s.post(r.Link, r.Out)
	}
	s.note(int(h.udp.Port()), h, r)
}

// note adds what happened to the digest and tells it.
func (s *simulation) note(index int, h *host, r node.Result) {
	sum := fnv.New64a()
	var b [40]byte
	binary.LittleEndian.PutUint64(b[0:], s.digest)
	binary.LittleEndian.PutUint64(b[8:], uint64(s.now))
	binary.LittleEndian.PutUint64(b[16:], uint64(index))
	b[24], b[25] = byte(r.Kind), byte(r.Reason)
	binary.LittleEndian.PutUint64(b[32:], uint64(len(r.Out)))
	_, _ = sum.Write(b[:])
	_, _ = sum.Write(r.Payload)
	_, _ = sum.Write(r.Out)
	s.digest = sum.Sum64()
	if s.happened != nil {
		s.happened(h, r)
	}
}

// totals adds up what the hosts have counted.
func (s *simulation) totals() router.Counters {
	var sum router.Counters
	for _, h := range s.all {
		c := &h.count
		sum.Received += c.Received
		sum.Forwarded += c.Forwarded
		sum.Answered += c.Answered
		sum.Delivered += c.Delivered
		for i, n := range c.Dropped {
			sum.Dropped[i] += n
		}
	}
	return sum
}

// conserves checks that no message came from nowhere or went nowhere. Nothing may be under way.
func (s *simulation) conserves() {
	s.t.Helper()
	s.world.conserved()
	n, sum := s.net.Stats(), s.totals()
	if left := s.net.UnderWay(); left != 0 {
		s.t.Errorf("%d messages are under way", left)
	}
	if n.Sent != s.originated+s.replies+sum.Forwarded {
		s.t.Errorf("%d sent; %d originated, %d replies, %d forwarded", n.Sent, s.originated, s.replies, sum.Forwarded)
	}
	if n.Sent+n.Duplicated != n.Delivered+n.Lost+n.Congested+n.Partitioned+n.Broken {
		s.t.Errorf("the network: %v", n)
	}
	if n.Delivered != sum.Received+s.stray {
		s.t.Errorf("%d delivered; %d received, %d for nobody", n.Delivered, sum.Received, s.stray)
	}
}

// Drops by reason, for logs.
func reasons(c router.Counters) map[string]uint64 {
	m := map[string]uint64{}
	for i, n := range c.Dropped {
		if n > 0 {
			m[router.Reason(i).String()] = n
		}
	}
	return m
}
