package ref

import (
	"context"
	"sync"

	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// hops are the TCP connections of a node by their remote address.
type hops struct {
	mu       sync.Mutex
	byRemote map[wire.Address]*hop // guarded by mu
	closed   bool                  // guarded by mu
}

// get is the connection to a remote address, nil if there is none.
func (s *hops) get(remote wire.Address) *hop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byRemote[remote]
}

// close ends all connections; none is added any more.
func (s *hops) close() {
	s.mu.Lock()
	all := s.byRemote
	s.byRemote, s.closed = map[wire.Address]*hop{}, true
	s.mu.Unlock()
	for _, h := range all {
		h.end()
	}
}

// remove forgets a connection, unless another has its place.
func (s *hops) remove(h *hop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byRemote[h.remote] == h {
		delete(s.byRemote, h.remote)
	}
}

// add adds a connection and starts run for it, which is the last to use it, in a goroutine. If there is one to that address, that one is
// returned instead. At the bound the one that has been idle for longest gives way (TRAN-023). It is nil once the node has closed.
func (n *Node) add(h *hop, run func()) *hop {
	s := &n.hops
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if other := s.byRemote[h.remote]; other != nil {
		return other
	}
	if len(s.byRemote) >= n.cfg.MaxConnections {
		var oldest *hop
		for _, other := range s.byRemote {
			if oldest == nil || other.used.Load() < oldest.used.Load() {
				oldest = other
			}
		}
		delete(s.byRemote, oldest.remote)
		n.lose(oldest)
	}
	h.used.Store(int64(n.now()))
	s.byRemote[h.remote] = h
	n.running.Go(run)
	return h
}

// lose ends a connection and counts what was still to leave over it.
func (n *Node) lose(h *hop) {
	for range h.end() {
		n.counters.CountDropped(router.Unreachable)
	}
}

// acceptAll serves the connections that others make, until the listener is closed.
func (n *Node) acceptAll(l transport.Listener) {
	for {
		conn, err := l.Accept(n.ctx)
		if err != nil {
			return
		}
		h := newHop(conn.RemoteAddress())
		h.connected(conn)
		if n.add(h, func() { n.serve(h, conn) }) != h {
			_ = conn.Close() // the node has closed, or there is one from that address
		}
	}
}

// connect makes a connection to a remote address. Messages can wait for it at once. It is nil once the node has closed.
func (n *Node) connect(remote wire.Address) *hop {
	h := newHop(remote)
	return n.add(h, func() {
		ctx, cancel := context.WithTimeout(n.ctx, n.cfg.ConnectTimeout) // ROUT-006
		conn, err := n.cfg.Dial(ctx, remote)
		cancel()
		if err != nil {
			n.hops.remove(h)
			n.lose(h)
			return
		}
		waited, ok := h.connected(conn)
		if !ok {
			_ = conn.Close()
			return
		}
		n.sendWaiting(h, waited)
		n.serve(h, conn)
	})
}

// sendWaiting sends what has waited for a connection.
func (n *Node) sendWaiting(h *hop, waited []pending) {
	r := n.newReceiver()
	for _, w := range waited {
		if !w.forward {
			if !h.enqueue(w.msg) {
				n.counters.CountDropped(router.Unreachable)
			}
			continue
		}
		if d := r.router.Resolved(w.link, w.msg, h.remote); d.Kind == router.Forward {
			r.forward(d, w.msg)
		}
	}
}

// serve receives and sends over a connection until it ends.
func (n *Node) serve(h *hop, conn transport.Conn) {
	ctx, cancel := context.WithCancel(n.ctx)
	var writing sync.WaitGroup
	writing.Go(func() {
		_ = h.write(ctx)
		_ = conn.Close() // nothing can be sent any more: the reader ends too
	})
	_ = n.readHop(h, conn) // its end is the end of this connection, and of nothing else
	cancel()
	n.hops.remove(h)
	n.lose(h)
	writing.Wait()
}

// sendHop sends a message of the node's own to a TCP address, over the connection that there is, else over a new one. It is false if the
// message is lost.
func (n *Node) sendHop(link wire.Link, msg []byte) bool {
	h := n.hops.get(link.Remote)
	if h == nil {
		if h = n.connect(link.Remote); h == nil {
			return false
		}
	}
	if kept, connected := h.await(pending{msg: msg}); !connected {
		return kept
	}
	return h.enqueue(msg)
}
