package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ockamtest/ref/wire"
)

// ErrGaveWay tells that the connection ended because there were too many, and its source had been idle for longest (TRAN-021).
var ErrGaveWay = errors.New("transport: idle source gave way")

// Bounds of Sources unless told otherwise.
const (
	DefaultWaiting        = 128
	DefaultServed         = 4096
	DefaultSourceMessages = 256
	DefaultSourceBytes    = 128 << 10
)

// A SourcesConfig bounds what Sources holds, in all (Waiting + Served) x Bytes. Its zero value is the defaults.
type SourcesConfig struct {
	// Waiting is how many sources wait to be accepted at most; then the oldest gives way. 0 means DefaultWaiting.
	Waiting int
	// Served is how many accepted connections are open at most; then the one that was idle for longest, in both directions, ends with
	// ErrGaveWay. 0 means DefaultServed.
	Served int
	// Messages and Bytes bound what a source has sent and nobody has read; more is dropped. Two bytes are added to each message; one
	// of the longest always fits. 0 means DefaultSourceMessages and DefaultSourceBytes.
	Messages, Bytes int
}

func (cfg SourcesConfig) withDefaults() SourcesConfig {
	cfg.Waiting = orDefault(cfg.Waiting, DefaultWaiting)
	cfg.Served = orDefault(cfg.Served, DefaultServed)
	cfg.Messages = orDefault(cfg.Messages, DefaultSourceMessages)
	cfg.Bytes = orDefault(cfg.Bytes, DefaultSourceBytes)
	return cfg
}

func orDefault(v, byDefault int) int {
	if v <= 0 {
		return byDefault
	}
	return v
}

// Sources makes a Listener of a PacketConn, which it owns: a datagram from a source not yet served makes a connection, and is the first
// message read from it (TRAN-021). Each source has its own queue, so that none keeps others from being served (TRAN-012, TRAN-023);
// what comes in while a queue is full is dropped. A source whose connection was closed is a new one when it sends again. Sources to
// which nothing may be sent (WIRE-013) are ignored.
//
// Close stops accepting and forgets the sources that wait. The socket is closed with the listener and the last connection. Until then one
// goroutine reads it.
func Sources(pc PacketConn, cfg SourcesConfig) Listener {
	s := &sources{
		pc:      pc,
		cfg:     cfg.withDefaults(),
		arrived: make(chan struct{}, 1),
		closed:  make(chan struct{}),
		done:    make(chan struct{}),
		known:   map[wire.Address]*source{},
	}
	go s.receive()
	return s
}

type sources struct {
	pc  PacketConn
	cfg SourcesConfig

	arrived chan struct{} // holds a token when a source waits
	closed  chan struct{} // closed: no more accepting
	done    chan struct{} // closed: the goroutine has ended

	mu      sync.Mutex // before that of a source, if both are held
	known   map[wire.Address]*source
	waiting order // oldest in front
	served  order // idle for longest in front
	err     error // what ended the socket
}

// receive hands each datagram to its source, until the socket ends.
func (s *sources) receive() {
	defer close(s.done)
	buf := make([]byte, s.pc.Limit())
	for {
		n, from, err := s.pc.ReadFrom(context.Background(), buf)
		if err != nil {
			s.fail(err)
			return
		}
		if c := s.find(from); c != nil {
			c.push(buf[:n])
		}
	}
}

// find returns the source of an address. A new one has to wait; nil if it may not.
func (s *sources) find(from wire.Address) *source {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.known[from]; c != nil {
		s.used(c)
		return c
	}
	if isClosed(s.closed) || !from.Sendable() {
		return nil
	}
	if s.waiting.len == s.cfg.Waiting {
		s.forget(s.waiting.front)
	}
	c := newSource(s, from)
	s.known[from] = c
	s.waiting.add(c)
	s.announce()
	return c
}

// used takes note that a source is not idle. The caller holds mu.
func (s *sources) used(c *source) {
	if c.in == &s.served {
		s.served.remove(c)
		s.served.add(c)
	}
}

// announce wakes one Accept. The caller holds mu.
func (s *sources) announce() {
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

// forget removes a source that is known. The caller holds mu.
func (s *sources) forget(c *source) {
	delete(s.known, c.remote)
	c.in.remove(c)
}

// fail ends every connection.
func (s *sources) fail(err error) {
	if !errors.Is(err, ErrClosed) {
		err = fmt.Errorf("sources: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	for _, c := range s.known {
		s.forget(c)
		c.end(err)
	}
}

// Accept implements Listener. It is safe for concurrent use.
func (s *sources) Accept(ctx context.Context) (Conn, error) {
	for {
		if isClosed(s.closed) {
			return nil, ErrClosed
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c, err := s.accept(); c != nil || err != nil {
			return c, err
		}
		select {
		case <-s.arrived:
		case <-s.closed:
		case <-s.done:
		case <-ctx.Done():
		}
	}
}

// accept serves the source that has waited longest, if any.
func (s *sources) accept() (Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	c := s.waiting.front
	if c == nil {
		return nil, nil
	}
	s.waiting.remove(c)
	if s.waiting.len > 0 {
		s.announce() // a token for several
	}
	if s.served.len == s.cfg.Served {
		idle := s.served.front
		s.forget(idle)
		idle.end(ErrGaveWay)
	}
	s.served.add(c)
	return c, nil
}

// Address implements Listener.
func (s *sources) Address() wire.Address { return s.pc.LocalAddress() }

// Close implements Listener.
func (s *sources) Close() error {
	s.mu.Lock()
	if !isClosed(s.closed) {
		close(s.closed)
	}
	for s.waiting.front != nil {
		s.forget(s.waiting.front)
	}
	s.mu.Unlock()
	return s.release()
}

// leave forgets a source, if it is known.
func (s *sources) leave(c *source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.in != nil {
		s.forget(c)
	}
}

// release closes the socket when nobody uses it any more.
func (s *sources) release() error {
	s.mu.Lock()
	unused := isClosed(s.closed) && s.served.len == 0
	s.mu.Unlock()
	if !unused {
		return nil
	}
	err := s.pc.Close()
	<-s.done
	return err
}
