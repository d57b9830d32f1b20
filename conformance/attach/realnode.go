package attach

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"ockamtest/conformance"
)

const (
	// writePatience is how long a machine's peer may take to read what was written.
	writePatience = 10 * time.Second
	// lingerFor is how long a connection that a machine has closed is read on, and nothing made of it: closing it with unread
	// bytes would be RST instead of FIN.
	lingerFor = time.Second
)

// A realNode runs a Node over sockets in real time. Each connection has one goroutine; mu is held while the node or a machine is called.
type realNode struct {
	name  string
	began time.Time
	crash context.CancelCauseFunc

	mu    sync.Mutex
	node  conformance.Node
	conns map[*realConn]struct{}
}

// A realConn is one connection of a realNode.
type realConn struct {
	*net.TCPConn
	machine conformance.Machine
	buf     []byte
	fin     bool          // the peer has sent FIN
	nudge   chan struct{} // another machine was called: Wake may have changed
}

func (n *realNode) now() time.Duration { return time.Since(n.began) }

// serve runs a connection until its machine or its peer ends it, or ctx ends. A crash ends the node and with it ctx.
func (n *realNode) serve(ctx context.Context, tcp *net.TCPConn) {
	c := &realConn{TCPConn: tcp, buf: make([]byte, receiveBuffer), nudge: make(chan struct{}, 1)}
	abort := context.AfterFunc(ctx, func() { // as the end of a process does
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	})
	defer func() {
		abort()
		n.forget(c)
		_ = tcp.Close()
	}()
	out := n.connect(c)
	for n.carryOut(c, out) {
		var ok bool
		if out, ok = n.next(ctx, c); !ok {
			return
		}
	}
}

func (n *realNode) connect(c *realConn) conformance.Output {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conns == nil {
		n.conns = map[*realConn]struct{}{}
	}
	n.conns[c] = struct{}{}
	c.machine = n.node.Connect(c.LocalAddr().String(), c.RemoteAddr().String())
	return c.machine.Start(n.now())
}

func (n *realNode) forget(c *realConn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, c)
}

// carryOut does what a machine wants and reports whether the connection goes on.
func (n *realNode) carryOut(c *realConn, out conformance.Output) bool {
	if out.Crash != "" {
		n.crash(&CrashError{Peer: n.name, Reason: out.Crash})
		_ = c.SetLinger(0)
		return false
	}
	for _, p := range out.Data {
		if len(p) == 0 {
			continue
		}
		_ = c.SetWriteDeadline(time.Now().Add(writePatience))
		if _, err := c.Write(p); err != nil {
			n.call(c, func(now time.Duration) conformance.Output { return c.machine.End(now, false) })
			return false
		}
	}
	switch {
	case out.Reset:
		_ = c.SetLinger(0)
		return false
	case out.Close:
		n.forget(c)
		c.linger()
		return false
	}
	return true
}

// linger ends a connection with FIN.
func (c *realConn) linger() {
	if c.CloseWrite() == nil && c.SetReadDeadline(time.Now().Add(lingerFor)) == nil {
		_, _ = io.CopyBuffer(io.Discard, struct{ io.Reader }{c}, c.buf)
	}
}

// next waits for bytes, for the peer's end, or for the time of Wake, and calls the machine. ok is false when nothing more can happen.
func (n *realNode) next(ctx context.Context, c *realConn) (out conformance.Output, ok bool) {
	wake, timed, due := n.arm(c)
	switch {
	case due:
		return n.call(c, c.machine.Expire), true
	case c.fin && !timed:
		return out, false
	case c.fin: // there is nothing to read, only time to pass
		stopped(ctx, wake-n.now(), c.nudge)
		return out, ctx.Err() == nil
	}
	size, err := c.Read(c.buf)
	switch {
	case size > 0:
		return n.call(c, func(now time.Duration) conformance.Output { return c.machine.Receive(now, c.buf[:size]) }), true
	case errors.Is(err, os.ErrDeadlineExceeded):
		return out, true
	case errors.Is(err, io.EOF):
		c.fin = true
		return n.call(c, func(now time.Duration) conformance.Output { return c.machine.End(now, true) }), true
	}
	n.call(c, func(now time.Duration) conformance.Output { return c.machine.End(now, false) })
	return out, false
}

// arm sets the deadline of the next Read to the time of Wake, which is due when it has come.
func (n *realNode) arm(c *realConn) (wake time.Duration, timed, due bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-c.nudge:
	default:
	}
	wake, timed = c.machine.Wake()
	if !timed {
		_ = c.SetReadDeadline(time.Time{})
		return wake, false, false
	}
	_ = c.SetReadDeadline(n.began.Add(wake))
	return wake, true, wake <= n.now()
}

// call calls a machine, and wakes the other connections: machines of a node may share state.
func (n *realNode) call(c *realConn, do func(now time.Duration) conformance.Output) conformance.Output {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := do(n.now())
	for other := range n.conns {
		if other != c {
			_ = other.SetReadDeadline(time.Now())
			select {
			case other.nudge <- struct{}{}:
			default:
			}
		}
	}
	return out
}
