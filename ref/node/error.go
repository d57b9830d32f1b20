package node

import "errors"

// What callers branch on. Errors of packages channel, key, and wire are wrapped too.
var (
	// ErrConfig: a configuration that makes no node, listener, or channel.
	ErrConfig = errors.New("node: invalid configuration")
	// ErrAddressInUse: a local address, or a link, that belongs to somebody at the node.
	ErrAddressInUse = errors.New("node: address in use")
	// ErrUnknownAddress: a local address that nobody at the node has.
	ErrUnknownAddress = errors.New("node: unknown local address")
	// ErrRandom: the source of random numbers failed, or gave no unused local address.
	ErrRandom = errors.New("node: no random local address")
	// ErrTooManyPings: as many pings as are kept wait for their pongs.
	ErrTooManyPings = errors.New("node: too many pings")
	// ErrGaveWay: a half-open handshake was the oldest of too many (CHAN-012), or its initiator began another where there is room for
	// one.
	ErrGaveWay = errors.New("node: half-open handshake gave way to a new one")
)
