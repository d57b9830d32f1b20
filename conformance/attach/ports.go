package attach

import (
	"fmt"
	"net"

	"ockamtest/conformance"
)

// A portKeeper makes sockets for sessions over UDP, each at a port that no session with the peer had before: nothing tells a responder that
// a source has gone, and one that has a channel for a source takes what comes from there for that. The zero portKeeper is ready.
type portKeeper struct{ used map[string]bool }

// maxPorts is how many ports a portKeeper remembers.
const maxPorts = 20000

// open makes a link with a responder.
func (k *portKeeper) open(address string) (conformance.Link, error) {
	if k.used == nil || len(k.used) >= maxPorts {
		k.used = map[string]bool{}
	}
	var taken []*packetLink // kept open, so that the system gives out another port
	defer func() {
		for _, l := range taken {
			_ = l.Close() // it has sent nothing
		}
	}()
	for {
		link, err := dialPacket("", address)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %s", conformance.ErrUnreachable, address, hint(err))
		}
		_, port, err := net.SplitHostPort(link.LocalAddress())
		if err != nil || !k.used[port] || len(taken) == 100 {
			k.used[port] = true
			return link, nil
		}
		taken = append(taken, link)
	}
}
