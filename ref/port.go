package ref

import (
	"context"
	"sync"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A carrier takes the messages of ports to where they go. It may lose them, and does not block for long.
type carrier interface {
	// send sends messages over a link, in order.
	send(ctx context.Context, link wire.Link, msgs ...[]byte) error
	// handled tells what became of a message that was handed in.
	handled(err error)
	// gone tells that the port's channel has ended: nothing more is handed in. It is called once, without any lock of the port.
	gone(p *port)
	// wait returns when nothing is handed in any more, after gone. It is not called by what hands in.
	wait()
}

// A port is a channel on datagrams. Its carrier hands in what arrives, in a goroutine that serves others too, and a bounded queue holds it
// until it is read. What has to be repeated leaves by a timer, whether or not anybody reads or writes (TRAN-014).
type port struct {
	carrier carrier
	began   time.Time

	opened  chan struct{} // closed when the channel has opened
	ended   chan struct{} // closed when err is set
	arrived chan struct{} // holds a token when something may be in the queue
	closing sync.Once     // tells the carrier

	mu    sync.Mutex
	ch    *channel.Channel // guarded by mu
	queue queue            // guarded by mu
	err   error            // guarded by mu: what ended the channel; transport.ErrClosed after Close
	limit int              // guarded by mu: set when the channel opens
	timer *time.Timer      // guarded by mu: calls tick at the channel's Wake
	again []byte           // guarded by mu: scratch of tick

	reading sync.Mutex // guards the fields below
	waiting bool       // a message was taken from the queue and not read to its end
	current parcel
	rest    []byte // what is left of it

	out sealer
}

func newPort(ch *channel.Channel, cfg Config, c carrier) *port {
	return &port{
		carrier: c,
		began:   time.Now(),
		opened:  make(chan struct{}),
		ended:   make(chan struct{}),
		arrived: make(chan struct{}, 1),
		ch:      ch,
		queue:   queue{memory: cfg.Memory, limit: cfg.Queue},
		out:     newSealer(),
	}
}

// now is the time on the channel's clock.
func (p *port) now() channel.Instant { return channel.Instant(time.Since(p.began)) }

// start starts the handshake. An initiator's m1 leaves.
func (p *port) start(ctx context.Context) error {
	p.mu.Lock()
	out, err := p.ch.Start(p.now(), nil)
	link := p.ch.Link()
	p.schedule()
	p.mu.Unlock()
	if err != nil || len(out) == 0 {
		return err
	}
	return p.carrier.send(ctx, link, out)
}

// deliver hands in a message that arrived over a link. It is not kept.
func (p *port) deliver(ctx context.Context, link wire.Link, msg []byte) {
	out, to := p.handle(link, msg)
	if len(out) > 0 { // m2, m3, a pong
		_ = p.carrier.send(ctx, to, out) // what gets lost is repeated
	}
	p.settle()
}

// handle hands a message to the channel and returns the answer, if there is one, in a buffer of its own.
func (p *port) handle(link wire.Link, msg []byte) (answer []byte, to wire.Link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, wire.Link{}
	}
	buf, err := p.queue.buffer(len(msg))
	if err != nil {
		return nil, wire.Link{} // MEM-002: the message is lost, as datagrams are
	}
	out, event, err := p.ch.HandleFrom(p.now(), link, buf[:0], msg)
	p.carrier.handled(err)
	switch {
	case err != nil && p.ch.State() == channel.Failed:
		p.end(err)
	case event.Kind == channel.Delivered && p.queue.push(buf, event):
		buf = nil
		signal(p.arrived)
	case event.Kind == channel.Opened:
		p.limit = p.ch.Limit()
		close(p.opened)
	}
	if len(out) > 0 {
		answer = append([]byte(nil), out...)
	}
	p.queue.recycle(buf)
	p.schedule()
	return answer, event.Link
}

// schedule sets the timer to the channel's Wake. p.mu is held.
func (p *port) schedule() {
	at, ok := p.ch.Wake()
	switch {
	case !ok && p.timer == nil:
	case !ok:
		p.timer.Stop()
		p.timer = nil // an open channel at rest has none
	case p.timer == nil:
		p.timer = time.AfterFunc(time.Duration(at-p.now()), p.tick)
	default:
		p.timer.Reset(time.Duration(at - p.now()))
	}
}

// tick does what is due: the end of the handshake (NOISE-013) or a repeat (TRAN-014).
func (p *port) tick() {
	p.mu.Lock()
	out, err := p.ch.Tick(p.now(), p.again[:0])
	if err != nil {
		p.end(err)
	}
	p.schedule()
	link, msg := p.ch.Link(), append([]byte(nil), out...)
	p.mu.Unlock()
	if len(msg) > 0 {
		_ = p.carrier.send(context.Background(), link, msg) // what gets lost is repeated
	}
	p.settle()
}

// end records what ended the channel, the first cause. p.mu is held; settle follows without it.
func (p *port) end(err error) {
	if p.err == nil {
		p.err = err
		close(p.ended)
	}
}

// settle tells the carrier if the channel has ended.
func (p *port) settle() {
	select {
	case <-p.ended:
		p.closing.Do(func() { p.carrier.gone(p) })
	default:
	}
}

// cancel fails the channel: the owner of its handshake gave up, or the IO below ended.
func (p *port) cancel(cause error) {
	p.mu.Lock()
	if p.err == nil {
		p.ch.Cancel(cause)
		p.end(p.ch.Err())
		p.schedule()
	}
	p.mu.Unlock()
	p.settle()
}

// lost ends the port because what carried it is gone.
func (p *port) lost(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.ch.Cancel(err)
		p.end(err)
		p.schedule()
	}
}

// Close implements engine. Nothing is sent (CHAN-013).
func (p *port) Close() error {
	p.mu.Lock()
	p.end(transport.ErrClosed)
	p.err = transport.ErrClosed
	p.queue.release()
	err := p.ch.Close()
	p.schedule()
	p.mu.Unlock()
	p.settle()
	p.carrier.wait()
	p.reading.Lock()
	defer p.reading.Unlock()
	p.release()
	return err
}
