package ref

import (
	"context"

	"ockamtest/ref/channel"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// ReadMessage implements engine.
func (p *port) ReadMessage(ctx context.Context, b []byte) (int, Routes, error) {
	p.reading.Lock()
	defer p.reading.Unlock()
	if err := ctx.Err(); err != nil && !p.closed() {
		return 0, Routes{}, err
	}
	for !p.waiting {
		if err := p.take(ctx); err != nil {
			return 0, Routes{}, err
		}
	}
	n := copy(b, p.rest)
	routes := p.current.routes
	if p.rest = p.rest[n:]; len(p.rest) > 0 {
		return n, routes, transport.ErrMoreData // IO-002
	}
	p.release()
	return n, routes, nil
}

// take takes the next message from the queue, or waits for what may bring one. What had arrived before the channel ended comes first.
func (p *port) take(ctx context.Context) error {
	p.mu.Lock()
	next, ok := p.queue.pop()
	err := p.err
	p.mu.Unlock()
	switch {
	case ok:
		p.waiting, p.current, p.rest = true, next, next.payload
		signal(p.room)
		return nil
	case err != nil:
		return err
	}
	select {
	case <-p.arrived:
	case <-p.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// awaitRoom waits until the queue is not full. It is false if ctx ends first.
func (p *port) awaitRoom(ctx context.Context) bool {
	for ctx.Err() == nil {
		p.mu.Lock()
		full := p.queue.full()
		p.mu.Unlock()
		if !full {
			return true
		}
		select {
		case <-p.room:
		case <-ctx.Done():
		}
	}
	return false
}

// release gives back the message that was being read. p.reading is held.
func (p *port) release() {
	p.mu.Lock()
	if p.shut {
		p.queue.memory.Release(p.current.buf)
	} else {
		p.queue.recycle(p.current.buf)
	}
	p.mu.Unlock()
	p.waiting, p.current, p.rest = false, parcel{}, nil
}

func (p *port) closed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shut
}

// WriteMessage implements engine. Nil does not tell that the message arrived.
func (p *port) WriteMessage(ctx context.Context, b []byte, routes Routes) error {
	if err := p.beginWrite(ctx); err != nil {
		return err
	}
	defer p.out.end(len(b))
	msg, err := p.out.one(p.seal, b, routes)
	if err != nil {
		return err
	}
	return p.carrier.write(ctx, p, p.link(), p.out.alone(msg))
}

// WriteBatch implements engine.
func (p *port) WriteBatch(ctx context.Context, bs [][]byte) error {
	if err := p.beginWrite(ctx); err != nil {
		return err
	}
	defer p.out.end(batchBytes)
	for len(bs) > 0 {
		msgs, n, refused := p.out.some(p.seal, bs)
		if err := p.carrier.write(ctx, p, p.link(), msgs); err != nil {
			return err
		}
		if refused != nil {
			return refused
		}
		bs = bs[n:]
	}
	return nil
}

func (p *port) beginWrite(ctx context.Context) error {
	if err := p.cause(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.out.begin(ctx)
}

// seal encrypts one message behind dst. On datagrams nothing that it meets is fatal (section 6).
func (p *port) seal(dst, b []byte, routes Routes) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	out, err := p.ch.WriteRouted(dst, b, routes.Onward, routes.Return)
	if err != nil {
		return nil, writeError(err)
	}
	return out, nil
}

func (p *port) link() wire.Link {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ch.Link()
}

// Limit implements engine.
func (p *port) Limit() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit
}

// onStream implements engine.
func (p *port) onStream() bool { return false }

// LocalAddress implements engine.
func (p *port) LocalAddress() wire.Address {
	if p.over != nil {
		return p.over.LocalAddress()
	}
	return p.link().Local
}

// RemoteAddress implements engine.
func (p *port) RemoteAddress() wire.Address {
	if p.over != nil {
		return p.over.RemoteAddress()
	}
	return p.link().Remote
}

// copyRoutes copies the inner routes of an event, which are the channel's.
func copyRoutes(event channel.Event) Routes {
	return Routes{append(wire.Route(nil), event.Onward...), append(wire.Route(nil), event.Return...)}
}

// signal puts a token into a channel that holds one, unless it is there.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
