package ref

import (
	"context"
	"errors"
	"sync"

	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// errTaken is the error of a handshake whose connection was taken over.
var errTaken = errors.New("ref: connection is shared")

// A taker takes over a connection and its first message.
type taker func(conn transport.Conn, first []byte)

// shares reports whether a message is an m1 whose sender may have more than one channel on the connection: it has given a local address, or
// there is a hop between (CHAN-010, CHAN-011).
func shares(p *profile.Profile, msg []byte) bool {
	var m wire.Message
	if !p.Routes || m.Parse(wire.Dialect(p.HandshakeEnvelope()), msg) != nil || m.Type != wire.M1 {
		return false
	}
	further := m.Return
	if len(further) > 0 && further[0].Type() == wire.TCP { // ROUT-003: it is the source
		further = further[1:]
	}
	return len(further) > 0
}

// sharedConns is the node behind a listener for connections that carry more than one channel: those of other nodes. There is none before the
// first of them.
type sharedConns struct {
	mu       sync.Mutex
	node     *Node     // guarded by mu
	accepter *accepter // guarded by mu
}

// share hands a connection with its first message to the node.
func (l *connListener) share(conn transport.Conn, first []byte) {
	s := &l.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node == nil {
		if err := s.start(l.cfg); err != nil {
			_ = conn.Close()
			l.cfg.failed(conn.RemoteAddress(), err)
			return
		}
		a := s.accepter
		l.gate.Go(func(ctx context.Context) {
			for c, err := a.Accept(ctx); err == nil; c, err = a.Accept(ctx) {
				l.gate.HandOver(c)
			}
		})
	}
	s.node.accept(conn, first)
}

// start makes the node. s.mu is held.
func (s *sharedConns) start(cfg ListenConfig) error {
	n, err := NewNode(context.Background(), NodeConfig{
		Profile: cfg.Profile,
		Dial: func(context.Context, wire.Address) (transport.Conn, error) {
			return nil, errNoWayBack
		},
	})
	if err != nil {
		return err
	}
	a, err := n.listenPrivate(cfg)
	if err != nil {
		return errors.Join(err, n.Close())
	}
	s.node, s.accepter = n, a
	return nil
}

// errNoWayBack: a listener makes no connections to those that have connected to it.
var errNoWayBack = errors.New("ref: the connection has ended")

// close stops accepting. The node closes with its last channel.
func (s *sharedConns) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accepter == nil {
		return nil
	}
	return s.accepter.Close()
}
