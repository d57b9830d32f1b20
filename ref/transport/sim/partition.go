package sim

import (
	"time"

	"ockamtest/ref/wire"
)

// Partition lets nothing pass between hosts for which side returns different numbers; nil ends that. side is called with a host's address
// of type UDP and port 0, and always returns the same for it. Datagrams that are sent meanwhile are lost; streams stand still and go on
// afterwards; what is under way arrives.
func (n *Network) Partition(now time.Duration, side func(host wire.Address) int) {
	n.topology.side = side
	n.changed(now)
}

// Cut lets nothing pass between two hosts, as Partition does, until Mend. The ports and types of the addresses mean nothing.
func (n *Network) Cut(now time.Duration, a, b wire.Address) {
	forth, back := pair{hostOf(a), hostOf(b)}, pair{hostOf(b), hostOf(a)}
	n.topology.cuts[forth], n.topology.cuts[back] = true, true
	n.changed(now)
}

// Mend ends a Cut.
func (n *Network) Mend(now time.Duration, a, b wire.Address) {
	delete(n.topology.cuts, pair{hostOf(a), hostOf(b)})
	delete(n.topology.cuts, pair{hostOf(b), hostOf(a)})
	n.changed(now)
}

// changed lets streams go on that nothing holds any more.
func (n *Network) changed(now time.Duration) {
	n.topology.version++
	still := n.holding[:0]
	for _, f := range n.holding {
		n.topology.look(f)
		if f.apart {
			still = append(still, f)
			continue
		}
		for _, slot := range f.held {
			n.dispatch(n.later(now), slot)
		}
		f.held = f.held[:0]
	}
	clear(n.holding[len(still):])
	n.holding = still
}

// Break breaks the stream between two addresses: what is under way is lost, both ends learn of it as they would of a message, and what
// is sent from then on is of a new stream.
func (n *Network) Break(now time.Duration, a, b wire.Address) {
	forth, back := n.flow(a, b), n.flow(b, a)
	if !forth.stream || !back.stream {
		return
	}
	n.schedule.remove(func(e event) bool { return n.drop(e.slot, forth, back) })
	for _, f := range []*flow{forth, back} {
		for _, slot := range f.held {
			n.drop(slot, f, f)
		}
		f.held = f.held[:0]
		n.signal(now, f, Broken)
	}
}

// drop frees a packet of one of two flows.
func (n *Network) drop(slot uint32, a, b *flow) bool {
	p := &n.packets[slot]
	if p.flow != a && p.flow != b {
		return false
	}
	if p.kind == Message {
		n.stats.Broken++
	}
	n.free = append(n.free, slot)
	return true
}
