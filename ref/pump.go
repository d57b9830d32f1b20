package ref

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ockamtest/ref/channel"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A pump carries the messages of one port over a connection that loses and reorders: datagrams of one source, or a channel on datagrams,
// which makes the port's a tunnelled one (CHAN-008). One goroutine reads the connection.
type pump struct {
	conn transport.Conn
	link wire.Link

	stop    context.CancelFunc
	running sync.WaitGroup
}

// openPort runs the handshake over a connection on datagrams. It owns conn.
func openPort(ctx context.Context, conn transport.Conn, cfg Config, role channel.Role) (*Conn, error) {
	setup := channel.Config{
		Role:         role,
		Profile:      cfg.Profile,
		Window:       cfg.Window,
		MessageLimit: conn.Limit(),
		Deadline:     channel.Instant(cfg.HandshakeTimeout),
	}
	if _, tunnelled := conn.(*Conn); !tunnelled { // ROUT-004: over any other IO both routes are empty
		setup.Local, setup.Remote = conn.LocalAddress(), conn.RemoteAddress()
	}
	ch, err := newChannel(setup, cfg)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	running, stop := context.WithCancel(context.Background())
	m := &pump{conn: conn, link: wire.Link{Local: setup.Local, Remote: setup.Remote}, stop: stop}
	p := newPort(ch, cfg, m)
	in := newInbox(cfg)
	if err = p.start(ctx); err == nil {
		m.running.Go(func() { m.read(running, p, &in) }) // not before: a responder's m1 may be there
		err = p.opening(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("handshake: %w", err), p.Close())
	}
	return newPortConn(p), nil
}

// read hands in what arrives until the connection or the port has ended.
func (m *pump) read(ctx context.Context, p *port, in *inbox) {
	defer in.release()
	for {
		msg, err := in.receive(ctx, m.conn)
		switch {
		case err == nil:
			p.deliver(ctx, m.link, msg)
		case ctx.Err() != nil:
			return
		default: // also when there is no memory (MEM-002)
			p.cancel(err)
			return
		}
	}
}

// send implements carrier.
func (m *pump) send(ctx context.Context, _ wire.Link, msgs ...[]byte) error {
	if len(msgs) == 1 {
		return m.conn.Write(ctx, msgs[0])
	}
	return transport.WriteBatch(ctx, m.conn, msgs)
}

// handled implements carrier: nobody counts.
func (m *pump) handled(error) {}

// gone implements carrier.
func (m *pump) gone(*port) {
	m.stop()
	_ = m.conn.Close() // what ended the port says what matters
}

// wait implements carrier.
func (m *pump) wait() { m.running.Wait() }

// opening waits until the channel is open or the handshake has failed.
func (p *port) opening(ctx context.Context) error {
	select {
	case <-p.opened:
		return nil
	case <-p.ended:
	case <-ctx.Done():
		p.cancel(context.Cause(ctx))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// newPortConn is the face of a port whose channel is open.
func newPortConn(p *port) *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &Conn{engine: p, peerStatic: p.ch.PeerStatic(), binding: p.ch.ChannelBinding()}
}
