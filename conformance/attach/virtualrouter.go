package attach

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"ockamtest/conformance"
)

// maxRouterEvents bounds how often a router is called without time moving on or the kit doing anything.
const maxRouterEvents = 100000

// A virtualRouter runs a RouterNode in virtual time, with the kit's ends around it. What the node does reaches the kit, another connection
// of its own, or its own socket at once and in order.
type virtualRouter struct {
	node conformance.RouterNode
	now  time.Duration // since its start

	conns     map[int]*virtualConn
	numbers   int                               // connections so far
	sockets   map[string]*routerLink            // the kit's, for datagrams, by their addresses
	listeners map[string]*routerDoor            // the kit's
	ports     int                               // addresses given out
	events    []func() conformance.RouterOutput // what the node has still to be told
	telling   bool
	crash     string // why it has died; "" while it lives
}

// A virtualConn is a connection of the node's: with the kit, or, where a router dials itself, with another connection of its own.
type virtualConn struct {
	link  *routerLink
	other int
}

func newVirtualRouter(program conformance.Program, need conformance.Need, seed uint64) *virtualRouter {
	at := conformance.RouterAddresses{TCP: nodeAddress, UDP: nodeAddress}
	return &virtualRouter{
		node:  program.StartRouter(need, at, seed),
		conns: map[int]*virtualConn{}, sockets: map[string]*routerLink{}, listeners: map[string]*routerDoor{},
	}
}

// port is a new address of the kit's, or of a connection that the node makes.
func (r *virtualRouter) port(stranger bool) string {
	host := "127.0.0.1"
	if stranger {
		host = "127.0.0.2"
	}
	r.ports++
	return fmt.Sprintf("%s:%d", host, ephemeralPort+(r.ports-1)%(65536-ephemeralPort))
}

// connect makes a connection of the kit's with the node.
func (r *virtualRouter) connect(local string) *routerLink {
	link := &routerLink{router: r, local: local, remote: nodeAddress}
	link.number = r.open(&virtualConn{link: link}, nodeAddress, local, false)
	return link
}

// bind makes a socket of the kit's.
func (r *virtualRouter) bind(local string) *routerLink {
	link := &routerLink{router: r, local: local, remote: nodeAddress}
	r.sockets[local] = link
	return link
}

// listen makes a listener of the kit's.
func (r *virtualRouter) listen(address string, deaf bool) *routerDoor {
	l := &routerDoor{router: r, address: address, deaf: deaf}
	r.listeners[address] = l
	return l
}

// open tells the node of a new connection, and returns its number.
func (r *virtualRouter) open(c *virtualConn, local, remote string, dialled bool) int {
	r.numbers++
	number := r.numbers
	r.conns[number] = c
	r.tell(func() conformance.RouterOutput {
		return r.node.Connected(r.now, conformance.RouterConn{
			Number: number, Local: local, Remote: remote, Dialled: dialled, Unsent: c.unsent,
		})
	})
	return number
}

func (c *virtualConn) unsent() (n int) {
	if c.link != nil {
		for _, p := range c.link.queue {
			n += len(p)
		}
	}
	return n
}

// tell tells the node what happens, and carries out what it does, until it rests.
func (r *virtualRouter) tell(event func() conformance.RouterOutput) {
	r.events = append(r.events, event)
	if r.telling {
		return
	}
	r.telling = true
	for told := 0; len(r.events) > 0 && r.crash == ""; told++ {
		next := r.events[0]
		r.events = r.events[1:]
		out := next()
		switch {
		case out.Crash != "":
			r.die(out.Crash)
		case told == maxRouterEvents:
			r.die("it does not come to rest")
		}
		for _, a := range out.Actions {
			r.act(a)
		}
	}
	r.events, r.telling = nil, false
}

func (r *virtualRouter) act(a conformance.RouterAction) {
	switch {
	case r.crash != "":
	case a.Dial != "" && !a.Close: // to a listener that is deaf there is nothing to tell
		r.dial(a.Dial)
	case a.To == nodeAddress:
		r.tell(func() conformance.RouterOutput { return r.node.ReceiveFrom(r.now, nodeAddress, a.Data) })
	case a.To != "":
		if link := r.sockets[a.To]; link != nil {
			link.queue = append(link.queue, bytes.Clone(a.Data))
		}
	case r.conns[a.Conn] != nil:
		r.write(r.conns[a.Conn], a)
	}
}

// dial makes a connection of the node's.
func (r *virtualRouter) dial(to string) {
	l := r.listeners[to]
	switch {
	case l != nil && l.deaf:
	case l != nil:
		link := &routerLink{router: r, local: to, remote: r.port(false)}
		l.waiting = append(l.waiting, link)
		link.number = r.open(&virtualConn{link: link}, link.remote, to, true)
	case to == nodeAddress:
		from := r.port(false)
		here, there := &virtualConn{}, &virtualConn{}
		there.other = r.open(here, from, to, true)
		here.other = r.open(there, to, from, false)
	default:
		r.tell(func() conformance.RouterOutput { return r.node.Refused(r.now, to) })
	}
}

// write carries out what the node does with a connection.
func (r *virtualRouter) write(c *virtualConn, a conformance.RouterAction) {
	if c.link == nil {
		if len(a.Data) > 0 {
			r.tell(func() conformance.RouterOutput { return r.node.Receive(r.now, c.other, a.Data) })
		}
		if a.Close || a.Reset {
			delete(r.conns, a.Conn)
			r.tell(func() conformance.RouterOutput { return r.node.End(r.now, c.other, a.Close) })
		}
		return
	}
	if len(a.Data) > 0 && !c.link.closed {
		c.link.queue = append(c.link.queue, bytes.Clone(a.Data))
	}
	switch {
	case a.Reset:
		c.link.ended = conformance.ErrReset
	case a.Close:
		c.link.ended = io.EOF
	default:
		return
	}
	delete(r.conns, a.Conn)
}

// advance moves time on until ready, at most to until.
func (r *virtualRouter) advance(until time.Duration, ready func() bool) {
	for calls := 0; !ready(); calls++ {
		at, ok := r.node.Wake()
		if !ok || at > until || r.crash != "" {
			r.now = max(r.now, until)
			return
		}
		if at > r.now {
			r.now, calls = at, 0
		}
		if calls == maxExpiries {
			r.die("its timer does not move on")
			return
		}
		r.tell(func() conformance.RouterOutput { return r.node.Expire(r.now) })
	}
}

// die ends the router as a crash does.
func (r *virtualRouter) die(why string) {
	r.crash = why
	r.end()
}

// end resets all connections.
func (r *virtualRouter) end() {
	for _, number := range slices.Sorted(maps.Keys(r.conns)) {
		if link := r.conns[number].link; link != nil {
			link.ended = conformance.ErrReset
		}
	}
	r.conns, r.events = map[int]*virtualConn{}, nil
}
