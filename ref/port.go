package ref

import (
	"context"
	"sync"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A carrier takes the messages of ports to where they go, and may lose them.
type carrier interface {
	// write sends messages of the application over a link, in order. It waits while there is no room for them, until ctx or the port ends.
	write(ctx context.Context, p *port, link wire.Link, msgs [][]byte) error
	// answer sends what the channel has to say by itself, and does not wait for long. It keeps msg.
	answer(ctx context.Context, link wire.Link, msg []byte)
	// handled tells what became of a message that was handed in, NotDropped if the channel took it.
	handled(why router.Reason)
	// gone tells that the port's channel has ended: nothing more is handed in. It is called once, without any lock of the port.
	gone(p *port)
	// wait returns when nothing is handed in any more, after gone. It is not called by what hands in.
	wait()
}

// A port is a channel on datagrams. Its carrier hands in what arrives, in a goroutine that may serve others too, and a bounded queue holds
// it until it is read. What has to be repeated leaves by an alarm, whether or not anybody reads or writes (TRAN-014).
type port struct {
	carrier carrier
	over    transport.Conn // what the carrier runs over, nil if that is a node's
	began   time.Time

	opened  chan struct{} // closed when the channel is open, and m3 has left
	ended   chan struct{} // closed when err is set
	arrived chan struct{} // holds a token when something may be in the queue
	room    chan struct{} // holds a token when something was taken from the queue; nil if the carrier does not wait for that
	closing sync.Once     // tells the carrier

	mu    sync.Mutex
	ch    *channel.Channel // guarded by mu
	queue queue            // guarded by mu
	err   error            // guarded by mu: what ended the channel; transport.ErrClosed after Close
	shut  bool             // guarded by mu: Close was called
	limit int              // guarded by mu: set when the channel opens
	alarm alarm            // guarded by mu: rings at the channel's Wake

	reading sync.Mutex // guards the fields below
	waiting bool       // a message was taken from the queue and not read to its end
	current parcel
	rest    []byte // what is left of it

	out sealer
}

func newPort(ch *channel.Channel, cfg Config, c carrier) *port {
	p := &port{
		carrier: c,
		began:   time.Now(),
		opened:  make(chan struct{}),
		ended:   make(chan struct{}),
		arrived: make(chan struct{}, 1),
		ch:      ch,
		queue:   queue{memory: cfg.Memory, limit: cfg.Queue},
		out:     newSealer(),
	}
	p.alarm.ring = p.tick
	return p
}

// face is the connection of a port whose channel has opened.
func (p *port) face() *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &Conn{engine: p, peerStatic: p.ch.PeerStatic(), binding: p.ch.ChannelBinding()}
}

// now is the time on the channel's clock.
func (p *port) now() channel.Instant { return channel.Instant(time.Since(p.began)) }

// start starts the handshake. An initiator's m1 leaves.
func (p *port) start(ctx context.Context) {
	p.mu.Lock()
	out, err := p.ch.Start(p.now(), nil)
	if err != nil {
		p.end(err)
	}
	link := p.ch.Link()
	p.schedule()
	p.mu.Unlock()
	if len(out) > 0 {
		if err := p.carrier.write(ctx, p, link, [][]byte{out}); err != nil {
			p.broken(err)
		}
	}
	p.settle()
}

// opening waits until the channel is open or the handshake has failed.
func (p *port) opening(ctx context.Context) error {
	select {
	case <-p.opened:
		return nil
	case <-p.ended:
	case <-ctx.Done():
		p.broken(context.Cause(ctx))
	}
	return p.cause()
}

// cause is what ended the port.
func (p *port) cause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// An outcome is what came of a message.
type outcome struct {
	why    router.Reason // NotDropped if the channel took it
	answer []byte        // in a buffer of its own, nil for none
	to     wire.Link
	opened bool
}

// deliver hands in a message that arrived over a link. It is not kept.
func (p *port) deliver(ctx context.Context, link wire.Link, msg []byte) {
	o := p.handle(link, msg)
	p.carrier.handled(o.why)
	if len(o.answer) > 0 { // m2, m3, a pong
		p.carrier.answer(ctx, o.to, o.answer)
	}
	if o.opened {
		close(p.opened) // not before m3 has left: a record that overtakes it is lost
	}
	p.settle()
}

// handle hands a message to the channel.
func (p *port) handle(link wire.Link, msg []byte) (o outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return outcome{why: router.UnknownAddress}
	}
	buf, err := p.queue.buffer(len(msg))
	if err != nil {
		return outcome{why: router.Busy} // MEM-002: the message is lost, as datagrams are
	}
	out, event, err := p.ch.HandleFrom(p.now(), link, buf[:0], msg)
	switch {
	case err != nil:
		if o.why = router.Rejected; p.ch.State() == channel.Failed {
			p.end(err)
		}
	case event.Kind == channel.Opened:
		o.opened, p.limit = true, p.ch.Limit()
	case event.Kind == channel.Delivered && p.queue.push(buf, event):
		buf = nil
		signal(p.arrived)
	case event.Kind == channel.Delivered:
		o.why = router.Busy
	}
	if len(out) > 0 {
		o.answer, o.to = append([]byte(nil), out...), event.Link
	}
	p.queue.recycle(buf)
	p.schedule()
	return o
}

// schedule sets the alarm to the channel's Wake. p.mu is held.
func (p *port) schedule() {
	if at, ok := p.ch.Wake(); ok {
		p.alarm.set(time.Duration(at - p.now()))
	} else {
		p.alarm.stop()
	}
}

// tick does what is due: the end of the handshake (NOISE-013) or a repeat (TRAN-014).
func (p *port) tick() {
	p.mu.Lock()
	out, err := p.ch.Tick(p.now(), nil)
	if err != nil {
		p.end(err)
	}
	p.schedule()
	link := p.ch.Link()
	p.mu.Unlock()
	if len(out) > 0 {
		p.carrier.answer(context.Background(), link, out)
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
	if isClosed(p.ended) {
		p.closing.Do(func() { p.carrier.gone(p) })
	}
}

// broken ends the channel: who waits for it to open has given up, or the IO below has ended. What has arrived can still be read.
func (p *port) broken(err error) {
	p.lost(err)
	p.settle()
}

// lost is broken whose caller knows that the port has ended. Once the channel was open the error is err itself, as on a stream (IO-003); that
// of a handshake tells the step (CHAN-007).
func (p *port) lost(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return
	}
	opened := p.ch.State() == channel.Open
	if p.ch.Cancel(err); !opened {
		err = p.ch.Err()
	}
	p.end(err)
	p.schedule()
}

// Close implements engine. Nothing is sent (CHAN-013).
func (p *port) Close() error {
	p.mu.Lock()
	p.end(transport.ErrClosed)
	p.err, p.shut = transport.ErrClosed, true
	p.queue.release()
	err := p.ch.Close()
	p.schedule()
	p.mu.Unlock()
	p.settle()
	p.alarm.wait()
	p.carrier.wait()
	p.reading.Lock()
	defer p.reading.Unlock()
	p.release()
	return err
}
