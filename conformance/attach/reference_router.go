package attach

import (
	"net/netip"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/transport/tcp"
	"ockamtest/ref/transport/udp"
	"ockamtest/ref/wire"
)

// ReferenceRouter is the reference implementation as a router, a program: ref/node, which decides, with connections of the least kind,
// without a clock or a goroutine. It resolves no name but localhost. ServeRouter runs the reference with its real shell.
func ReferenceRouter() conformance.Program {
	return conformance.Program{
		Name: "reference-router", Title: "the reference implementation as a router",
		Roles:      []conformance.Role{conformance.Router},
		Profiles:   []string{"v1"},
		Transports: []conformance.Transport{conformance.Mem, conformance.UDP},
		StartRouter: func(need conformance.Need, at conformance.RouterAddresses, seed uint64) conformance.RouterNode {
			p, _ := profile.Lookup(need.Profile)
			n := &referenceRouter{conns: map[int]*referenceHop{}, hops: map[wire.Address]*referenceHop{}, limit: p.MessageLimit}
			cfg := router.Config{Profile: p, Allow: kitOnly}
			if at.TCP != "" {
				cfg.Bound = append(cfg.Bound, must(tcpAddress(at.TCP)))
			}
			if at.UDP != "" {
				n.socket = udp.Address(netip.MustParseAddrPort(at.UDP))
				cfg.Bound = append(cfg.Bound, n.socket)
			}
			n.core = must(node.New(node.Config{Router: cfg, Rand: randomFrom("reference-router", seed)}))
			return n
		},
	}
}

// kitOnly is the allow rule of the router contract (ROUT-007).
func kitOnly(source, next wire.Address) bool { return isLoopback(source) && isLoopback(next) }

// isLoopback says whether a is at 127.0.0.1 or ::1. The rest of 127.0.0.0/8 is for strangers.
func isLoopback(a wire.Address) bool {
	ip4, is4 := a.IP4()
	ip6, is6 := a.IP6()
	return is4 && ip4 == [4]byte{127, 0, 0, 1} || is6 && ip6 == [16]byte{15: 1}
}

const (
	// hopDeadline is how long a next hop may take to be connected, hopQueue how many messages may wait for that, and hopBacklog how many
	// bytes for one that reads slowly (ROUT-006).
	hopDeadline = 3 * time.Second
	hopQueue    = 64
	hopBacklog  = 256 << 10
)

// A referenceRouter is a node of package node with its connections.
type referenceRouter struct {
	core   *node.Node
	limit  int
	socket wire.Address // zero if it has none
	conns  map[int]*referenceHop
	hops   map[wire.Address]*referenceHop // by remote address (ROUT-004)
	now    time.Duration
	out    conformance.RouterOutput
}

// A referenceHop is a TCP connection, or one that is being made.
type referenceHop struct {
	conformance.RouterConn
	link    wire.Link
	in      *transport.Deframer
	until   time.Duration // when it is given up; of one that is being made
	waiting []waitingHop
}

// A waitingHop is a message that waits for a connection.
type waitingHop struct {
	link wire.Link
	msg  []byte
	next wire.Address
}

// Connected takes a connection into use.
func (n *referenceRouter) Connected(now time.Duration, c conformance.RouterConn) conformance.RouterOutput {
	h := &referenceHop{
		RouterConn: c, in: transport.NewDeframer(n.limit),
		link: wire.Link{Local: must(tcpAddress(c.Local)), Remote: must(tcpAddress(c.Remote))},
	}
	n.now = now
	made := n.hops[h.link.Remote]
	n.conns[c.Number], n.hops[h.link.Remote] = h, h
	if made != nil && made.Number == 0 {
		for _, w := range made.waiting {
			n.relay(n.core.Resolved(w.link, nil, w.msg, w.next), w.msg)
		}
	}
	return n.done()
}

// Refused gives up what waits for a connection.
func (n *referenceRouter) Refused(_ time.Duration, remote string) conformance.RouterOutput {
	n.giveUp(must(tcpAddress(remote)))
	return n.done()
}

func (n *referenceRouter) giveUp(remote wire.Address) {
	if h := n.hops[remote]; h != nil && h.Number == 0 {
		delete(n.hops, remote)
	}
}

// Receive cuts frames and hands each message to the node.
func (n *referenceRouter) Receive(now time.Duration, conn int, p []byte) conformance.RouterOutput {
	h := n.conns[conn]
	if h == nil {
		return conformance.RouterOutput{}
	}
	n.now = now
	h.in.Push(p)
	for {
		msg, ok, err := h.in.Next()
		if err != nil { // TRAN-008
			n.hangUp(h)
		}
		if !ok {
			return n.done()
		}
		n.message(h.link, msg)
	}
}

