package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ockamtest/conformance"
)

// moreDoors is how long after its first listener a router is waited for to name the one of its other transport, times Scale.
const moreDoors = time.Second

// OpenEnd makes a link with the router that the command is.
func (p *execPeer) OpenEnd(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Link, error) {
	ends, err := p.routerEnds(ctx, need, endTransport(need, end))
	if err != nil {
		return nil, err
	}
	link, err := ends.open(ctx, need, end, pausePatience)
	if err != nil {
		if p.run.endsWithin(ctx, p.cfg.scaled(crashSettle)) {
			p.collect()
		}
		return nil, err
	}
	p.run.sessions++
	return &execEnd{Link: link, run: p.run, packets: endTransport(need, end) == conformance.UDP}, nil
}

// Listen makes a listener of the kit's.
func (p *execPeer) Listen(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Listener, error) {
	ends, err := p.routerEnds(ctx, need, need.Transport)
	if err != nil {
		return nil, err
	}
	return ends.listen(ctx, need, end)
}

// routerEnds are where the command listens as a router, over a transport at least. It is started if it does not run.
func (p *execPeer) routerEnds(ctx context.Context, need conformance.Need, transport conformance.Transport) (routerEnds, error) {
	ends := routerEnds{cfg: p.cfg}
	if p.closed {
		return ends, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return ends, err
	}
	if need != p.need {
		p.stop()
		p.need, p.barren = need, false
		p.watch.renew()
	}
	p.life = manySessions
	if p.run != nil && p.run.process.ended() {
		p.collect()
	}
	if p.run == nil {
		if err := p.start(ctx); err != nil {
			return ends, err
		}
	}
	var err error
	ends.at, err = p.awaitDoors(ctx, transport)
	return ends, err
}

// awaitDoors waits for the router to tell where it listens: for its first listener as long as any command is waited for, for another one,
// which it need not have, a moment.
func (p *execPeer) awaitDoors(ctx context.Context, transport conformance.Transport) (map[conformance.Transport]string, error) {
	started := time.Now()
	wait := p.cfg.scaled(startTimeout)
	for {
		all, more := p.run.process.doors.all(p.need.Transport)
		if _, ok := all[transport]; ok {
			return all, nil
		}
		if len(all) > 0 {
			wait = min(wait, time.Since(started)+p.cfg.scaled(moreDoors))
			if p.run.settled {
				return all, nil
			}
		}
		left := wait - time.Since(started)
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("start: %w", ctx.Err())
		case p.run.process.ended():
			last := p.run.process
			p.collect()
			return nil, fmt.Errorf("%w: the command ends: %s%s", conformance.ErrUnreachable, last.exit.text, indent(last.journal.tail()))
		case left <= 0 && len(all) > 0:
			p.run.settled = true
			return all, nil
		case left <= 0:
			tail := p.run.process.journal.tail()
			p.stop()
			return nil, fmt.Errorf(`%w: no line "listening HOST:PORT" on the command's stdout within %s; is stdout flushed?%s`,
				conformance.ErrUnreachable, wait, indent(tail))
		}
		p.awaitLine(ctx, left, more)
	}
}

// awaitLine waits for another line, for the end of the process, or for the time to pass.
func (p *execPeer) awaitLine(ctx context.Context, left time.Duration, more <-chan struct{}) {
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-more:
	case <-p.run.process.done:
	case <-ctx.Done():
	case <-timer.C:
	}
}

// An execEnd is a link with a router that tells its run what it sees of the process.
type execEnd struct {
	conformance.Link
	run     *run
	packets bool
}

// Receive is the link's.
func (l *execEnd) Receive(wait time.Duration) ([]byte, error) {
	var p []byte
	var err error
	if l.packets {
		p, err = l.run.receive(l.Link, wait, false)
	} else {
		p, err = l.Link.Receive(wait)
	}
	switch {
	case err == nil:
		l.run.suspect = false
	case errors.Is(err, conformance.ErrUnreachable):
		l.run.suspect = true
		err = l.run.explain(err)
	case errors.Is(err, conformance.ErrReset), errors.Is(err, io.EOF):
		l.run.suspect = true
	}
	return p, err
}
