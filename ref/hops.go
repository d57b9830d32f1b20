package ref

import (
	"context"
	"errors"
	"sync"

	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// maxConnecting is how many connections may be in the making for messages that are forwarded: whoever may have them forwarded cannot push out
// those that are live.
const maxConnecting = 256

// hops are the TCP connections of a node by their remote address.
type hops struct {
	mu         sync.Mutex
	byRemote   map[wire.Address]*hop // guarded by mu
	others     map[*hop]bool         // guarded by mu: connections over which nothing new is sent, and that have not ended
	connecting int                   // guarded by mu: for messages that are forwarded
	closed     bool                  // guarded by mu: none is added any more
}

// get is the connection to a remote address, nil if there is none.
func (s *hops) get(remote wire.Address) *hop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byRemote[remote]
}

// remove forgets a connection that takes nothing more, unless another has its place.
func (s *hops) remove(h *hop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byRemote[h.remote] == h {
		delete(s.byRemote, h.remote)
	}
}

// ended forgets a connection that has ended.
func (s *hops) ended(h *hop) {
	s.remove(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.others, h)
}

// replace gives the place of there, over which what is queued still leaves, to h, which has not been used yet, and starts run for that. At no
// moment is the place empty: whoever sends meanwhile would make a third connection. It is false if there had not the place, or the node has
// closed.
func (s *hops) replace(there, h *hop, start func()) bool {
	s.mu.Lock()
	if s.closed || s.byRemote[h.remote] != there {
		s.mu.Unlock()
		return false
	}
	s.byRemote[h.remote] = h
	s.others[there] = true
	unused := h.inherit(there)
	start()
	s.mu.Unlock()
	if unused != nil {
		_ = unused.Close() // it was replaced
	}
	return true
}

// addOther adds a connection over which nothing is sent, and starts run for it. It is false once the node has closed.
func (s *hops) addOther(h *hop, start func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.others[h] = true
		start()
	}
	return !s.closed
}

// mayConnect reports whether a connection may be made for messages that are forwarded, and counts it; made is called when it is.
func (s *hops) mayConnect() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connecting >= maxConnecting {
		return false
	}
	s.connecting++
	return true
}

func (s *hops) made() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connecting--
}

// all are the connections. None is added from then on.
func (s *hops) all() []*hop {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var all []*hop
	for _, h := range s.byRemote {
		all = append(all, h)
	}
	for h := range s.others {
		all = append(all, h)
	}
	return all
}

// finish lets what is queued leave, and then ends all connections.
func (s *hops) finish() {
	for _, h := range s.all() {
		h.finish()
	}
}

// end ends all connections.
func (s *hops) end() {
	for _, h := range s.all() {
		h.end(transport.ErrClosed)
	}
}

// add adds a connection and starts run for it, which is the last to use it, in a goroutine. If there is one to that address, that one is
// returned instead. At the bound the one that has been idle for longest gives way (TRAN-023). It is nil once the node has closed.
func (n *Node) add(h *hop, run func()) *hop {
	h.used.Store(int64(n.now()))
	other, oldest := n.hops.add(h, n.cfg.MaxConnections, func() { n.running.Go(run) })
	if oldest != nil {
		oldest.end(errEvicted)
	}
	return other
}

func (s *hops) add(h *hop, bound int, start func()) (there, oldest *hop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil
	}
	if other := s.byRemote[h.remote]; other != nil {
		return other, nil
	}
	if len(s.byRemote) >= bound {
		for _, other := range s.byRemote {
			if oldest == nil || other.used.Load() < oldest.used.Load() {
				oldest = other
			}
		}
		delete(s.byRemote, oldest.remote)
	}
	s.byRemote[h.remote] = h
	start() // while the node cannot have waited for its goroutines
	return h, oldest
}

// acceptAll serves the connections that others make, until the listener is closed.
func (n *Node) acceptAll(l transport.Listener) {
	for {
		conn, err := l.Accept(n.ctx)
		if err != nil {
			n.deaf(err)
			return
		}
		n.accept(conn, nil)
	}
}

