package attach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref"
)

// defaultEmbeddedTimeout is short, so that a run that waits for the deadline is not long.
const defaultEmbeddedTimeout = time.Second

// An EmbeddedConfig configures EmbeddedReference. Its zero value is the default.
type EmbeddedConfig struct {
	// HandshakeTimeout is the reference's handshake deadline (NOISE-013); 0 means 1 s.
	HandshakeTimeout time.Duration
	// RepeatAfter is when it repeats a handshake message over UDP for the first time (TRAN-014); 0 means half a second.
	RepeatAfter time.Duration
	// KitKey is the kit's static public key in each profile, the only one that the reference accepts then (NOISE-011); nil means any.
	KitKey map[string][]byte
	// Log gets a line for each channel; nil is silent.
	Log *slog.Logger
}

// EmbeddedReference attaches the reference, package ref as applications use it, over real sockets on loopback: a responder listens and
// echoes; an initiator dials the kit whenever a session is wanted, sends one payload, and echoes; a router forwards between a TCP listener
// and a UDP socket.
func EmbeddedReference(_ context.Context, cfg EmbeddedConfig) (conformance.Peer, error) {
	if cfg.HandshakeTimeout < 0 || cfg.HandshakeTimeout > ref.MaxHandshakeTimeout {
		return nil, fmt.Errorf("%w: handshake timeout out of range", ErrConfig)
	}
	if cfg.HandshakeTimeout == 0 {
		cfg.HandshakeTimeout = defaultEmbeddedTimeout
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	p := &embedded{cfg: cfg, nodes: map[conformance.Need]*embeddedNode{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// An embedded is the reference as a peer. It has a node for each need.
type embedded struct {
	cfg    EmbeddedConfig
	nodes  map[conformance.Need]*embeddedNode
	router embeddedRouter
	seen   *referenceInsight // nil until it is asked for
	ctx    context.Context   // of everything that runs
	cancel context.CancelFunc
	closed bool
}

// An embeddedNode is a responder that listens, or an initiator and where it dials.
type embeddedNode struct {
	echo     *echoNode
	listener *echoListener
	ports    portKeeper
	arrivals *arrivals
	running  sync.WaitGroup
}

// Info describes the peer.
func (p *embedded) Info() conformance.PeerInfo {
	return conformance.PeerInfo{
		Name: "reference", Attachment: "reference",
		Roles:      []conformance.Role{conformance.Responder, conformance.Initiator, conformance.Router},
		Transports: []conformance.Transport{conformance.TCP, conformance.UDP},
		Depths:     conformance.MaxDepth, HandshakeDeadline: p.cfg.HandshakeTimeout,
		Pinned: p.cfg.KitKey != nil, Reading: true,
	}
}

// Open makes a session.
func (p *embedded) Open(ctx context.Context, need conformance.Need) (conformance.Link, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if err := checkNeed(p.Info(), need); err != nil {
		return nil, err
	}
	if need.Role == conformance.Router {
		return p.OpenEnd(ctx, need, conformance.End{})
	}
	n := p.nodes[need]
	if n == nil {
		var err error
		if n, err = p.start(ctx, need); err != nil {
			return nil, err
		}
		p.nodes[need] = n
	}
	switch {
	case n.listener == nil:
		return n.dialBack(ctx, p.ctx, need)
	case need.Transport == conformance.UDP:
		return n.ports.open(n.listener.socket())
	default:
		link, err := connect(ctx, Config{}, n.listener.socket(), startPatience, nil)
		if err != nil {
			return nil, err
		}
		return link, nil
	}
}

func (p *embedded) start(ctx context.Context, need conformance.Need) (n *embeddedNode, err error) {
	n = &embeddedNode{}
	if n.echo, err = newEchoNode(need.Profile, p.cfg.HandshakeTimeout, p.cfg.Log); err != nil {
		return nil, err
	}
	n.echo.cfg.RepeatAfter, n.echo.depth = p.cfg.RepeatAfter, need.Depth
	n.echo.reading = need.Reading
	if p.cfg.KitKey != nil {
		n.echo.cfg.Policy = ref.ExactKey(p.cfg.KitKey[need.Profile])
	}
	const address = "127.0.0.1:0"
	if need.Role == conformance.Responder {
		if n.listener, err = n.echo.listen(ctx, need.Transport, address); err == nil {
			n.running.Go(func() { _ = n.echo.serve(p.ctx, n.listener, n.running.Go) }) // it ends when the peer is closed
		}
	} else {
		n.arrivals, err = listenFor(ctx, need.Transport, address, min(freshFor, p.cfg.HandshakeTimeout/4))
	}
	if err != nil {
		return nil, errors.Join(err, n.echo.vault.Close())
	}
	return n, nil
}

// dialBack lets the initiator turn itself to the kit, and takes what arrives.
func (n *embeddedNode) dialBack(ctx, running context.Context, need conformance.Need) (conformance.Link, error) {
	at, err := parseAddress(need.Transport, n.arrivals.address())
	if err != nil {
		return nil, err
	}
	n.running.Go(func() {
		if err := n.echo.initiate(running, at, nil); err != nil {
			n.echo.log.Info("no channel", "with", at, "err", err)
		}
	})
	link, err := n.arrivals.next(ctx, need, dialBackPatience, stallTimeout, nil)
	if errors.Is(err, errNobody) {
		err = conformance.ErrUnreachable
	}
	if err != nil {
		return nil, fmt.Errorf("wait for the reference: %w", err)
	}
	return link, nil
}

// Insight asks the reference itself.
func (p *embedded) Insight(context.Context) (conformance.Insight, error) {
	if p.closed {
		return nil, ErrClosed
	}
	if p.seen == nil {
		var err error
		if p.seen, err = newReferenceInsight(nil); err != nil {
			return nil, err
		}
	}
	return p.seen, nil
}

// Death returns nil: the reference is the kit's own process.
func (p *embedded) Death() error { return nil }

// Close ends every channel and waits for it.
func (p *embedded) Close() error {
	p.closed = true
	p.cancel()
	err := p.router.close()
	if p.seen != nil {
		err = errors.Join(err, p.seen.Close())
		p.seen = nil
	}
	for need, n := range p.nodes {
		delete(p.nodes, need)
		if n.listener != nil {
			err = errors.Join(err, n.listener.Close())
		} else {
			err = errors.Join(err, n.arrivals.close())
		}
		n.running.Wait()
		err = errors.Join(err, n.echo.vault.Close())
	}
	return err
}
