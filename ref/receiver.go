package ref

import (
	"ockamtest/ref/memory"
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
	short  int // short messages in a row that were forwarded
}

func (n *Node) newReceiver() *receiver {
	r, err := router.New(n.routerConfig(leavesLater{&n.counters}))
	if err != nil {
		panic("ref: the configuration of a router that has been made before: " + err.Error())
	}
	return &receiver{node: n, router: r}
}

// readSocket receives datagrams until the socket with these faces is closed.
func (n *Node) readSocket(own []face) {
	r := n.newReceiver()
	buf := make([]byte, wire.MaxMessage)
	for {
		k, from, err := own[0].socket.ReadFrom(n.ctx, buf)
		if err != nil {
			n.deaf(err) // unless it is closed
			return
		}
		f := &own[0]
		if len(own) > 1 && from.Host() == wire.IPv4 {
			f = &own[1]
		}
		r.receive(wire.Link{Local: f.local, Remote: from}, buf[:k])
	}
}

// readHop receives messages from a connection until it ends.
func (r *receiver) readHop(h *hop, conn transport.Conn, link wire.Link) error {
	n := r.node
	in := inbox{memory: memory.Heap{}, limit: wire.MaxMessage}
	defer in.release()
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
