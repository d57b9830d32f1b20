package ref

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ockamtest/ref/channel"
	"ockamtest/ref/node"
	"ockamtest/ref/router"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// closePatience is how long a node that is closed waits for its connections to take what it has sent.
const closePatience = time.Second

// A Node is a node of specification section 8: it has transports, channels over routes of any number of hops, channel listeners, and, if
// configured, it forwards. Its goroutines, one for each socket and listener and two for each connection, end before Close returns.
//
// It is safe for concurrent use.
type Node struct {
	cfg      NodeConfig
	began    time.Time
	counters counters
	bindings bindings
	place    place
	lookups  chan struct{} // holds a token for each name that is being looked up

	ctx     context.Context // ends when the node closes
	stop    context.CancelCauseFunc
	running sync.WaitGroup
	hops    hops
	open    openPorts
	desk    desk

	mu        sync.Mutex
	core      *node.Node                   // guarded by mu
	alarm     alarm                        // guarded by mu: rings at the core's Wake
	ports     map[*node.Channel]*port      // guarded by mu: of open channels
	attempts  map[*node.Channel]*attempt   // guarded by mu
	accepting map[*node.Listener]*accepter // guarded by mu
	pinging   map[node.PingID]chan error   // guarded by mu
	workers   map[wire.Address]*Worker     // guarded by mu
	private   bool                         // guarded by mu: the node closes with its last listener and channel
	fault     error                        // guarded by mu: what keeps it from receiving
}

// NewNode binds the transports of a node and starts it. ctx bounds the look-up of names in Addresses and no more.
func NewNode(ctx context.Context, cfg NodeConfig) (*Node, error) {
	b := bindings{slices.Clone(cfg.Sockets), slices.Clone(cfg.Listeners)}
	n, err := newNode(ctx, cfg, &b)
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	n.running.Go(n.work)
	for i := range b.sockets {
		n.running.Go(func() { n.readSocket(n.place.of(i)) })
	}
	for _, l := range b.listeners {
		n.running.Go(func() { n.acceptAll(l) })
	}
	return n, nil
}

// newNode makes a node without goroutines. What it binds it adds to b.
func newNode(ctx context.Context, cfg NodeConfig, b *bindings) (*Node, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := cfg.bind(ctx, b); err != nil {
		return nil, err
	}
	p, err := newPlace(&cfg, b)
	if err != nil {
		return nil, err
	}
	n := &Node{
		cfg:       cfg,
		began:     time.Now(),
		counters:  counters{also: cfg.Metrics},
		bindings:  *b,
		place:     p,
		lookups:   make(chan struct{}, maxLookups),
		hops:      hops{byRemote: map[wire.Address]*hop{}, others: map[*hop]bool{}},
		open:      openPorts{byAddress: map[wire.Address]*port{}},
		ports:     map[*node.Channel]*port{},
		attempts:  map[*node.Channel]*attempt{},
		accepting: map[*node.Listener]*accepter{},
		pinging:   map[node.PingID]chan error{},
		workers:   map[wire.Address]*Worker{},
	}
	n.ctx, n.stop = context.WithCancelCause(context.Background())
	n.alarm.ring = n.tick
	n.desk = newDesk(&n.counters)
	if n.core, err = node.New(node.Config{Router: n.routerConfig(receivedBefore{&n.counters}), Rand: rand.Reader}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return n, nil
}

// routerConfig is the configuration of each router of the node.
func (n *Node) routerConfig(metrics router.Metrics) router.Config {
	return router.Config{
		Profile:      n.cfg.Profile,
		Bound:        n.place.bound,
		Allow:        n.cfg.Forward,
		MaxAddresses: n.cfg.MaxAddresses,
		Metrics:      metrics,
	}
}

// Addresses are the transport addresses at which others reach the node, in the order of its configuration: sockets, then listeners. What is
// bound to [::] has two, for IPv6 and for IPv4.
func (n *Node) Addresses() []wire.Address { return slices.Clone(n.place.told) }

// Counters are the messages that the node has received, and what became of them (ROUT-006). Those that have left their queue or socket count as
// forwarded.
func (n *Node) Counters() router.Counters { return n.counters.picture() }

// now is the time on the node's clock.
func (n *Node) now() channel.Instant { return channel.Instant(time.Since(n.began)) }

// Close closes everything at the node, channels too, and waits for its goroutines. What was written to connections leaves, unless that takes
// longer than a second. An error is the vault's, of a channel whose keys are not destroyed, or a transport's that had failed. Closing twice
// is harmless.
func (n *Node) Close() error {
	n.shutdown()
	n.wait()
	n.mu.Lock()
	err, ports := n.fault, n.ports
	n.ports = map[*node.Channel]*port{}
	n.mu.Unlock()
	for _, p := range ports {
		err = errors.Join(err, p.Close())
	}
	return err
}

// shutdown makes all goroutines of the node end, and does not wait for them.
func (n *Node) shutdown() {
	n.stop(transport.ErrClosed)
	_ = n.bindings.close()
	n.hops.finish()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.alarm.stop()
	for c, a := range n.attempts {
		c.Machine.Cancel(transport.ErrClosed)
		delete(n.attempts, c)
		a.end(errors.Join(c.Machine.Err(), n.core.Close(c)))
	}
	for l, a := range n.accepting {
		delete(n.accepting, l)
		n.fault = errors.Join(n.fault, l.Close()) // half-open handshakes too
		a.end()
	}
	for id, done := range n.pinging {
		delete(n.pinging, id)
		done <- transport.ErrClosed
	}
	for a, w := range n.workers {
		delete(n.workers, a)
		w.end()
	}
	for _, p := range n.ports {
		p.lost(transport.ErrClosed)
	}
}

// wait waits until all goroutines of the node have ended, after shutdown.
func (n *Node) wait() {
	impatient := alarm{ring: n.hops.end}
	impatient.set(closePatience)
	n.running.Wait()
	impatient.stop()
	impatient.wait()
	n.alarm.wait()
	n.desk.clear()
}

// closed tells whether the node has been closed, and then with what error.
func (n *Node) closed() error { return context.Cause(n.ctx) }

// deaf takes note that a transport has failed.
func (n *Node) deaf(err error) {
	if n.closed() == nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.fault = errors.Join(n.fault, err)
	}
}
