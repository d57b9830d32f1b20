package attach

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/ref"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// newRouter makes the reference's node with its real shell, as a router of the contract: with a TCP listener and a UDP socket at
// HOST:PORT, as the profile has them.
func newRouter(ctx context.Context, profileName, address string) (*ref.Node, error) {
	p, ok := profile.Lookup(profileName)
	if !ok || !p.Routes {
		return nil, fmt.Errorf("%w: a router in profile %s", ErrNeed, profileName)
	}
	cfg := ref.NodeConfig{Profile: p, Forward: kitOnly}
	for _, t := range p.Transports {
		scheme := "udp://"
		if t == profile.TCP {
			scheme = "tcp://"
		}
		at, err := wire.ParseAddressString(scheme + address)
		if err != nil {
			return nil, fmt.Errorf("%w: address: %w", ErrConfig, err)
		}
		cfg.Addresses = append(cfg.Addresses, at)
	}
	n, err := ref.NewNode(ctx, cfg)
	switch {
	case errors.Is(err, ref.ErrConfig): // such as a profile of end points
		return nil, fmt.Errorf("%w: %w", ErrNeed, err)
	case err != nil:
		return nil, fmt.Errorf("bind: %w", err)
	}
	return n, nil
}

// serveRouter runs the reference as a router until ctx ends.
func serveRouter(ctx context.Context, cfg ServeConfig) error {
	n, err := newRouter(ctx, cfg.Profile, cfg.Address)
	if err != nil {
		return err
	}
	if cfg.Listening != nil {
		for _, at := range n.Addresses() {
			cfg.Listening(at.String())
		}
	}
	<-ctx.Done()
	counters := n.Counters()
	cfg.log().Info("router ends", "received", counters.Received, "forwarded", counters.Forwarded, "dropped", counters.AllDropped())
	return n.Close()
}
