package ref

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A pump carries the messages of one port over a connection that is the port's alone: datagrams of one source; a channel on datagrams, which
// makes the port's a tunnelled one (CHAN-008); a stream whose peer keeps more than one channel on it (CHAN-011). One goroutine reads the
// connection, and waits while the port's queue is full, so that what is below may hold back or drop what comes.
type pump struct {
	conn    transport.Conn
	link    wire.Link
	answers answerer

	stop    context.CancelFunc
	running sync.WaitGroup
}

// newPump makes a port on a connection, which it owns.
func newPump(ch *channel.Channel, cfg Config, conn transport.Conn, link wire.Link) (*pump, *port) {
	m := &pump{conn: conn, link: link, answers: newAnswerer(conn)}
	p := newPort(ch, cfg, m)
	p.over, p.room = conn, make(chan struct{}, 1)
	return m, p
}

// openPort runs the handshake over a connection on datagrams. It owns conn.
func openPort(ctx context.Context, conn transport.Conn, cfg Config, role channel.Role) (*Conn, error) {
	setup := setupOver(conn, cfg, role)
	ch, err := newChannel(setup, cfg)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	m, p := newPump(ch, cfg, conn, wire.Link{Local: setup.Local, Remote: setup.Remote})
	m.run(p, newInbox(cfg), func() { p.start(ctx) })
	if err := p.opening(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("handshake: %w", err), p.Close())
	}
	return p.face(), nil
}

// continueOn goes on with an open channel over a connection on which it has turned out to be on datagrams. began is the start of its clock.
func continueOn(ch *channel.Channel, cfg Config, conn transport.Conn, in inbox, began time.Time) *Conn {
	m, p := newPump(ch, cfg, conn, ch.Link())
	p.began, p.limit = began, ch.Limit()
	close(p.opened)
	c := p.face()
	m.run(p, in, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.schedule() // an initiator may still repeat m3 (TRAN-014)
	})
	return c
}

// run starts the port, and reads for it from then on: a responder's m1 may be there.
func (m *pump) run(p *port, in inbox, start func()) {
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	start()
	m.running.Go(func() { m.read(ctx, p, &in) })
}

// read hands in what arrives until the connection or the port has ended.
func (m *pump) read(ctx context.Context, p *port, in *inbox) {
	defer in.release()
	for p.awaitRoom(ctx) {
		msg, err := in.receive(ctx, m.conn)
		if errors.Is(err, transport.ErrMessageTooLong) { // TRAN-011: dropped whole, and no harm done
			if err = in.skip(ctx, m.conn); err == nil {
				continue
			}
		}
		switch {
		case err == nil:
			p.deliver(ctx, m.link, msg)
		case ctx.Err() != nil:
			return
		default: // also when there is no memory (MEM-002)
			p.broken(err)
			return
		}
	}
}

// write implements carrier.
func (m *pump) write(ctx context.Context, _ *port, _ wire.Link, msgs [][]byte) error {
	return writeAll(ctx, m.conn, msgs)
}

// answer implements carrier.
func (m *pump) answer(ctx context.Context, _ wire.Link, msg []byte) { m.answers.send(ctx, msg) }

// handled implements carrier: nobody counts.
func (m *pump) handled(router.Reason) {}

// gone implements carrier.
func (m *pump) gone(*port) {
	m.stop()
	_ = m.conn.Close() // what ended the port says what matters
}

// wait implements carrier.
func (m *pump) wait() {
	m.running.Wait()
	m.answers.wait()
}
