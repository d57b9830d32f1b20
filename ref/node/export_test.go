package node

// Sizes is how much a node remembers: local addresses, links with a channel of their own, timers, pings and their sources, and what its
// listeners know of channels.
func (n *Node) Sizes() [5]int {
	known := 0
	count := func(l *Listener) {
		if l != nil {
			known += len(l.byM1) + len(l.bySource) + l.halfOpen.length
		}
	}
	count(n.listener)
	for _, who := range n.locals {
		count(who.listener)
	}
	return [5]int{len(n.locals), len(n.alone), len(n.timers), n.pings.count + len(n.pings.bySource), known}
}
