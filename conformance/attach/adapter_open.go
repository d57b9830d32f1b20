package attach

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/harness"
	"ockamtest/conformance/harness/refadapter"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// Open makes a session. What the adapter does not declare is a *conformance.Inapplicable.
func (p *adapterPeer) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	if err := p.lacks(need); err != nil {
		return nil, err
	}
	if err := p.ready(ctx, need); err != nil {
		return nil, err
	}
	link, err := p.attempt(ctx)
	if err != nil {
		return nil, err
	}
	return p.run.session(p.cfg, link, need), nil
}

// ready starts the adapter if none runs, and resets one that is in use for another need, or by an earlier session of an
// initiator.
func (p *adapterPeer) ready(ctx context.Context, need conformance.Need) error {
	p.collect()
	if p.adapter == nil {
		if err := p.start(ctx); err != nil {
			return err
		}
	}
	known, _ := profile.Lookup(need.Profile)
	if r := p.run; r != nil {
		if need == p.need && !p.anew() {
			return nil
		}
		p.release()
		if err := p.adapter.Client.Reset(ctx); err != nil {
			return p.refused(err)
		}
	}
	p.need = need
	r := &run{process: p.adapter.process, mortal: true}
	var err error
	if need.Role == conformance.Initiator {
		if _, err = r.listen(ctx, need.Transport, min(freshFor, p.cfg.HandshakeTimeout/4)); err != nil {
			return fmt.Errorf("bind: %w", err)
		}
	} else if r.address, err = p.listen(ctx, known); err != nil {
		return err
	}
	p.run = r
	return nil
}

// anew tells whether the next session begins after a reset: that of an initiator, and over UDP, where nothing tells that a session has ended,
// that of a responder which serves one connection at a time.
func (p *adapterPeer) anew() bool {
	alone := p.need.Role == conformance.Initiator || p.need.Transport == conformance.UDP && p.cfg.MaxConnections == 1
	return alone && p.run.links == 0
}

// listen lets the adapter listen and returns where it does.
func (p *adapterPeer) listen(ctx context.Context, known profile.Profile) (string, error) {
	on, err := parseAddress(p.need.Transport, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	m := harness.Listen{
		On: refadapter.FromAddress(on), Profile: known.Name, Static: p.static, Peer: p.pinned(), Address: p.listener(known), Deadline: p.deadline(),
		Buffer: p.need.Reading.Buffer, GiveUp: int(p.need.Reading.GiveUp.Milliseconds()),
	}
	at, err := p.adapter.Client.Listen(ctx, m)
	if err != nil {
		return "", p.refused(err)
	}
	address := refadapter.ToAddress(at)
	if at.Kind != m.On.Kind || at.Port == 0 {
		return "", fmt.Errorf("%w: the adapter listens at %s, and was told to do so on %s", conformance.ErrUnreachable, at, m.On)
	}
	return socketText(address), nil
}

// connect lets the adapter turn itself to the kit.
func (p *adapterPeer) connect(ctx context.Context) error {
	known, _ := profile.Lookup(p.need.Profile)
	to, err := parseAddress(p.need.Transport, p.run.arrivals.address())
	if err != nil {
		return err
	}
	m := harness.Connect{
		To: refadapter.FromAddress(to), Profile: known.Name, Static: p.static, Peer: p.pinned(), Service: p.service(known), Deadline: p.deadline(),
		Buffer: p.need.Reading.Buffer, GiveUp: int(p.need.Reading.GiveUp.Milliseconds()),
	}
	if way := p.way(known); len(way) > 0 {
		m.Route = refadapter.FromRoute(append(wire.Route{to}, way...))
	}
	if err := p.adapter.Client.Connect(ctx, m); err != nil {
		return p.refused(err)
	}
	return nil
}

// refused is the error of a request that failed. An adapter that does not answer is as good as dead, and started again.
func (p *adapterPeer) refused(err error) error {
	if errors.Is(err, harness.ErrNoAnswer) && !errors.Is(err, context.Canceled) {
		p.deaths = append(p.deaths, p.adapter.crash(err.Error()))
		p.drop()
	} else {
		p.collect()
	}
	return fmt.Errorf("%w: adapter: %w", conformance.ErrUnreachable, err)
}

// attempt gets a connection.
func (p *adapterPeer) attempt(ctx context.Context) (conformance.Link, error) {
	r := p.run
	switch {
	case p.need.Role == conformance.Initiator:
		return p.awaitInitiator(ctx)
	case p.need.Transport == conformance.UDP:
		return r.ports.open(r.address)
	}
	link, err := connect(ctx, p.cfg, r.address, pausePatience, r.process.done)
	if err == nil {
		return link, nil
	}
	if ctx.Err() == nil {
		r.suspect = true
	}
	return nil, err
}

// awaitInitiator lets the adapter connect, and waits for that.
func (p *adapterPeer) awaitInitiator(ctx context.Context) (conformance.Link, error) {
	if err := p.connect(ctx); err != nil {
		return nil, err
	}
	r, wait := p.run, p.cfg.patience(dialBackPatience)
	link, err := r.arrivals.next(ctx, p.need, wait, p.cfg.patience(stallTimeout), r.process.done)
	switch {
	case err == nil:
		return link, nil
	case errors.Is(err, errStopped):
		return nil, fmt.Errorf("%w: the adapter has ended", conformance.ErrUnreachable)
	case errors.Is(err, errNobody):
		return nil, fmt.Errorf("%w: the adapter was told to connect to %s, and has not done so within %s%s",
			conformance.ErrUnreachable, r.arrivals.address(), wait, indent(p.adapter.Log()))
	}
	return nil, fmt.Errorf("wait for the adapter to connect: %w", err)
}
