package attach

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// Serve runs the reference with the echo contract over TCP, or with the router contract, until ctx ends: package ref as applications use
// it. A responder listens and serves any number of channels at once, an initiator dials once per session, again and again, and a router
// forwards between a TCP listener and a UDP socket. It returns nil when ctx has ended,
// and by then every connection is closed and every goroutine has ended. It draws its randomness from the system: Seed has no effect.
func Serve(ctx context.Context, cfg ServeConfig) (err error) {
	if cfg.Role == conformance.Router {
		return serveRouter(ctx, cfg)
	}
	if cfg.Transport == "" {
		cfg.Transport = conformance.TCP
	}
	n, err := newEchoNode(cfg.Profile, 0, cfg.log())
	if err != nil {
		return err
	}
	n.depth, n.way = cfg.Depth, cfg.Route
	defer func() { err = errors.Join(err, n.vault.Close()) }()
	switch cfg.Role {
	case conformance.Responder:
		return n.serveAt(ctx, cfg)
	case conformance.Initiator:
		return n.initiateAgain(ctx, cfg)
	default:
		return fmt.Errorf("%w: role %s", ErrNeed, cfg.Role)
	}
}

func (n *echoNode) serveAt(ctx context.Context, cfg ServeConfig) error {
	l, err := n.listen(ctx, cfg.Transport, cfg.Address)
	if err != nil {
		return err
	}
	if cfg.Listening != nil {
		cfg.Listening(l.socket())
	}
	var channels sync.WaitGroup
	err = n.serve(ctx, l, channels.Go)
	closed := l.Close()
	channels.Wait()
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, closed)
}

func (n *echoNode) initiateAgain(ctx context.Context, cfg ServeConfig) error {
	if err := checkAddress(cfg.Address, false); err != nil {
		return fmt.Errorf("%w: address: %w", ErrConfig, err)
	}
	at, err := parseAddress(cfg.Transport, cfg.Address)
	if err != nil {
		return err
	}
	if cfg.Transport == conformance.UDP {
		return n.initiateBeside(ctx, at)
	}
	for pause := redialPause; ctx.Err() == nil; stopped(ctx, pause, nil) {
		if err := n.initiate(ctx, at, nil); err != nil {
			n.log.Info("no channel", "with", at, "err", err)
			pause = min(2*pause, longestRedialPause)
			continue
		}
		pause = redialPause
	}
	return nil
}

// initiateBeside begins sessions over UDP.
func (n *echoNode) initiateBeside(ctx context.Context, at wire.Address) error {
	return beginSessions(ctx, func(session context.Context, run func(func())) (<-chan struct{}, error) {
		opened := make(chan struct{})
		run(func() {
			if err := n.initiate(session, at, func() { close(opened) }); err != nil {
				n.log.Info("no channel", "with", at, "err", err)
			}
		})
		return opened, nil
	})
}

// socketText is "IP:port" of a transport address.
func socketText(a wire.Address) string { return a.String()[len("tcp://"):] }
