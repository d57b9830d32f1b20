package ref

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A Node is a node of specification section 8: it has transports, channels over routes of any number of hops, channel listeners, and, if
// configured, it forwards. Its goroutines, one for each socket, listener, and connection, end before Close returns.
//
// It is safe for concurrent use.
type Node struct {
	cfg       NodeConfig
	began     time.Time
	counters  counters
	sockets   []transport.PacketConn
	listeners []transport.Listener
	lookups   chan struct{} // holds a token for each name that is being looked up

	ctx     context.Context // ends when the node closes
	stop    context.CancelCauseFunc
	running sync.WaitGroup
	hops    hops
	open    openPorts
	desk    desk

	mu        sync.Mutex
	core      *node.Node                   // guarded by mu
	timer     *time.Timer                  // guarded by mu: calls tick at the core's Wake
	ports     map[*node.Channel]*port      // guarded by mu: of open channels
	dialling  map[*node.Channel]*dialling  // guarded by mu
	accepting map[*node.Listener]*accepter // guarded by mu
	pinging   map[node.PingID]chan error   // guarded by mu
	workers   map[wire.Address]*Worker     // guarded by mu
	private   bool                         // guarded by mu: the node closes with its last listener and channel
}

// NewNode binds the transports of a node and starts it. ctx bounds the look-up of names in Addresses and no more.
func NewNode(ctx context.Context, cfg NodeConfig) (*Node, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	sockets, listeners, err := cfg.bind(ctx)
	if err != nil {
		return nil, err
	}
	n := &Node{
		cfg:       cfg,
		began:     time.Now(),
		counters:  counters{also: cfg.Metrics},
		sockets:   sockets,
		listeners: listeners,
		lookups:   make(chan struct{}, maxLookups),
		hops:      hops{byRemote: map[wire.Address]*hop{}},
		open:      openPorts{byAddress: map[wire.Address]*port{}},
		ports:     map[*node.Channel]*port{},
		dialling:  map[*node.Channel]*dialling{},
		accepting: map[*node.Listener]*accepter{},
		pinging:   map[node.PingID]chan error{},
		workers:   map[wire.Address]*Worker{},
	}
	n.ctx, n.stop = context.WithCancelCause(context.Background())
	n.desk = newDesk(&n.counters)
	setup := node.Config{Router: n.routerConfig(), Rand: rand.Reader}
	setup.Router.Metrics = receivedBefore{&n.counters}
	n.core, err = node.New(setup)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrConfig, err), n.closeTransports())
	}
	n.running.Go(n.work)
	for _, s := range sockets {
		n.running.Go(func() { n.readSocket(s) })
	}
	for _, l := range listeners {
		n.running.Go(func() { n.acceptAll(l) })
	}
	return n, nil
}

// routerConfig is the configuration of each router of the node.
func (n *Node) routerConfig() router.Config {
	return router.Config{
		Profile:      n.cfg.Profile,
		Bound:        n.Addresses(),
		Allow:        n.cfg.Forward,
		MaxAddresses: n.cfg.MaxAddresses,
		Metrics:      &n.counters,
	}
}

// Addresses are the transport addresses at which the node receives, in the order of its configuration: sockets, then listeners.
func (n *Node) Addresses() []wire.Address {
	var all []wire.Address
	for _, s := range n.sockets {
		all = append(all, s.LocalAddress())
	}
	for _, l := range n.listeners {
		all = append(all, l.Address())
	}
	return all
}

// Counters are the messages that the node has received, and what became of them (ROUT-006).
func (n *Node) Counters() router.Counters { return n.counters.picture() }

// now is the time on the node's clock.
func (n *Node) now() channel.Instant { return channel.Instant(time.Since(n.began)) }

// Close closes everything at the node, channels too, and waits for its goroutines. Closing twice is harmless.
func (n *Node) Close() error {
	n.shutdown()
	n.running.Wait()
	n.mu.Lock()
	ports := n.ports
	n.ports = map[*node.Channel]*port{}
	n.mu.Unlock()
	var err error
	for _, p := range ports {
		err = errors.Join(err, p.Close())
	}
	return err
}

// shutdown makes all goroutines of the node end, and does not wait for them.
func (n *Node) shutdown() {
	n.stop(transport.ErrClosed)
	_ = n.closeTransports()
	n.hops.close()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.timer != nil {
		n.timer.Stop()
	}
	for c, d := range n.dialling {
		d.end(transport.ErrClosed)
		delete(n.dialling, c)
		_ = n.core.Close(c)
	}
	for l, a := range n.accepting {
		_ = l.Close() // half-open handshakes
		a.end(transport.ErrClosed)
		delete(n.accepting, l)
	}
	for id, done := range n.pinging {
		done <- transport.ErrClosed
		delete(n.pinging, id)
	}
	for a, w := range n.workers {
		w.end()
		delete(n.workers, a)
	}
	for _, p := range n.ports {
		p.lost(transport.ErrClosed)
	}
}

func (n *Node) closeTransports() error {
	var err error
	for _, s := range n.sockets {
		err = errors.Join(err, s.Close())
	}
	for _, l := range n.listeners {
		err = errors.Join(err, l.Close())
	}
	return err
}

// closed tells whether the node has been closed, and then with what error.
func (n *Node) closed() error { return context.Cause(n.ctx) }
