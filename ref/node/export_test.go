package node

// Sizes is how much a node remembers: local addresses, links with a channel of their own, timers, pings.
func (n *Node) Sizes() [4]int {
	return [4]int{len(n.locals), len(n.alone), len(n.timers), n.pings.count}
}
