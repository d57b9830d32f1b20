package attach

import (
	"context"
	"slices"

	"ockamtest/conformance"
)

// A dialRouter is a router that listens at one address, or at one for each transport. It may be a responder, too.
type dialRouter struct {
	*dialPeer
	ends routerEnds
}

func newDialRouter(cfg Config) *dialRouter {
	at := map[conformance.Transport]string{conformance.TCP: cfg.Spec.Address}
	if cfg.Spec.Packets != "" {
		at[conformance.UDP] = cfg.Spec.Packets
	}
	return &dialRouter{dialPeer: newDialPeer(cfg), ends: routerEnds{cfg, at}}
}

// Info describes the peer.
func (p *dialRouter) Info() conformance.PeerInfo {
	info := p.dialPeer.Info()
	info.Roles = slices.DeleteFunc(slices.Clone(p.cfg.Roles), func(r conformance.Role) bool { return r == conformance.Initiator })
	if len(info.Roles) == 0 {
		info.Roles = []conformance.Role{conformance.Router}
	}
	if p.cfg.Spec.Packets != "" && !slices.Contains(info.Transports, conformance.UDP) {
		info.Transports = append(info.Transports, conformance.UDP)
	}
	return info
}

// Open makes a link with the router's listener, or with the responder that it is as well.
func (p *dialRouter) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if need.Role == conformance.Router {
		return p.OpenEnd(ctx, need, conformance.End{})
	}
	return p.dialPeer.Open(ctx, need)
}

// OpenEnd makes a link with the router.
func (p *dialRouter) OpenEnd(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Link, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	patience := startPatience
	if p.reached {
		patience = pausePatience
	}
	link, err := p.ends.open(ctx, need, end, patience)
	p.reached = p.reached || err == nil
	return link, err
}

// Listen makes a listener of the kit's.
func (p *dialRouter) Listen(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Listener, error) {
	if p.closed {
		return nil, ErrClosed
	}
	return p.ends.listen(ctx, need, end)
}
