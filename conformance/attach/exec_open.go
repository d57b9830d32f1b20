package attach

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
)

// How long a command is waited for, all times Scale.
const (
	startTimeout = 10 * time.Second // for the "listening" line
	// lifeSettle is how long after the first session its process may take to end, if it serves only one. Programs built with a
	// sanitizer take a second for it.
	lifeSettle = 2 * time.Second
	// exitTimeout is the same for a command that is known to serve one session each time.
	exitTimeout = 5 * time.Second
	// crashSettle passes at most between the end of a link and that of the process whose crash ended it.
	crashSettle = 50 * time.Millisecond
	// firstRestartPause doubles with each further start in one Open.
	firstRestartPause = 100 * time.Millisecond
	// maxStarts is how often one Open starts a command that does not get to a session.
	maxStarts = 3
)

// errEnded: the process ended before it had a session.
var errEnded = errors.New("attach: process has ended")

// Open makes a session with the running process, or with a new one if it has ended or if the need is another.
func (p *execPeer) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	if need.Role == conformance.Router {
		return p.OpenEnd(ctx, need, conformance.End{})
	}
	if need != p.need {
		p.stop()
		p.need, p.life, p.barren, p.launched = need, unknownLife, false, false
		p.watch.renew()
	}
	p.settle(ctx)
	if need.Transport == conformance.UDP && p.run != nil && p.run.sessions > 0 && p.anew() {
		if p.run.links > 0 && need.Role == conformance.Responder {
			return nil, fmt.Errorf("%w: the command serves one session and has one", conformance.ErrUnreachable)
		}
		p.stop()
	}
	if p.run != nil && p.run.links > 0 && p.life == oneSession {
		return nil, fmt.Errorf("%w: the command serves one session and has one", conformance.ErrUnreachable)
	}
	return p.begin(ctx, need)
}

// begin begins a session, and starts the command for that if no process runs. A command that ends without a session is started again, but
// never without end: each Open starts it at most maxStarts times, with pauses.
func (p *execPeer) begin(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	allowed := maxStarts
	if p.barren { // it failed before: try, but do not insist
		allowed = 1
	}
	for starts := 0; ; {
		if p.run == nil {
			if starts > 0 && stopped(ctx, firstRestartPause<<(starts-1), nil) {
				return nil, fmt.Errorf("start: %w", ctx.Err())
			}
			starts++
			if err := p.start(ctx); err != nil {
				return nil, err
			}
		}
		link, err := p.attempt(ctx)
		if err == nil {
			p.barren = false
			return p.run.session(p.cfg, link, need), nil
		}
		if !errors.Is(err, errEnded) {
			return nil, err
		}
		last := p.run.process
		p.collect()
		if starts >= allowed {
			p.barren = true
			return nil, fmt.Errorf("%w: the command ends without a session (starts: %d): %s%s",
				conformance.ErrUnreachable, starts, last.exit.text, indent(last.journal.tail()))
		}
	}
}

// anew tells whether each session over UDP gets a process of its own, as nothing tells the command that the kit has closed one: an
// initiator, and a responder that serves one connection at a time.
func (p *execPeer) anew() bool {
	return p.need.Role == conformance.Initiator || p.cfg.MaxConnections == 1
}

// settle waits for the process to end if it serves one session only, so that the next session does not knock at a door that is about to be
// shut: a connection that it would never serve.
func (p *execPeer) settle(ctx context.Context) {
	r := p.run
	if r == nil {
		return
	}
	if p.need.Role == conformance.Responder && p.need.Transport != conformance.UDP && r.links == 0 && r.sessions > 0 {
		idle := time.Since(r.idleSince)
		switch p.life {
		case unknownLife:
			if !r.endsWithin(ctx, p.cfg.scaled(lifeSettle)-idle) && ctx.Err() == nil {
				p.life = manySessions
			}
		case oneSession:
			if !r.endsWithin(ctx, p.cfg.scaled(exitTimeout)-idle) && ctx.Err() == nil {
				p.life = manySessions // or it hangs
				p.stop()
				return
			}
		case manySessions:
		}
	}
	if r.process.ended() {
		p.collect()
	}
}

// start starts the command for the need.
func (p *execPeer) start(ctx context.Context) error {
	r := &run{}
	address := "127.0.0.1:0"
	if p.need.Role == conformance.Initiator {
		var err error
		if address, err = r.listen(ctx, p.need.Transport, min(freshFor, p.cfg.HandshakeTimeout/4)); err != nil {
			return fmt.Errorf("bind: %w", err)
		}
	}
	if p.cfg.ByHand != nil {
		return p.startByHand(r, address)
	}
	words, err := p.command(address)
	if err == nil {
		if r.process, err = startProcess(words); err == nil {
			p.run = r
			return nil
		}
		err = fmt.Errorf("%w: cannot start %q: %s", conformance.ErrUnreachable, words[0], startHint(err))
	}
	r.release()
	return err
}

// attempt gets a connection from the running process. It fails with errEnded if that ends first.
func (p *execPeer) attempt(ctx context.Context) (conformance.Link, error) {
	if p.cfg.ByHand != nil {
		return p.attemptByHand(ctx)
	}
	if p.need.Role == conformance.Initiator {
		return p.awaitInitiator(ctx)
	}
	if err := p.awaitListening(ctx); err != nil {
		return nil, err
	}
	if p.need.Transport == conformance.UDP {
		return p.run.ports.open(p.run.address)
	}
	link, err := connect(ctx, p.cfg, p.run.address, pausePatience, p.run.process.done)
	if err == nil {
		return link, nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	if p.run.endsWithin(ctx, p.cfg.scaled(crashSettle)) {
		return nil, errEnded
	}
	return nil, fmt.Errorf("%w%s", err, indent(p.run.process.journal.tail()))
}

// awaitListening waits for a responder to tell where it listens.
func (p *execPeer) awaitListening(ctx context.Context) error {
	if p.run.address != "" {
		return nil
	}
	wait := p.cfg.scaled(startTimeout)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case p.run.address = <-p.run.process.ready:
		return nil
	case <-p.run.process.done:
		return errEnded
	case <-ctx.Done():
		return fmt.Errorf("start: %w", ctx.Err())
	case <-timer.C:
		tail := p.run.process.journal.tail()
		p.stop()
		return fmt.Errorf(`%w: no line "listening HOST:PORT" on the command's stdout within %s; is stdout flushed?%s`,
			conformance.ErrUnreachable, wait, indent(tail))
	}
}

// awaitInitiator waits for an initiator to connect.
func (p *execPeer) awaitInitiator(ctx context.Context) (conformance.Link, error) {
	wait := p.cfg.scaled(dialBackPatience)
	link, err := p.run.arrivals.next(ctx, p.need, wait, p.cfg.scaled(stallTimeout), p.run.process.done)
	switch {
	case err == nil:
		return link, nil
	case errors.Is(err, errStopped):
		return nil, errEnded
	case errors.Is(err, errNobody):
		address, tail := p.run.arrivals.address(), p.run.process.journal.tail()
		if p.run.links == 0 {
			if p.run.sessions > 1 { // it has connected again and again
				p.mourn(p.run, fmt.Sprintf("it lives, and has not connected again within %s; it was ended", wait))
			}
			p.stop() // whatever it waits for, a new one will not
		}
		return nil, fmt.Errorf("%w: the command has not connected to %s within %s%s",
			conformance.ErrUnreachable, address, wait, indent(tail))
	}
	return nil, fmt.Errorf("wait for the command to connect: %w", err)
}
