package ref

import (
	"bytes"
	"context"
	"net/netip"

	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// forward sends a message to its next hop (ROUT-004). One whose next hop is not connected waits for it.
func (r *receiver) forward(d router.Decision, msg []byte) {
	n := r.node
	if d.Next.Type() == wire.TCP {
		r.forwardHop(d, msg)
		return
	}
	s := n.socketTo(d.Next)
	if s == nil {
		n.counters.CountDropped(router.Unreachable)
		return
	}
	out, err := r.router.AppendForward(r.out[:0], d, s.LocalAddress())
	if r.out = out[:0]; err == nil {
		_ = s.WriteTo(n.ctx, out, d.Next) // what the system cannot send is lost, as datagrams are
	}
}

// forwardHop is forward to a TCP address.
func (r *receiver) forwardHop(d router.Decision, msg []byte) {
	n := r.node
	h := n.hops.get(d.Next)
	if h == nil {
		if h = n.connect(d.Next); h == nil {
			n.counters.CountDropped(router.Unreachable)
			return
		}
	}
	local := h.local()
	if local == (wire.Address{}) {
		kept, connected := h.await(pending{link: d.Link, msg: msg, forward: true})
		switch {
		case kept:
			return
		case !connected:
			n.counters.CountDropped(router.Unreachable)
			return
		}
		local = h.local()
	}
	out, err := r.router.AppendForward(r.out[:0], d, local)
	if r.out = out[:0]; err != nil {
		return // counted
	}
	if !h.enqueue(out) {
		n.counters.forwarded.Add(^uint64(0)) // it was not
		n.counters.CountDropped(router.Unreachable)
	}
}

// resolve looks up the name of a next hop, and forwards a copy of the message when it is known (WIRE-014). It delays no other message.
func (n *Node) resolve(link wire.Link, msg []byte, next wire.Address) {
	name, ok := next.Name()
	if !ok {
		n.counters.CountDropped(router.Unresolved)
		return
	}
	select {
	case n.lookups <- struct{}{}:
	default:
		n.counters.CountDropped(router.Unresolved) // too many at once
		return
	}
	msg = bytes.Clone(msg)
	n.running.Go(func() {
		defer func() { <-n.lookups }()
		ctx, cancel := context.WithTimeout(n.ctx, n.cfg.ResolveTimeout)
		defer cancel()
		found, err := n.cfg.Resolve(ctx, name)
		var numeric wire.Address
		if err == nil {
			numeric = n.choose(found, next)
		}
		r := n.newReceiver()
		if d := r.router.Resolved(link, msg, numeric); d.Kind == router.Forward {
			r.forward(d, msg)
		}
	})
}

// choose is the first address that the node can send to, with the type and port of the name, zero if there is none.
func (n *Node) choose(found []netip.Addr, name wire.Address) wire.Address {
	for _, ip := range found {
		a := transport.NumericAddress(name.Type(), netip.AddrPortFrom(ip, name.Port()))
		if name.Type() == wire.TCP || n.socketTo(a) != nil {
			return a
		}
	}
	return wire.Address{}
}
