package node

import (
	"fmt"

	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// OpenWorker opens a local address to the network: payload messages for it come in plaintext, from whoever sends them (ROUT-001). It fails
// with ErrConfig or ErrAddressInUse.
func (n *Node) OpenWorker(a wire.Address) error {
	if err := n.checkLocal(a); err != nil {
		return err
	}
	n.locals[a] = local{worker: true}
	return nil
}

// CloseWorker closes what OpenWorker has opened; what comes for it from now on is for nobody.
func (n *Node) CloseWorker(a wire.Address) error {
	if !n.locals[a].worker {
		return fmt.Errorf("%w: %v is no worker", ErrUnknownAddress, a)
	}
	delete(n.locals, a)
	return nil
}

// toWorker delivers a payload message in plaintext.
func (n *Node) toWorker(d router.Decision, dst []byte) Result {
	m := d.Message
	return n.delivered(Result{
		Out: dst, Link: d.Link, Kind: Message, Worker: m.Onward[0], Payload: m.Body, Onward: m.Onward[1:], Return: m.Return,
	})
}

// Send appends a payload message in plaintext to dst, which leaves over the link, from a worker: onward begins with the link's remote
// address. The answer to a Message goes over its Link to its Return. Without a worker, the zero address, nobody can answer. With an error
// nothing is appended.
func (n *Node) Send(dst []byte, link wire.Link, worker wire.Address, onward wire.Route, payload []byte) ([]byte, error) {
	if err := checkLink(link, onward); err != nil {
		return nil, err
	}
	returned := wire.Route{link.Local}
	switch hasWorker := worker != (wire.Address{}); {
	case len(onward) == 0:
		return nil, fmt.Errorf("%w: no route", ErrConfig)
	case hasWorker && !n.locals[worker].worker:
		return nil, fmt.Errorf("%w: %v is no worker", ErrUnknownAddress, worker)
	case hasWorker:
		returned = append(returned, worker)
	}
	m := wire.Message{Onward: onward, Return: returned, Type: wire.Payload, Body: payload}
	out, err := n.encode(dst, link, &m)
	if err != nil {
		return nil, fmt.Errorf("node: send: %w", err)
	}
	return out, nil
}

// encode appends a message of the node's own, which leaves over a link (REC-010).
func (n *Node) encode(dst []byte, link wire.Link, m *wire.Message) ([]byte, error) {
	p := &n.cfg.Router.Profile
	out, err := wire.AppendMessage(dst, wire.Dialect(p.HandshakeEnvelope()), m)
	if err != nil {
		return nil, err
	}
	limit := link.Remote.MaxMessage()
	if p.MessageLimit > 0 {
		limit = min(limit, p.MessageLimit)
	}
	if len(out)-len(dst) > limit { // REC-010
		return nil, router.Error{Reason: router.TooLong}
	}
	return out, nil
}
