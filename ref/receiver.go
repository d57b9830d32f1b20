package ref

import (
	"context"
	"errors"
	"time"

	"ockamtest/ref/memory"
	"ockamtest/ref/node"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A receiver is what one goroutine needs that receives messages: a router of its own, so that forwarding takes no lock of the node, and
// buffers.
type receiver struct {
	node   *Node
	router *router.Router
	out    []byte
}

func (n *Node) newReceiver() *receiver {
	r, err := router.New(n.routerConfig())
	if err != nil {
		panic("ref: the configuration of a router that has been made before: " + err.Error())
	}
	return &receiver{node: n, router: r}
}

// readSocket receives datagrams until the socket is closed.
func (n *Node) readSocket(s transport.PacketConn) {
	r := n.newReceiver()
	local := s.LocalAddress()
	buf := make([]byte, wire.MaxMessage)
	for {
		k, from, err := s.ReadFrom(n.ctx, buf)
		if err != nil {
			return // the socket is closed, or of no use any more
		}
		r.receive(wire.Link{Local: local, Remote: from}, buf[:k])
	}
}

// readHop receives messages from a connection until it ends.
func (n *Node) readHop(h *hop, conn transport.Conn) error {
	r := n.newReceiver()
	in := inbox{memory: memory.Heap{}, limit: wire.MaxMessage}
	defer in.release()
	link := wire.Link{Local: conn.LocalAddress(), Remote: conn.RemoteAddress()}
	for {
		msg, err := in.receive(n.ctx, conn)
		if err != nil {
			return err
		}
		h.used.Store(int64(n.now()))
		r.receive(link, msg)
	}
}

// receive does what is to do with one message. It keeps nothing of msg.
func (r *receiver) receive(link wire.Link, msg []byte) {
	n := r.node
	d := r.router.Decide(link, msg)
	switch d.Kind {
	case router.Drop: // counted
	case router.Forward:
		r.forward(d, msg)
	case router.Resolve:
		n.resolve(link, msg, d.Next)
	case router.ToLocal:
		if p := n.open.get(d.Message.Onward[0]); p != nil {
			p.deliver(n.ctx, link, msg)
			return
		}
		n.desk.put(n.desk.known, link, msg)
	case router.Pong:
		n.desk.put(n.desk.known, link, msg)
	case router.Answer, router.ToNode:
		n.desk.put(n.desk.anybody, link, msg)
	}
}

// happened does what a result of the core asks for, but for sending. It returns the port that a record is for, or what is to be told without
// the node's lock. n.mu is held.
func (n *Node) happened(r node.Result) (record *port, tell func()) {
	switch r.Kind {
	case node.Record:
		record = n.ports[r.Channel] // of a channel without an address of its own
	case node.Opened:
		tell = n.opened(r.Channel)
	case node.Failed:
		tell = n.failed(r.Channel, r.Err)
	case node.Message:
		if w := n.workers[r.Worker]; w != nil {
			w.deliver(r)
		}
	case node.Ponged:
		n.ponged(r.Ping, nil)
	case node.PingLost:
		n.ponged(r.Ping, ErrPingLost)
	case node.None, node.Forward, node.Resolve, node.Due, node.Delivered: // ports have timers of their own
	}
	return record, tell
}

// arm sets the timer to the core's Wake. n.mu is held.
func (n *Node) arm() {
	at, ok := n.core.Wake()
	switch {
	case !ok || n.closed() != nil:
		if n.timer != nil {
			n.timer.Stop()
		}
	case n.timer == nil:
		n.timer = time.AfterFunc(time.Duration(at-n.now()), n.tick)
	default:
		n.timer.Reset(time.Duration(at - n.now()))
	}
}

// tick does what is due of handshakes and pings.
func (n *Node) tick() {
	for n.tickOnce() {
	}
}

// tickOnce does one thing that is due. It is false if nothing is.
func (n *Node) tickOnce() bool {
	n.mu.Lock()
	var result node.Result
	var tell func()
	ok := false
	if n.closed() == nil {
		if result, ok = n.core.Tick(n.now(), nil); ok {
			_, tell = n.happened(result)
		}
		n.arm()
	}
	n.mu.Unlock()
	if tell != nil {
		tell()
	}
	if len(result.Out) > 0 {
		_ = n.send(n.ctx, result.Link, result.Out) // a repeat
	}
	return ok
}

// send sends a message of this node over a link: a datagram, or over the connection to that address, which is made if there is none.
func (n *Node) send(ctx context.Context, link wire.Link, msgs ...[]byte) error {
	if link.Remote.Type() == wire.TCP {
		for _, m := range msgs {
			if !n.sendHop(link, m) {
				n.counters.CountDropped(router.Unreachable)
			}
		}
		return nil
	}
	s := n.socket(link)
	switch {
	case s == nil:
		return errNoSocket
	case len(msgs) == 1:
		return s.WriteTo(ctx, msgs[0], link.Remote)
	}
	_, err := s.WriteBatchTo(ctx, msgs, link.Remote)
	return err
}

// errNoSocket: the node has no socket from which an address can be sent to.
var errNoSocket = errors.New("ref: no socket to send from")

// socket is the socket with the local address of a link, nil if there is none.
func (n *Node) socket(link wire.Link) transport.PacketConn {
	for _, s := range n.sockets {
		if s.LocalAddress() == link.Local {
			return s
		}
	}
	return nil
}

// socketTo is a socket from which a numeric UDP address can be sent to: the first of its kind.
func (n *Node) socketTo(remote wire.Address) transport.PacketConn {
	for _, s := range n.sockets {
		if s.LocalAddress().Host() == remote.Host() {
			return s
		}
	}
	return nil
}
