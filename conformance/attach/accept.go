package attach

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ockamtest/conformance"
)

// dialBackPatience is how long an initiator is waited for, times Scale.
const dialBackPatience = 10 * time.Second

// An acceptPeer is an initiator that dials the kit, once per session, again and again. Over UDP, where nothing tells it that the kit has
// closed a session, it begins another one when it likes: at the latest when nothing more comes, and no later than its handshake may take.
// What begins a session there, packetAcceptor says.
type acceptPeer struct {
	cfg      Config
	arrivals *arrivals
	closed   bool
}

func newAcceptPeer(ctx context.Context, cfg Config) (*acceptPeer, error) {
	a, err := listenFor(ctx, cfg.Spec.transport(), cfg.Spec.Address, freshFor)
	if err != nil {
		return nil, fmt.Errorf("bind: %w", err)
	}
	if cfg.Listening != nil {
		cfg.Listening(a.address())
	}
	return &acceptPeer{cfg: cfg, arrivals: a}, nil
}

// Info describes the peer.
func (p *acceptPeer) Info() conformance.PeerInfo {
	return conformance.PeerInfo{
		Name: p.cfg.Spec.Text, Attachment: string(Accept),
		Roles: []conformance.Role{conformance.Initiator}, Transports: []conformance.Transport{p.cfg.Spec.transport()},
		Depths: conformance.MaxDepth, MaxConnections: p.cfg.MaxConnections,
	}
}

// Open waits for the peer to connect.
func (p *acceptPeer) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	wait := p.cfg.scaled(dialBackPatience)
	link, err := p.arrivals.next(ctx, need, wait, p.cfg.scaled(stallTimeout), nil)
	if errors.Is(err, errNobody) {
		return nil, fmt.Errorf("%w: no initiator has connected to %s within %s; it has to dial once per session, again and again",
			conformance.ErrUnreachable, p.arrivals.address(), wait)
	}
	if err != nil {
		return nil, fmt.Errorf("wait for an initiator: %w", err)
	}
	return link, nil
}

// Death returns nil: nobody sees the process that dials.
func (p *acceptPeer) Death() error { return nil }

// Close stops listening.
func (p *acceptPeer) Close() error {
	if p.closed {
		return nil
	}
	p.closed = true
	return p.arrivals.close()
}
