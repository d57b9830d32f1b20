package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"ockamtest/conformance"
)

// A realRouter runs a RouterNode over sockets in real time. mu is held while the node is called and while what it does is carried out;
// what takes time, reading, writing, and connecting, has goroutines of its own.
type realRouter struct {
	name    string
	began   time.Time
	ctx     context.Context // of everything that runs
	crash   context.CancelCauseFunc
	socket  *net.UDPConn
	running sync.WaitGroup

	mu      sync.Mutex
	node    conformance.RouterNode
	conns   map[int]*routerConn
	numbers int                           // connections so far
	dials   map[string]context.CancelFunc // connections that are being made
	timer   *time.Timer                   // of the node's Wake
}

// serveRouterProgram runs a program as a router, with a TCP listener and a UDP socket, until ctx ends.
func serveRouterProgram(ctx context.Context, program conformance.Program, cfg ServeConfig) error {
	serving, crash := context.WithCancelCause(ctx)
	defer crash(nil)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", cfg.Address)
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	socket, err := config.ListenPacket(ctx, "udp", cfg.Address)
	if err != nil {
		return errors.Join(fmt.Errorf("bind: %w", err), listener.Close())
	}
	r := &realRouter{
		name: program.Name, began: time.Now(), ctx: serving, crash: crash,
		conns: map[int]*routerConn{}, dials: map[string]context.CancelFunc{}, timer: time.NewTimer(time.Hour),
	}
	r.socket, _ = socket.(*net.UDPConn) // what "udp" is
	at := conformance.RouterAddresses{TCP: listener.Addr().String(), UDP: socket.LocalAddr().String()}
	need := conformance.Need{Role: conformance.Router, Transport: conformance.TCP, Profile: cfg.Profile}
	r.node = program.StartRouter(need, at, cfg.Seed)
	if cfg.Listening != nil {
		cfg.Listening("tcp://" + at.TCP)
		cfg.Listening("udp://" + at.UDP)
	}
	for _, run := range []func(){r.readSocket, r.expire, func() { r.accept(listener) }} {
		r.running.Go(run)
	}
	<-serving.Done()
	err = errors.Join(listener.Close(), socket.Close())
	r.shut()
	r.running.Wait()
	var crashed *CrashError
	if errors.As(context.Cause(serving), &crashed) {
		return crashed
	}
	return err
}

// shut resets all connections, as the end of a process does.
func (r *realRouter) shut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.reset()
	}
	r.timer.Stop()
}

func (r *realRouter) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		tcp, ok := conn.(*net.TCPConn)
		switch {
		case err == nil && ok:
			r.open(tcp, false)
		case r.ctx.Err() != nil:
			return
		default: // out of descriptors, or the connection has gone: neither ends the listener
			stopped(r.ctx, redialPause, nil)
		}
	}
}

// open takes a connection into use.
func (r *realRouter) open(tcp *net.TCPConn, dialled bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() != nil {
		_ = tcp.Close()
		return
	}
	r.numbers++
	c := newRouterConn(tcp)
	number := r.numbers
	r.conns[number] = c
	r.running.Go(c.write)
	r.running.Go(func() { r.read(number, c) })
	r.carryOut(r.node.Connected(r.now(), conformance.RouterConn{
		Number: number, Local: tcp.LocalAddr().String(), Remote: tcp.RemoteAddr().String(), Dialled: dialled, Unsent: c.unsent,
	}))
}

// read hands what arrives to the node.
func (r *realRouter) read(number int, c *routerConn) {
	defer c.done()
	buf := make([]byte, receiveBuffer)
	for {
		size, err := c.conn.Read(buf)
		if size > 0 {
			r.tell(func(now time.Duration) conformance.RouterOutput { return r.node.Receive(now, number, buf[:size]) })
		}
		if err != nil {
			r.tell(func(now time.Duration) conformance.RouterOutput {
				return r.node.End(now, number, errors.Is(err, io.EOF))
			})
			if !errors.Is(err, io.EOF) {
				c.reset()
			}
			return
		}
	}
}

// readSocket hands datagrams to the node. What one datagram has brought about ends nothing.
func (r *realRouter) readSocket() {
	buf := make([]byte, receiveBuffer)
	for r.ctx.Err() == nil {
		size, from, err := r.socket.ReadFromUDPAddrPort(buf)
		if err == nil {
			r.tell(func(now time.Duration) conformance.RouterOutput {
				return r.node.ReceiveFrom(now, from.String(), buf[:size])
			})
		}
	}
}

// expire calls the node at the times that it wants.
func (r *realRouter) expire() {
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.timer.C:
			r.tell(func(now time.Duration) conformance.RouterOutput {
				if at, ok := r.node.Wake(); !ok || at > now {
					return conformance.RouterOutput{}
				}
				return r.node.Expire(now)
			})
		}
	}
}

func (r *realRouter) now() time.Duration { return time.Since(r.began) }

// tell tells the node what happens, and carries out what it does.
func (r *realRouter) tell(event func(now time.Duration) conformance.RouterOutput) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ctx.Err() == nil {
		r.carryOut(event(r.now()))
	}
}

// carryOut does what the node does. mu is held.
func (r *realRouter) carryOut(out conformance.RouterOutput) {
	if out.Crash != "" {
		r.crash(&CrashError{Peer: r.name, Reason: out.Crash})
		return
	}
	for _, a := range out.Actions {
		r.act(a)
	}
	if at, ok := r.node.Wake(); ok {
		r.timer.Reset(max(at-r.now(), 0))
	}
}

func (r *realRouter) act(a conformance.RouterAction) {
	switch {
	case a.Dial != "" && a.Close:
		if cancel := r.dials[a.Dial]; cancel != nil {
			cancel()
		}
	case a.Dial != "":
		r.dial(a.Dial)
	case a.To != "":
		if to, err := net.ResolveUDPAddr("udp", a.To); err == nil { // "IP:port": nothing is looked up
			_, _ = r.socket.WriteToUDP(a.Data, to) // a datagram may be lost
		}
	case r.conns[a.Conn] != nil:
		c := r.conns[a.Conn]
		c.put(a.Data, a.Close)
		if a.Reset {
			c.reset()
		}
		if a.Close || a.Reset {
			delete(r.conns, a.Conn)
		}
	}
}

// dial makes a connection, and tells the node whether there is one.
func (r *realRouter) dial(to string) {
	ctx, cancel := context.WithCancel(r.ctx)
	r.dials[to] = cancel
	r.running.Go(func() {
		defer cancel()
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", to)
		r.mu.Lock()
		delete(r.dials, to)
		r.mu.Unlock()
		if tcp, ok := conn.(*net.TCPConn); ok && err == nil {
			r.open(tcp, true)
			return
		}
		if ctx.Err() == nil {
			r.tell(func(now time.Duration) conformance.RouterOutput { return r.node.Refused(now, to) })
		}
	})
}
