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
	if d.Next.Type() == wire.TCP {
		if !r.forwardHop(d, msg) {
			r.node.counters.CountDropped(router.Unreachable) // ROUT-006
		}
		return
	}
	f := r.node.place.faceTo(d.Next)
	if f == nil {
		r.node.counters.CountDropped(router.Unreachable)
		return
	}
	out, ok := r.append(d, f.local)
	switch {
	case !ok: // counted
	case f.socket.WriteTo(r.node.ctx, out, d.Next) != nil:
		r.node.counters.CountDropped(router.Unreachable)
	default:
		r.node.counters.CountForwarded()
	}
}

// append makes what leaves for the next hop.
func (r *receiver) append(d router.Decision, local wire.Address) ([]byte, bool) {
	if r.short > smallRun && cap(r.out) > smallInbox {
		r.out, r.short = nil, 0
	}
	out, err := r.router.AppendForward(r.out[:0], d, local)
	r.out = out[:0]
	if r.short++; len(out) > smallInbox {
		r.short = 0
	}
	return out, err == nil
}

// forwardHop is forward to a TCP address. It is false if the message is lost, and not counted yet.
func (r *receiver) forwardHop(d router.Decision, msg []byte) bool {
	for range 2 { // once more if the connection ends meanwhile
		h := r.node.reach(d.Next, true)
		if h == nil {
			return false
		}
		placed := live
		local := h.local.Load()
		if local == nil {
			placed = h.await(d.Link, msg)
			local = h.local.Load()
		}
		if placed == live {
			out, ok := r.append(d, *local)
			if !ok {
				return true // counted
			}
			placed, _ = h.put(out, true)
		}
		if placed != gone {
			return placed == queued
		}
		r.node.hops.remove(h)
	}
	return false
}

// resolve looks up the name of a next hop, and forwards a copy of the message when it is known (WIRE-014). It delays no other message.
func (n *Node) resolve(link wire.Link, msg []byte, next wire.Address) {
	select {
	case n.lookups <- struct{}{}:
	default:
		n.counters.CountDropped(router.Unresolved) // too many at once
		return
	}
	msg = bytes.Clone(msg)
	n.running.Go(func() {
		defer func() { <-n.lookups }()
		numeric, err := n.lookUp(n.ctx, next)
		if err != nil {
			numeric = wire.Address{} // which drops the message
		}
		r := n.newReceiver()
		if d := r.router.Resolved(link, msg, numeric); d.Kind == router.Forward {
			r.forward(d, msg)
		}
	})
}

// lookUp is the first address that a name has and the node can send to, with the type and port of the name.
func (n *Node) lookUp(ctx context.Context, a wire.Address) (wire.Address, error) {
	name, ok := a.Canonical().Name()
	if !ok {
		return wire.Address{}, errNoAddress
	}
	ctx, cancel := context.WithTimeout(ctx, n.cfg.ResolveTimeout)
	defer cancel()
	found, err := n.cfg.Resolve(ctx, name)
	if err != nil {
		return wire.Address{}, err
	}
	for _, ip := range found {
		numeric := transport.NumericAddress(a.Type(), netip.AddrPortFrom(ip, a.Port()))
		if a.Type() == wire.TCP || n.place.faceTo(numeric) != nil {
			return numeric, nil
		}
	}
	return wire.Address{}, errNoAddress
}
