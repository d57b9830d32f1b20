package ref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"ockamtest/ref/node"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// workerQueue is how many messages wait for a worker; what comes while it is full is lost.
const workerQueue = 128

// A Worker is a local address that is open to the network: whoever can reach the node sends it messages in plaintext (ROUT-001). What a
// message says of its sender proves nothing (ROUT-009); what has to be private or authenticated goes through a channel.
type Worker struct {
	node    *Node
	address wire.Address
	queue   chan WorkerMessage
	ended   chan struct{}
}

// A WorkerMessage is a message for a worker. It is the receiver's to keep.
type WorkerMessage struct {
	Payload []byte
	// Onward is what followed the worker's address, Return leads to the sender.
	Onward, Return wire.Route

	link wire.Link
}

// OpenWorker opens a local address to the network.
func (n *Node) OpenWorker(address wire.Address) (*Worker, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.closed(); err != nil {
		return nil, err
	}
	if err := n.core.OpenWorker(address); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	w := &Worker{node: n, address: address, queue: make(chan WorkerMessage, workerQueue), ended: make(chan struct{})}
	n.workers[address] = w
	return w, nil
}

// deliver queues a message, or loses it. The node's lock is held.
func (w *Worker) deliver(r node.Result) {
	select {
	case w.queue <- WorkerMessage{bytes.Clone(r.Payload), slices.Clone(r.Onward), slices.Clone(r.Return), r.Link}:
	default:
	}
}

// Receive waits for the next message.
func (w *Worker) Receive(ctx context.Context) (WorkerMessage, error) {
	if isClosed(w.ended) {
		return WorkerMessage{}, transport.ErrClosed
	}
	select {
	case m := <-w.queue:
		return m, nil
	case <-w.ended:
		return WorkerMessage{}, transport.ErrClosed
	case <-ctx.Done():
		return WorkerMessage{}, ctx.Err()
	}
}

// Answer sends a message in plaintext to the sender of another, over the link that that came by.
func (w *Worker) Answer(ctx context.Context, to WorkerMessage, payload []byte) error {
	return w.send(ctx, to.link, to.Return, payload)
}

// Send sends a message in plaintext along a route, which begins with a transport address and ends with a worker's.
func (w *Worker) Send(ctx context.Context, route wire.Route, payload []byte) error {
	link, route, err := w.node.linkTo(ctx, route)
	if err != nil {
		return err
	}
	return w.send(ctx, link, route, payload)
}

func (w *Worker) send(ctx context.Context, link wire.Link, route wire.Route, payload []byte) error {
	n := w.node
	if isClosed(w.ended) {
		return transport.ErrClosed
	}
	n.mu.Lock()
	out, err := n.core.Send(nil, link, w.address, route, payload)
	n.mu.Unlock()
	switch {
	case errors.Is(err, node.ErrUnknownAddress): // closed meanwhile
		return transport.ErrClosed
	case errors.Is(err, node.ErrConfig):
		return fmt.Errorf("%w: %w", ErrConfig, err)
	case err != nil:
		return fmt.Errorf("send: %w", err)
	}
	return n.send(ctx, w.ended, link, [][]byte{out})
}

// Close closes the address; what comes for it from now on is for nobody. Closing twice is harmless.
func (w *Worker) Close() error {
	n := w.node
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.workers[w.address] != w {
		return nil
	}
	delete(n.workers, w.address)
	w.end()
	return n.core.CloseWorker(w.address)
}

// end wakes who waits. The node's lock is held.
func (w *Worker) end() { close(w.ended) }
