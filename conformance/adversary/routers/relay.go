package routers

import (
	"net/netip"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// maxAddresses is what a relay takes in both routes together (ROUT-011).
const maxAddresses = 16

// relay forwards a message whose next address is a transport address, if the rules let it.
func relay(n *node, from origin, m adversary.Message) {
	if !n.few(m) {
		return
	}
	var ok bool
	if m.Onward, ok = n.formed(m.Onward); !ok {
		return
	}
	if m.Return, ok = n.formed(m.Return); !ok {
		return
	}
	next, ok := n.resolve(n, m.Onward[0])
	if !ok || !n.sendable(next) || n.isOwn(n, from, next) || !n.allow(n, from.remote, next) {
		return
	}
	m.Onward = append(adversary.Route{next}, m.Onward[1:]...) // ROUT-004: numeric
	n.send(n, from, next, m)
}

func few(m adversary.Message) bool { return len(m.Onward)+len(m.Return) <= maxAddresses }

// resolve knows one name (WIRE-014).
func resolve(_ *node, a adversary.Address) (adversary.Address, bool) {
	if wire.HostType(a[1]) != wire.DNS {
		return a, true
	}
	if a[3:len(a)-2] != "localhost" {
		return "", false
	}
	return a[:1] + "\x00\x7f\x00\x00\x01" + a[len(a)-2:], true
}

// sendable refuses port 0 and link-local IPv6 (WIRE-013), and what does not mean one host.
func sendable(a adversary.Address) bool {
	at, ok := socket(a)
	ip := at.Addr()
	return ok && at.Port() != 0 && !ip.IsLinkLocalUnicast() && !ip.IsUnspecified() && !ip.IsMulticast()
}

// isOwn reports whether the router is bound to a (ROUT-005).
func isOwn(n *node, from origin, a adversary.Address) bool {
	return a == n.tcp || a == n.udp || a == from.local
}

// allow lets the kit's addresses pass (ROUT-007).
func allow(_ *node, source, next adversary.Address) bool { return isKit(source) && isKit(next) }

func isKit(a adversary.Address) bool {
	at, ok := socket(a)
	return ok && (at.Addr() == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || at.Addr() == netip.IPv6Loopback())
}

// send finds the way to the next hop.
func send(n *node, from origin, next adversary.Address, m adversary.Message) {
	if next.Type() == wire.UDP {
		if n.udp != "" {
			n.post(n, next, m)
		}
		return
	}
	if c := n.live(n, from, next); c != nil {
		n.forward(n, c, next, m)
		return
	}
	n.dial(n, next, m)
}