// accept serves a connection that another has made, whose first message is there already unless it is nil. There may be one with the same
// address: a dead one, which is replaced, or one that this end has made at the same time. Then both ends send over the one that the lower
// address has made, and receive over both until the other end closes the one that it has made.
func (n *Node) accept(conn transport.Conn, first []byte) {
	h := newHop(conn.RemoteAddress().Canonical(), &n.counters)
	if h.remote.Type() != wire.TCP || h.remote.Host() == wire.DNS {
		_ = conn.Close()
		return
	}
	h.connected(conn)
	run := func() { n.serve(h, conn, first) }
	start := func() { n.running.Go(run) }
	for {
		there := n.add(h, run)
		switch {
		case there == h:
			return
		case there == nil:
			h.end(transport.ErrClosed)
			return
		case there.dialled && conn.LocalAddress().String() < h.remote.String():
			if !n.hops.addOther(h, start) {
				h.end(transport.ErrClosed)
			}
			return
		case n.hops.replace(there, h, start):
			return
		}
	}
}

// reach is the connection to a remote address, which is made if there is none. Messages can wait for it at once. It is nil if none can be made:
// the node has closed, or there are too many that are made for others.
func (n *Node) reach(remote wire.Address, forOthers bool) *hop {
	if h := n.hops.get(remote); h != nil {
		return h
	}
	made := func() {}
	if forOthers {
		if !n.hops.mayConnect() {
			return nil
		}
		made = n.hops.made
	}
	h := newHop(remote, &n.counters)
	h.dialled = true
	there := n.add(h, func() { n.connect(h, made) })
	if there != h {
		made()
	}
	return there
}

// connect makes the connection of a hop, and serves it.
func (n *Node) connect(h *hop, made func()) {
	ctx, cancel := context.WithTimeout(n.ctx, n.cfg.ConnectTimeout) // ROUT-006
	conn, err := n.cfg.Dial(ctx, h.remote)
	cancel()
	made()
	if err == nil && conn == nil {
		err = errors.New("ref: NodeConfig.Dial made no connection")
	}
	switch {
	case err != nil:
		h.end(err)
		n.hops.ended(h)
	case !h.connected(conn): // it was not needed any more
		_ = conn.Close()
		n.hops.ended(h)
	default:
		n.serve(h, conn, nil)
	}
}

// serve receives and sends over a connection until it ends or, when the node closes, until what is queued has left.
func (n *Node) serve(h *hop, conn transport.Conn, first []byte) {
	r := n.newReceiver()
	link := wire.Link{Local: n.localOf(conn), Remote: h.remote}
	r.forwardWaiting(h, link.Local)
	var writing sync.WaitGroup
	writing.Go(func() { h.write(conn, func() { h.used.Store(int64(n.now())) }) })
	if first != nil {
		r.receive(link, first)
	}
	if err := r.readHop(h, conn, link); n.closed() == nil {
		h.end(err)
	}
	writing.Wait()
	n.hops.ended(h)
}

// localOf is what messages call this end of a connection (ROUT-004).
func (n *Node) localOf(conn transport.Conn) wire.Address {
	own := conn.LocalAddress()
	told, err := n.cfg.told(n.place.machine, own)
	if err != nil {
		return own
	}
	return told
}

// forwardWaiting forwards what has waited for a connection.
func (r *receiver) forwardWaiting(h *hop, local wire.Address) {
	for waiting := h.waited(local); len(waiting) > 0; waiting = h.waited(local) {
		for _, w := range waiting {
			d := r.router.Resolved(w.link, w.msg, h.remote)
			if d.Kind != router.Forward {
				continue // counted
			}
			if out, err := r.router.AppendForward(nil, d, local); err == nil {
				if placed, _ := h.put(out, true); placed != queued {
					r.node.counters.CountDropped(router.Unreachable)
				}
			}
		}
	}
}
