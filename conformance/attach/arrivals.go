package attach

import (
	"context"
	"time"

	"ockamtest/conformance"
)

// arrivals are the initiators that turn themselves to an address of the kit's, over TCP or UDP.
type arrivals struct {
	streams *acceptor       // nil over UDP
	packets *packetAcceptor // nil over TCP
}

// listenFor binds address. What arrives may wait for fresh until a session wants it.
func listenFor(ctx context.Context, over conformance.Transport, address string, fresh time.Duration) (*arrivals, error) {
	a := &arrivals{}
	var err error
	if over == conformance.UDP {
		a.packets, err = newPacketAcceptor(address, fresh)
	} else {
		a.streams, err = newAcceptor(ctx, address, fresh)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// address is the address bound.
func (a *arrivals) address() string {
	if a.packets != nil {
		return a.packets.address()
	}
	return a.streams.address()
}

// next makes a link with the next initiator. It waits for wait, or until stop is closed or ctx ends: errNobody, errStopped. stall is how long
// the peer may take no bytes.
func (a *arrivals) next(
	ctx context.Context, need conformance.Need, wait, stall time.Duration, stop <-chan struct{},
) (conformance.Link, error) {
	if a.packets != nil {
		session, err := a.packets.next(ctx, need.Profile, wait, stop)
		if err != nil {
			return nil, err
		}
		return a.packets.link(session), nil
	}
	conn, err := a.streams.next(ctx, wait, stop)
	if err != nil {
		return nil, err
	}
	return newSocketLink(conn, stall), nil
}

// close stops listening.
func (a *arrivals) close() error {
	if a.packets != nil {
		return a.packets.close()
	}
	return a.streams.close()
}
