package attach

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/ref"
	"ockamtest/ref/wire"
)

// An echoListener is a listener of the reference, with the node under it if it has a local address.
type echoListener struct {
	*ref.Listener
	node *ref.Node // nil if the listener is its own
}

// listen listens at HOST:PORT.
func (n *echoNode) listen(ctx context.Context, over conformance.Transport, address string) (*echoListener, error) {
	at, err := parseAddress(over, address)
	if err != nil {
		return nil, err
	}
	cfg := ref.ListenConfig{Config: n.cfg, Failed: func(remote wire.Address, err error) {
		n.log.Info("handshake failed", "from", remote, "err", err)
	}}
	l := &echoListener{}
	if address := n.listener(); address != (wire.Address{}) {
		l, err = listenAtNode(ctx, at, address, cfg)
	} else {
		l.Listener, err = ref.Listen(ctx, at, cfg)
	}
	switch {
	case errors.Is(err, ref.ErrConfig): // such as a profile that does not run over the transport
		return nil, fmt.Errorf("%w: %w", ErrNeed, err)
	case err != nil:
		return nil, fmt.Errorf("bind: %w", err)
	}
	return l, nil
}

// listenAtNode listens at a local address of a node.
func listenAtNode(ctx context.Context, at, address wire.Address, cfg ref.ListenConfig) (*echoListener, error) {
	node, err := ref.NewNode(ctx, ref.NodeConfig{Profile: cfg.Profile, Addresses: []wire.Address{at}, UDP: cfg.UDP})
	if err != nil {
		return nil, err
	}
	l, err := node.Listen(address, cfg)
	if err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return &echoListener{Listener: l, node: node}, nil
}

// socket is "IP:port" of the socket below.
func (l *echoListener) socket() string {
	if l.node != nil {
		return socketText(l.node.Addresses()[0])
	}
	return socketText(l.Address())
}

// Close stops listening.
func (l *echoListener) Close() error {
	err := l.Listener.Close()
	if l.node != nil {
		err = errors.Join(err, l.node.Close())
	}
	return err
}
