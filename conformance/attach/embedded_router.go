package attach

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/ref"
	"ockamtest/ref/wire"
)

// An embeddedRouter is the reference as a router, one node at a time, for one profile.
type embeddedRouter struct {
	profile string
	node    *ref.Node // nil before the first start
	ends    routerEnds
}

// start starts the node for a profile, if it does not run.
func (r *embeddedRouter) start(ctx context.Context, profileName string) error {
	if r.node != nil && r.profile == profileName {
		return nil
	}
	if err := r.close(); err != nil {
		return err
	}
	n, err := newRouter(ctx, profileName, "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.profile, r.node = profileName, n
	r.ends.at = map[conformance.Transport]string{}
	for _, a := range n.Addresses() {
		transport := conformance.TCP
		if a.Type() == wire.UDP {
			transport = conformance.UDP
		}
		r.ends.at[transport] = socketText(a)
	}
	return nil
}

// close ends the node.
func (r *embeddedRouter) close() error {
	if r.node == nil {
		return nil
	}
	err := r.node.Close()
	r.node = nil
	return err
}

// OpenEnd makes a link with the router.
func (p *embedded) OpenEnd(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Link, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := p.router.start(ctx, need.Profile); err != nil {
		return nil, fmt.Errorf("the reference as a router: %w", err)
	}
	return p.router.ends.open(ctx, need, end, startPatience)
}

// Listen makes a listener of the kit's.
func (p *embedded) Listen(ctx context.Context, need conformance.Need, end conformance.End) (conformance.Listener, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := p.router.start(ctx, need.Profile); err != nil {
		return nil, fmt.Errorf("the reference as a router: %w", err)
	}
	return p.router.ends.listen(ctx, need, end)
}
