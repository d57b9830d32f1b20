package node

import (
	"fmt"
	"io"

	"ockamtest/ref/wire"
)

// A local is who has a local address: a channel, a listener, a worker, or, at a plaintext address, the channel behind it.
type local struct {
	channel   *Channel
	listener  *Listener
	worker    bool
	plaintext bool
}

// addressTries bounds the search for an unused address: a source of random numbers that repeats itself is broken.
const addressTries = 64

// freshAddress is a random local address that is unused at the node (CHAN-010).
func (n *Node) freshAddress() (wire.Address, error) {
	var b [addressSize]byte
	for range addressTries {
		if _, err := io.ReadFull(n.cfg.Rand, b[:]); err != nil {
			return wire.Address{}, fmt.Errorf("%w: %w", ErrRandom, err)
		}
		a := wire.LocalAddress(b[:])
		if _, used := n.locals[a]; !used {
			return a, nil
		}
	}
	return wire.Address{}, ErrRandom
}

// checkLocal refuses what is no local address, or is somebody's.
func (n *Node) checkLocal(a wire.Address) error {
	if !a.IsLocal() || a.Validate() != nil {
		return fmt.Errorf("%w: no local address", ErrConfig)
	}
	if _, used := n.locals[a]; used {
		return fmt.Errorf("%w: %v", ErrAddressInUse, a)
	}
	return nil
}

// SetPlaintext gives an open channel a plaintext address: one at which the node's own applications hand over plaintext for it, and which no
// message from a transport reaches (ROUT-009). It is free again when the channel is closed.
func (n *Node) SetPlaintext(a wire.Address, c *Channel) error {
	if err := n.checkLocal(a); err != nil {
		return err
	}
	if c.gone || !c.open {
		return fmt.Errorf("%w: a plaintext address of a channel that is not open", ErrConfig)
	}
	n.locals[a] = local{channel: c, plaintext: true}
	c.plaintext = append(c.plaintext, a)
	return nil
}

// Plaintext is the channel behind a plaintext address, nil if there is none.
func (n *Node) Plaintext(a wire.Address) *Channel {
	if who := n.locals[a]; who.plaintext {
		return who.channel
	}
	return nil
}