// ReceiveFrom hands a datagram to the node.
func (n *referenceRouter) ReceiveFrom(now time.Duration, remote string, p []byte) conformance.RouterOutput {
	n.now = now
	n.message(wire.Link{Local: n.socket, Remote: udp.Address(netip.MustParseAddrPort(remote))}, p)
	return n.done()
}

func (n *referenceRouter) message(link wire.Link, msg []byte) {
	r := n.core.Process(channel.Instant(n.now), link, nil, msg)
	if r.Kind == node.Resolve { // WIRE-014
		var numeric wire.Address
		if name, _ := r.Decision.Next.Name(); name == "localhost" {
			numeric = localhostOf(r.Decision.Next)
		}
		r = n.core.Resolved(link, nil, msg, numeric)
	}
	n.relay(r, msg)
}

func localhostOf(a wire.Address) wire.Address {
	if a.Type() == wire.UDP {
		return wire.UDPAddress4([4]byte{127, 0, 0, 1}, a.Port())
	}
	return wire.TCPAddress4([4]byte{127, 0, 0, 1}, a.Port())
}

// relay carries out what the node wants: an answer, or a message that leaves for its next hop.
func (n *referenceRouter) relay(r node.Result, msg []byte) {
	if r.Kind != node.Forward {
		if len(r.Out) > 0 {
			n.send(r.Link, r.Out)
		}
		return
	}
	next := r.Decision.Next
	link := wire.Link{Local: n.socket, Remote: next}
	if next.Type() == wire.TCP {
		h := n.hops[next]
		switch {
		case h == nil:
			n.dial(next, r.Decision.Link, msg)
			return
		case h.Number == 0:
			if len(h.waiting) < hopQueue {
				h.waiting = append(h.waiting, waitingHop{r.Decision.Link, slices.Clone(msg), next})
			}
			return
		}
		link = h.link
	}
	if out, err := n.core.AppendForward(nil, r.Decision, link.Local); err == nil {
		n.send(link, out)
	}
}

// dial makes a connection, for which a message waits.
func (n *referenceRouter) dial(next wire.Address, from wire.Link, msg []byte) {
	at, _ := tcp.AddrPort(next)
	n.hops[next] = &referenceHop{waiting: []waitingHop{{from, slices.Clone(msg), next}}, until: n.now + hopDeadline}
	n.out.Actions = append(n.out.Actions, conformance.RouterAction{Dial: at.String()})
}

// send sends a message over a link, unless its other end is too slow.
func (n *referenceRouter) send(link wire.Link, msg []byte) {
	if link.Remote.Type() == wire.UDP {
		at, _ := udp.AddrPort(link.Remote)
		n.out.Actions = append(n.out.Actions, conformance.RouterAction{To: at.String(), Data: msg})
		return
	}
	h := n.hops[link.Remote]
	if h == nil || h.Number == 0 || h.Unsent() > hopBacklog {
		return
	}
	n.out.Actions = append(n.out.Actions, conformance.RouterAction{Conn: h.Number, Data: must(transport.AppendFrame(nil, msg))})
}

// End closes the connection in answer.
func (n *referenceRouter) End(_ time.Duration, conn int, _ bool) conformance.RouterOutput {
	if h := n.conns[conn]; h != nil {
		n.hangUp(h)
	}
	return n.done()
}

func (n *referenceRouter) hangUp(h *referenceHop) {
	delete(n.conns, h.Number)
	if n.hops[h.link.Remote] == h {
		delete(n.hops, h.link.Remote)
	}
	n.out.Actions = append(n.out.Actions, conformance.RouterAction{Conn: h.Number, Close: true})
}

// Wake returns when the first connection has to be there.
func (n *referenceRouter) Wake() (earliest time.Duration, ok bool) {
	for _, h := range n.hops {
		if h.Number == 0 && (!ok || h.until < earliest) {
			earliest, ok = h.until, true
		}
	}
	return earliest, ok
}

// Expire gives up connections that take too long.
func (n *referenceRouter) Expire(now time.Duration) conformance.RouterOutput {
	for remote, h := range n.hops {
		if h.Number == 0 && h.until <= now {
			at, _ := tcp.AddrPort(remote)
			n.giveUp(remote)
			n.out.Actions = append(n.out.Actions, conformance.RouterAction{Dial: at.String(), Close: true})
		}
	}
	return n.done()
}

// done returns what was done.
func (n *referenceRouter) done() conformance.RouterOutput {
	out := n.out
	n.out = conformance.RouterOutput{}
	return out
}
