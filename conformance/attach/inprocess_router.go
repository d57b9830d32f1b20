package attach

import (
	"context"
	"fmt"
	"slices"

	"ockamtest/conformance"
)

// An inProcessRouter is an inProcess whose program can be a router too. It runs one node at a time, as that does.
type inProcessRouter struct {
	inProcess
	router *virtualRouter // nil before the first start and after a crash
}

// Info describes the peer.
func (p *inProcessRouter) Info() conformance.PeerInfo {
	info := p.inProcess.Info()
	if p.program.Transports != nil {
		info.Transports = slices.Clone(p.program.Transports)
	}
	return info
}

// Open makes a link with the node in either role.
func (p *inProcessRouter) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if need.Role == conformance.Router {
		return p.OpenEnd(ctx, need, conformance.End{})
	}
	p.halt()
	return p.inProcess.Open(ctx, need)
}

// OpenEnd connects to the router's listener, or binds a socket beside its own.
func (p *inProcessRouter) OpenEnd(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Link, error) {
	r, err := p.running(ctx, need)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	switch transport := endTransport(need, end); transport {
	case conformance.UDP:
		return r.bind(r.port(end.Stranger)), nil
	case conformance.TCP, conformance.Mem:
		return r.connect(r.port(end.Stranger)), nil
	default:
		return nil, fmt.Errorf("%w: transport %s", ErrNeed, transport)
	}
}

// Listen makes a listener of the kit's.
func (p *inProcessRouter) Listen(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Listener, error) {
	r, err := p.running(ctx, need)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return r.listen(r.port(end.Stranger), end.Deaf), nil
}

// endTransport is what an end runs over.
func endTransport(need conformance.Need, end conformance.End) conformance.Transport {
	if end.Transport == "" {
		return need.Transport
	}
	return end.Transport
}

// running is the node for the need, started if none runs.
func (p *inProcessRouter) running(ctx context.Context, need conformance.Need) (*virtualRouter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	if !slices.Contains(p.program.Profiles, need.Profile) {
		return nil, fmt.Errorf("%w: %s speaks %v, not %s", ErrNeed, p.program.Name, p.program.Profiles, need.Profile)
	}
	p.mourn()
	if need != p.need {
		p.stop()
		p.halt()
	}
	if p.router == nil {
		p.need = need
		p.router = newVirtualRouter(p.program, need, p.seed+p.starts)
		p.starts++
	}
	return p.router, nil
}

// mourn removes a router that has crashed, if its crash was not told of yet.
func (p *inProcessRouter) mourn() {
	if p.router != nil && p.router.crash != "" {
		p.deaths = append(p.deaths, &CrashError{Peer: p.program.Name, Reason: p.router.crash})
		p.router = nil
	}
}

// Death tells of the crash of a node since the last call.
func (p *inProcessRouter) Death() error {
	p.mourn()
	return p.inProcess.Death()
}

// Close ends the node.
func (p *inProcessRouter) Close() error {
	p.halt()
	return p.inProcess.Close()
}

func (p *inProcessRouter) halt() {
	p.mourn()
	if p.router != nil {
		p.router.end()
		p.router = nil
	}
}
