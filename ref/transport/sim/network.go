package sim

import (
	"time"

	"ockamtest/ref/wire"
)

// A Kind says what arrives.
type Kind uint8

// Kinds of arrivals.
const (
	Message Kind = iota // a datagram, or a message of a stream
	Opened              // the other end has opened a stream
	Ended               // the other end sends no more messages over the stream
	Broken              // the stream is broken: nothing more comes, and what is sent is for nobody
)

// An Arrival is what arrives at an address.
type Arrival struct {
	At       time.Duration // since the beginning of the network
	Kind     Kind
	From, To wire.Address
	Data     []byte // of a message; valid until the next Deliver
}

// A packet is under way.
type packet struct {
	flow  *flow
	kind  Kind
	copy  bool   // the second one
	order uint64 // in its flow
	data  []byte
}

// A Network is a simulated network without a clock. Times are those since its beginning, and the caller's do not go back.
//
//	n.Send(0, a, b, []byte("hello"))
//	for at, ok := n.Next(); ok; at, ok = n.Next() {
//		arrival, _ := n.Deliver()
//		for _, reply := range handle(at, arrival) {
//			n.Send(at, arrival.To, reply.to, reply.data)
//		}
//	}
type Network struct {
	seed     uint64
	topology topology
	flows    map[pair]*flow
	holding  []*flow // those that hold packets, in the order in which they began to

	schedule schedule
	packets  []packet
	free     []uint32 // slots of packets; their buffers are used again
	lent     bool     // packets[last] is what Deliver returned
	last     uint32
	clock    time.Duration // of the last Deliver
	stats    Stats
}

// NewNetwork returns a network on which nothing is under way.
func NewNetwork(cfg Config) (*Network, error) {
	path, err := cfg.Path.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Network{
		seed:     cfg.Seed,
		topology: topology{version: 1, path: path, paths: map[pair]Path{}, cuts: map[pair]bool{}},
		flows:    map[pair]*flow{},
	}, nil
}

// Send sends a datagram, or a message over the stream if to is a TCP address. It keeps no reference to data.
func (n *Network) Send(now time.Duration, from, to wire.Address, data []byte) {
	n.stats.Sent++
	f := n.flow(from, to)
	if f.stream {
		n.carry(now, f, Message, data)
		return
	}
	f.count++
	d, path := f.dice(f.count), &f.path
	if f.apart {
		n.stats.Partitioned++
		return
	}
	if d.chance(lossLane, path.Loss) {
		n.stats.Lost++
		return
	}
	left, ok := f.depart(n.later(now), len(data))
	if !ok {
		n.stats.Congested++
		return
	}
	copies := 1
	if d.chance(duplicateLane, path.Duplicate) {
		n.stats.Duplicated++
		copies = 2
	}
	for i := range copies {
		slot := n.put(packet{flow: f, copy: i > 0, order: f.count}, data)
		if len(data) > 0 && d.chance(corruptLane+i, path.Corrupt) {
			n.stats.Corrupted++
			bit := d.upTo(bitLane+i, uint64(8*len(data)-1))
			n.packets[slot].data[bit/8] ^= 1 << (bit % 8)
		}
		at := left + path.Delay + d.jitter(jitterLane+i, path.Jitter)
		n.schedule.push(event{at: at, flow: f.key, order: f.count<<1 | uint64(i), slot: slot})
	}
}

// Open tells the other end that a stream is opened. Messages need no opened stream; it is for those who listen.
func (n *Network) Open(now time.Duration, from, to wire.Address) {
	n.signal(now, n.flow(from, to), Opened)
}

// End tells the other end of a stream, behind what was sent, that no more messages come.
func (n *Network) End(now time.Duration, from, to wire.Address) {
	n.signal(now, n.flow(from, to), Ended)
}

// Abort tells the other end of a stream, behind what was sent, that the stream is broken.
func (n *Network) Abort(now time.Duration, from, to wire.Address) {
	n.signal(now, n.flow(from, to), Broken)
}

// signal sends what is no message; datagrams have no such thing.
func (n *Network) signal(now time.Duration, f *flow, k Kind) {
	if f.stream {
		n.carry(now, f, k, nil)
	}
}

// carry sends something over a stream.
func (n *Network) carry(now time.Duration, f *flow, k Kind, data []byte) {
	f.count++
	slot := n.put(packet{flow: f, kind: k, order: f.count}, data)
	if !f.apart {
		n.dispatch(n.later(now), slot)
		return
	}
	if len(f.held) == 0 {
		n.holding = append(n.holding, f)
	}
	f.held = append(f.held, slot)
}

// dispatch schedules a packet of a stream, behind those before it.
func (n *Network) dispatch(now time.Duration, slot uint32) {
	p := &n.packets[slot]
	f := p.flow
	left, _ := f.depart(now, len(p.data))
	at := left + f.path.Delay + f.dice(p.order).jitter(jitterLane, f.path.Jitter)
	f.last = max(f.last, at)
	n.schedule.push(event{at: f.last, flow: f.key, order: p.order << 1, slot: slot})
}

// Next returns when the next thing arrives, false if nothing is under way. What a partition holds is not.
func (n *Network) Next() (at time.Duration, ok bool) {
	if len(n.schedule) == 0 {
		return 0, false
	}
	return n.schedule[0].at, true
}

// Deliver returns what arrives next, false if nothing is under way. The network does not see whether anybody is there to receive it.
func (n *Network) Deliver() (Arrival, bool) {
	if n.lent {
		n.free, n.lent = append(n.free, n.last), false
	}
	if len(n.schedule) == 0 {
		return Arrival{}, false
	}
	e := n.schedule.pop()
	n.clock, n.lent, n.last = e.at, true, e.slot
	p := &n.packets[e.slot]
	f := p.flow
	if p.kind == Message {
		n.stats.Delivered++
		switch {
		case p.order > f.latest:
			f.latest = p.order
		case !p.copy && p.order < f.latest:
			n.stats.Reordered++
		}
	}
	return Arrival{At: e.at, Kind: p.kind, From: f.from, To: f.to, Data: p.data}, true
}

// Stats returns the counts so far.
func (n *Network) Stats() Stats { return n.stats }

// UnderWay returns how many things are on their way, those included that a partition holds.
func (n *Network) UnderWay() int {
	count := len(n.packets) - len(n.free)
	if n.lent {
		count--
	}
	return count
}

// later is now, and no earlier than what was delivered.
func (n *Network) later(now time.Duration) time.Duration { return max(now, n.clock) }

// flow returns the flow between two addresses, up to date.
func (n *Network) flow(from, to wire.Address) *flow {
	p := pair{from, to}
	f := n.flows[p]
	if f == nil {
		f = &flow{pair: p, key: keyOf(n.seed, from, to), stream: to.Type() == wire.TCP}
		n.flows[p] = f
	}
	n.topology.look(f)
	return f
}

// put stores a packet with a copy of its data.
func (n *Network) put(p packet, data []byte) uint32 {
	var slot uint32
	if last := len(n.free) - 1; last >= 0 {
		slot = n.free[last]
		n.free = n.free[:last]
	} else {
		slot = uint32(len(n.packets))
		n.packets = append(n.packets, packet{})
	}
	p.data = append(n.packets[slot].data[:0], data...)
	n.packets[slot] = p
	return slot
}
