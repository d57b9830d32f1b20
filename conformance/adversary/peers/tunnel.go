package peers

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"ockamtest/conformance"
)

// AtDepths is a program that also speaks inside correct channels, up to depth of them (CHAN-008). It has to have a StartInside.
func AtDepths(p conformance.Program, depth int) conformance.Program {
	onTransport := p.Start
	p.Depths = depth
	p.Start = func(need conformance.Need, seed uint64) conformance.Node {
		if !need.Tunnelled() {
			return onTransport(need, seed)
		}
		return around(need, seed, p.StartInside(need, seed))
	}
	return p
}

// around puts correct channels around those of a node, from the innermost on.
func around(need conformance.Need, seed uint64, inside conformance.Node) conformance.Node {
	for need.Depth--; need.Depth >= 1; need.Depth-- {
		inside = newTunnel(need, seed, inside, nil)
	}
	return inside
}

// A tunnel is a node whose application is another node: each of its channels carries the messages of one connection of that.
type tunnel struct {
	*node
	inside  conformance.Node
	carried map[*channel]*carried
	made    int

	// What broken peers do otherwise.
	told      func(c *conn, message []byte) // sends a message of a channel inside, if set
	unlimited bool                          // what is inside is not told how long its messages may be
	survives  bool                          // the end of what is inside is not that of the connection
}

// A carried is what runs inside one channel.
type carried struct {
	machine conformance.Machine // nil when it has ended
	out     []byte              // of a stream, not yet a whole frame
}

// newTunnel makes the node of one layer. alter, if set, changes the script of its connections after all.
func newTunnel(need conformance.Need, seed uint64, inside conformance.Node, alter func(t *tunnel, s *script)) *tunnel {
	t := &tunnel{inside: inside, carried: map[*channel]*carried{}}
	t.node = newNode(need, seed+uint64(need.Depth)<<32, func(s *script) { // NOISE-008: each layer has keys of its own
		s.opened, s.deliver, s.ended = t.opens, t.delivers, t.ends
		if alter != nil {
			alter(t, s)
		}
	})
	return t
}

// Connect makes the machine of a connection.
func (t *tunnel) Connect(local, remote string) conformance.Machine {
	return &tunnelConn{conn: t.connect(local, remote), tunnel: t}
}

// opens begins what is inside a channel that has just become open.
func (t *tunnel) opens(c *conn) {
	t.made++
	in := &carried{machine: t.inside.Connect("127.0.0.1:4000", fmt.Sprintf("127.0.0.1:%d", 1+t.made%65535))}
	if m, ok := in.machine.(conformance.LimitedMachine); ok && !t.unlimited {
		m.Limit(c.room())
	}
	t.carried[c.channel] = in
	t.carry(c, in, in.machine.Start(c.now))
}

// delivers hands a payload to what is inside: as it is, or as a frame.
func (t *tunnel) delivers(c *conn, m message) {
	in := t.carried[c.channel]
	if in == nil || in.machine == nil {
		return
	}
	p := m.body
	if !t.datagrams {
		p = frame(p)
	}
	t.carry(c, in, in.machine.Receive(c.now, p))
}

// ends leaves to what is inside whether the connection ends.
func (t *tunnel) ends(c *conn, orderly bool) {
	in := t.carried[c.channel]
	if in == nil || in.machine == nil {
		ended(c, orderly)
		return
	}
	t.carry(c, in, in.machine.End(c.now, orderly))
}

// carry does what a machine inside wants: each message is a payload, without its length (CHAN-008), and its end is that of the connection.
func (t *tunnel) carry(c *conn, in *carried, out conformance.Output) {
	say := func(c *conn, message []byte) { c.say(c, nil, message) }
	if t.told != nil {
		say = t.told
	}
	for _, p := range out.Data {
		if t.datagrams {
			say(c, p)
			continue
		}
		in.out = append(in.out, p...)
		for len(in.out) >= 2 && len(in.out) >= 2+int(binary.BigEndian.Uint16(in.out)) {
			end := 2 + int(binary.BigEndian.Uint16(in.out))
			say(c, in.out[2:end])
			in.out = in.out[end:]
		}
	}
	if out.Close || out.Reset || out.Crash != "" {
		in.machine = nil
		c.out.Crash = out.Crash
		ends := !t.datagrams && !t.survives
		c.out.Close, c.out.Reset = out.Close && ends, out.Reset && ends
	}
}

// room is the longest message that a channel inside may send: what is a payload here (CHAN-008).
func (c *conn) room() int {
	p := c.node.profile
	if p.SendLimit > 0 {
		return p.SendLimit
	}
	header := c.header(c, kindPayload)
	header.kind = kindPayload
	return c.longest() - len(c.encode(header)) - recordOverhead
}

// A tunnelConn is a connection of a tunnel: it has the time of what is inside, too.
type tunnelConn struct {
	*conn
	tunnel *tunnel
}

// here are the machines inside the channels whose messages leave here, the oldest first.
func (m *tunnelConn) here() (all []*channel) {
	for _, ch := range m.mine {
		if in := m.tunnel.carried[ch]; in != nil && in.machine != nil && ch.at == m.conn {
			all = append(all, ch)
		}
	}
	return all
}

// Wake is when the first of the connection's own machine and those inside wants to be called.
func (m *tunnelConn) Wake() (earliest time.Duration, ok bool) {
	if m.over {
		return 0, false
	}
	earliest, ok = m.conn.Wake()
	for _, ch := range m.here() {
		if at, waits := m.tunnel.carried[ch].machine.Wake(); waits && (!ok || at < earliest) {
			earliest, ok = at, true
		}
	}
	return earliest, ok
}

// Expire calls those whose time has come.
func (m *tunnelConn) Expire(now time.Duration) conformance.Output {
	return m.turn(now, func() {
		m.expire(now)
		for _, ch := range slices.Clone(m.here()) {
			in := m.tunnel.carried[ch]
			if at, waits := in.machine.Wake(); waits && at <= now {
				m.channel = ch
				m.tunnel.carry(m.conn, in, in.machine.Expire(now))
			}
		}
	})
}
