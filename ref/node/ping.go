package node

import (
	"fmt"
	"slices"

	"ockamtest/ref/channel"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A PingID tells pings of a node apart. It is never 0.
type PingID uint64

// A ping waits for its pong.
type ping struct {
	id     PingID
	source wire.Address // where the pong has to come from: the first hop
	route  wire.Route
	timer  timer
}

// pings are those that wait, by source, oldest first.
type pings struct {
	bySource map[wire.Address][]*ping
	count    int
	last     PingID
}

// Ping appends a ping for the node at the end of a route to dst, which leaves over the link. The route begins with the link's remote address;
// empty means that alone. Ponged or PingLost follows. A pong says that somebody answered, not who (ROUT-009).
func (n *Node) Ping(now channel.Instant, link wire.Link, route wire.Route, dst []byte) (PingID, []byte, error) {
	if len(route) == 0 {
		route = wire.Route{link.Remote}
	}
	if err := checkLink(link, route); err != nil {
		return 0, nil, err
	}
	if n.pings.count >= n.cfg.Pings {
		return 0, nil, ErrTooManyPings
	}
	p := &ping{source: link.Remote, route: slices.Clone(route)}
	m := wire.Message{Onward: p.route, Return: wire.Route{link.Local}, Type: wire.Ping}
	out, err := n.encode(dst, link, &m)
	if err != nil {
		return 0, nil, fmt.Errorf("node: ping: %w", err)
	}
	n.pings.add(p)
	p.timer = timer{index: idle, ping: p}
	n.timers.set(&p.timer, now+n.cfg.PingTimeout)
	return p.id, out, nil
}

// pong gives a pong to whoever pinged its source (WIRE-010): to the ping by the route that the pong came back, else to the oldest.
func (n *Node) pong(dst []byte, d router.Decision) Result {
	waiting := n.pings.bySource[d.Link.Remote]
	if len(waiting) == 0 {
		return n.dropped(dst, router.UnexpectedPong, nil)
	}
	i := slices.IndexFunc(waiting, func(p *ping) bool { return p.route.Equal(d.Message.Return) })
	p := waiting[max(0, i)]
	n.pings.remove(p)
	n.timers.stop(&p.timer)
	return n.delivered(Result{Out: dst, Link: d.Link, Kind: Ponged, Ping: p.id, Return: d.Message.Return})
}

func (p *pings) add(one *ping) {
	p.last++
	p.count++
	one.id = p.last
	p.bySource[one.source] = append(p.bySource[one.source], one)
}

func (p *pings) remove(one *ping) {
	p.count--
	rest := slices.DeleteFunc(p.bySource[one.source], func(other *ping) bool { return other == one })
	if p.bySource[one.source] = rest; len(rest) == 0 {
		delete(p.bySource, one.source)
	}
}
