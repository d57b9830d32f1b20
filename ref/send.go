package ref

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// ErrUnreachable tells that there is no way to the first hop. What failed is wrapped too.
var ErrUnreachable = errors.New("ref: first hop is not reachable")

// Why there is no way.
var (
	errNoSocket  = errors.New("no socket to send from")
	errNoAddress = errors.New("the name has no address that can be sent to")
	errUnstable  = errors.New("connections end as soon as they are made")
)

// linkTo is the link to the first hop of a route, and the route with the numeric address of that. Over TCP the connection is made if there is
// none.
func (n *Node) linkTo(ctx context.Context, route wire.Route) (wire.Link, wire.Route, error) {
	switch {
	case n.closed() != nil:
		return wire.Link{}, nil, n.closed()
	case len(route) == 0:
		return wire.Link{}, nil, fmt.Errorf("%w: no route", ErrConfig)
	}
	if err := n.cfg.runsOver(route[0]); err != nil {
		return wire.Link{}, nil, err
	}
	first := route[0].Canonical()
	if err := first.Validate(); err != nil {
		return wire.Link{}, nil, fmt.Errorf("%w: %w: %w", ErrConfig, transport.ErrAddress, err)
	}
	if first.Host() == wire.DNS { // WIRE-014
		var err error
		if first, err = n.lookUp(ctx, first); err != nil {
			return wire.Link{}, nil, n.unreachable(ctx, route[0], err)
		}
	}
	if !first.Sendable() { // WIRE-013
		return wire.Link{}, nil, fmt.Errorf("%w: %w: %v", ErrConfig, transport.ErrAddress, first)
	}
	local, err := n.localTo(ctx, first)
	if err != nil {
		return wire.Link{}, nil, n.unreachable(ctx, first, err)
	}
	return wire.Link{Local: local, Remote: first}, append(wire.Route{first}, route[1:]...), nil
}

// localTo is this end of a link to a numeric address.
func (n *Node) localTo(ctx context.Context, remote wire.Address) (wire.Address, error) {
	if remote.Type() == wire.UDP {
		f := n.place.faceTo(remote)
		if f == nil {
			return wire.Address{}, errNoSocket
		}
		return f.local, nil
	}
	for {
		h := n.reach(remote, false)
		if h == nil {
			return wire.Address{}, transport.ErrClosed
		}
		select {
		case <-h.ready:
		case <-ctx.Done():
			return wire.Address{}, ctx.Err()
		}
		if local := h.local.Load(); local != nil {
			return *local, nil
		}
		if err := h.cause(); !errors.Is(err, errReplaced) {
			return wire.Address{}, err
		}
	}
}

// unreachable tells why there is no link: the caller gave up, the node was closed, or there is no way.
func (n *Node) unreachable(ctx context.Context, first wire.Address, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case n.closed() != nil:
		return n.closed()
	}
	return fmt.Errorf("%w: %v: %w", ErrUnreachable, first, err)
}

// limit is the longest message in bytes that a link carries (REC-010), 0 for as long as the profile has.
func (n *Node) limit(link wire.Link) int {
	if f := n.place.face(link); f != nil {
		return f.socket.Limit()
	}
	if h := n.hops.get(link.Remote); h != nil {
		return h.limit()
	}
	return 0
}

// send sends messages of this node's own over a link, in order: datagrams, or over the connection to that address, which is made if there is
// none. It waits while there is no room for them, until ctx ends or until is closed, nil for never.
func (n *Node) send(ctx context.Context, until <-chan struct{}, link wire.Link, msgs [][]byte) error {
	if err := n.closed(); err != nil {
		return err
	}
	if link.Remote.Type() == wire.TCP {
		for _, m := range msgs {
			if err := n.sendHop(ctx, until, link.Remote, m); err != nil {
				return err
			}
		}
		return nil
	}
	f := n.place.face(link)
	switch {
	case f == nil:
		return fmt.Errorf("%w: %v: %w", ErrUnreachable, link.Remote, errNoSocket)
	case len(msgs) == 1:
		return f.socket.WriteTo(ctx, msgs[0], link.Remote)
	}
	_, err := f.socket.WriteBatchTo(ctx, msgs, link.Remote)
	return err
}

// sendHop queues one message for a TCP address.
func (n *Node) sendHop(ctx context.Context, until <-chan struct{}, remote wire.Address, msg []byte) error {
	for range 3 { // again if a connection has ended meanwhile
		h := n.reach(remote, false)
		if h == nil {
			return n.closed()
		}
		placed, room := h.put(msg, false)
		for placed == full {
			select {
			case <-room:
			case <-until:
				return transport.ErrClosed
			case <-ctx.Done():
				return ctx.Err()
			}
			placed, room = h.put(msg, false)
		}
		if placed == queued {
			return nil
		}
		n.hops.remove(h)
	}
	if err := n.closed(); err != nil {
		return err
	}
	return fmt.Errorf("%w: %v: %w", ErrUnreachable, remote, errUnstable)
}

// answer sends a message over the link by which came what it answers. It does not wait, and may lose the message: over TCP there is no other
// way back than the connection (ROUT-004).
func (n *Node) answer(link wire.Link, msg []byte) {
	if link.Remote.Type() == wire.TCP {
		if h := n.hops.get(link.Remote); h != nil {
			h.put(msg, false)
		}
		return
	}
	if f := n.place.face(link); f != nil {
		_ = f.socket.WriteTo(n.ctx, msg, link.Remote) // what the system cannot send is lost, as datagrams are
	}
}

// repeat sends again what a handshake has sent. It does not wait, but over TCP it makes the connection if there is none.
func (n *Node) repeat(link wire.Link, msg []byte) {
	if link.Remote.Type() == wire.TCP {
		if h := n.reach(link.Remote, false); h != nil {
			h.put(msg, false)
		}
		return
	}
	n.answer(link, msg)
}

// writeAll writes each of msgs to a connection.
func writeAll(ctx context.Context, conn transport.Conn, msgs [][]byte) error {
	if len(msgs) == 1 {
		return conn.Write(ctx, msgs[0])
	}
	return transport.WriteBatch(ctx, conn, msgs)
}
