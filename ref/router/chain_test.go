package router_test

import (
	"bytes"
	"testing"

	"github.com/leanovate/gopter/prop"

	gopterGen "github.com/leanovate/gopter/gen"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// A chain is a row of nodes, the first and the last of which are end points. Each has an address of both transports.
type chain struct {
	t     testing.TB
	nodes []*router.Router
	kinds []wire.AddressType // of the link from node i to node i+1
}

func newChain(t testing.TB, kinds []wire.AddressType) *chain {
	c := &chain{t: t, kinds: kinds}
	for i := range len(kinds) + 1 {
		cfg := router.Config{Bound: []wire.Address{at(i, wire.TCP), at(i, wire.UDP)}, MaxAddresses: 2 * wire.MaxAddresses}
		if i > 0 && i < len(kinds) {
			cfg.Allow = anyone
		}
		c.nodes = append(c.nodes, newRouter(t, cfg))
	}
	return c
}

// at is the address of node i on a transport: IPv4 or IPv6, in turns.
func at(i int, kind wire.AddressType) wire.Address {
	switch {
	case i%3 == 2 && kind == wire.TCP:
		return wire.TCPAddress6([16]byte{0x20, 14: byte(i >> 8), 15: byte(i)}, 4000)
	case i%3 == 2:
		return wire.UDPAddress6([16]byte{0x20, 14: byte(i >> 8), 15: byte(i)}, 4000)
	case kind == wire.TCP:
		return wire.TCPAddress4([4]byte{10, 0, byte(i >> 8), byte(i)}, 4000)
	}
	return wire.UDPAddress4([4]byte{10, 0, byte(i >> 8), byte(i)}, 4000)
}

// link is the link of node i towards node j, its neighbour.
func (c *chain) link(i, j int) wire.Link {
	kind := c.kinds[min(i, j)]
	return wire.Link{Local: at(i, kind), Remote: at(j, kind)}
}

// carry brings msg, which has left node from for its neighbour, along the chain to the end point on that side, hop by hop. step is 1 or -1.
func (c *chain) carry(msg []byte, from, step int) router.Decision {
	c.t.Helper()
	for i := from + step; ; i += step {
		onward := onwardCount(c.t, msg)
		d := c.nodes[i].Decide(c.link(i, i-step), msg)
		if d.Kind != router.Forward {
			return d
		}
		if i+step < 0 || i+step >= len(c.nodes) || d.Next != c.link(i, i+step).Remote {
			c.t.Fatalf("node %d forwards to %v", i, d.Next)
		}
		out, err := c.nodes[i].AppendForward(nil, d, c.link(i, i+step).Local)
		must(c.t, err)
		if got := onwardCount(c.t, out); got != onward-1 { // ROUT-005
			c.t.Fatalf("node %d made an onward route of %d to one of %d", i, onward, got)
		}
		msg = out
	}
}

func onwardCount(t testing.TB, msg []byte) int {
	t.Helper()
	m, err := wire.Parse(wire.Dialect{}, msg)
	must(t, err)
	return len(m.Onward)
}

// ROUT-010: a message through any number of hops over mixed transports arrives with its body as it was, and its return route leads back
// to where it came from.
func TestChain(t *testing.T) {
	hops := gopterGen.SliceOf(gopterGen.OneConstOf(wire.TCP, wire.UDP)).SuchThat(func(k []wire.AddressType) bool { return len(k) > 0 })
	lengths := map[int]int{}
	gen.Check(t, prop.ForAll(func(kinds []wire.AddressType, body []byte) bool {
		lengths[len(kinds)]++
		c := newChain(t, kinds)
		last := len(kinds)
		onward := wire.Route{}
		for i := range kinds {
			onward = append(onward, c.link(i, i+1).Remote)
		}
		onward = append(onward, locR())
		// Out: R learns a route.
		d := c.carry(encode(t, wire.Dialect{}, onward, wire.Route{c.link(0, 1).Local, locI()}, wire.M1, body), 0, 1)
		if !arrived(d, locR(), wire.M1, body) {
			return false
		}
		// Back: by exactly that route.
		back := encode(t, wire.Dialect{}, d.Message.Return, wire.Route{c.link(last, last-1).Local, locR()}, wire.M2, body)
		d = c.carry(back, last, -1)
		return arrived(d, locI(), wire.M2, body) && d.Message.Return.Equal(onward)
	}, hops, gen.Bytes(2000)))
	if len(lengths) < 20 {
		t.Errorf("%d lengths, too few: %v", len(lengths), lengths)
	}
}

// arrived reports whether d hands this message to that local address.
func arrived(d router.Decision, local wire.Address, kind wire.Type, body []byte) bool {
	return d.Kind == router.ToLocal && d.Message.Onward[0] == local && d.Message.Type == kind && bytes.Equal(d.Message.Body, body)
}

// With the limits that relays have unless configured otherwise, a message passes 12 of them, with a local address at each end.
func TestChainDefaultLimits(t *testing.T) {
	for hops, want := range map[int]router.Kind{7: router.ToLocal, 8: router.ToLocal, 12: router.ToLocal, 13: router.Drop} {
		kinds := make([]wire.AddressType, hops+1)
		for i := range kinds {
			kinds[i] = wire.TCP + wire.AddressType(i%2)
		}
		c := newChain(t, kinds)
		onward := wire.Route{}
		for i := range kinds {
			onward = append(onward, c.link(i, i+1).Remote)
			if i > 0 {
				c.nodes[i] = newRouter(t, router.Config{Allow: anyone})
			}
		}
		d := c.carry(encode(t, wire.Dialect{}, append(onward, locR()), wire.Route{c.link(0, 1).Local, locI()}, wire.M3, nil), 0, 1)
		if d.Kind != want || want == router.Drop && d.Reason != router.TooManyAddresses {
			t.Errorf("%d hops: got %v (%v), want %v", hops, d.Kind, d.Reason, want)
		}
	}
}

// No message causes more than one, or one for an address that the rules forbid, in any dialect (ROUT-005, ROUT-007, WIRE-013).
func TestRules(t *testing.T) {
	profiles := []profile.Profile{profile.V1(), profile.E09()}
	kinds := map[router.Kind]int{}
	for _, p := range profiles {
		d := wire.Dialect(p.HandshakeEnvelope())
		gen.Check(t, prop.ForAll(func(m wire.Message, source, local wire.Address, named, own bool) bool {
			link := wire.Link{Local: asTransport(local), Remote: asTransport(source)}
			if named {
				m.Onward = append(wire.Route{link.Local}, m.Onward[:min(len(m.Onward), 9)]...)
			}
			if own && len(m.Onward) > 1 {
				m.Onward[1] = udpH()
			}
			msg, err := wire.AppendMessage(nil, d, &m)
			if err != nil {
				return true // REC-010: the address that was put in front makes it too long
			}
			return obeys(t, p, link, msg, kinds)
		}, gen.Message(d), gen.Address(), gen.Address(), gopterGen.Bool(), gopterGen.Bool()))
	}
	t.Log(kinds)
	for k := router.Drop; k <= router.Resolve; k++ {
		if kinds[k] < 5 {
			t.Errorf("%v came %d times", k, kinds[k])
		}
	}
}

// asTransport is a numeric transport address of a's, or a fixed one.
func asTransport(a wire.Address) wire.Address {
	if a.IsLocal() || a.Host() == wire.DNS {
		return tcp(byte(a.Len()), 99)
	}
	return a
}

// obeys gives msg to a relay and checks what has to hold for every message.
func obeys(t testing.TB, p profile.Profile, link wire.Link, msg []byte, kinds map[router.Kind]int) bool {
	var count router.Counters
	var asked []wire.Address
	r := newRouter(t, router.Config{Profile: p, Bound: []wire.Address{udpH()}, Metrics: &count,
		Allow: func(_, next wire.Address) bool { asked = append(asked, next); return next.Port()%8 != 7 }})
	input := bytes.Clone(msg)
	dialect := wire.Dialect(p.HandshakeEnvelope())
	d := r.Decide(link, msg)
	kinds[d.Kind]++
	check := func(ok bool, what string) bool {
		if !ok {
			t.Errorf("%s: %v (%v) next %v", what, d.Kind, d.Reason, d.Next)
		}
		return ok
	}
	if !check(bytes.Equal(msg, input) && count.Received == 1, "the message was changed, or not counted") {
		return false
	}
	in, parseErr := wire.Parse(dialect, msg)
	switch d.Kind {
	case router.Drop:
		return check(count.AllDropped() == 1 && count.Dropped[d.Reason] == 1 && d.Reason != router.NotDropped, "not counted")
	case router.Answer:
		return check(parseErr == nil && in.Type == wire.Ping, "answers what is no ping") && obeysPong(t, r, d, dialect, check)
	case router.Forward:
		return check(len(asked) == 1 && asked[0] == d.Next && d.Next.Port()%8 != 7, "the rule was not asked") &&
			obeysForward(r, d, dialect, &in, check)
	case router.Resolve:
		_, named := d.Next.Name()
		return check(named && len(asked) == 0 && count.Waiting() == 1, "not to resolve")
	case router.ToLocal:
		return check(len(d.Message.Onward) > 0 && d.Message.Onward[0].IsLocal(), "no local address")
	case router.Pong, router.ToNode:
		return check(len(d.Message.Onward) == 0 && (in.Type == wire.Pong) == (d.Kind == router.Pong), "not for the node")
	}
	return check(false, "no such kind")
}

func obeysPong(t testing.TB, r *router.Router, d router.Decision, dialect wire.Dialect, check func(bool, string) bool) bool {
	t.Helper()
	out, err := r.AppendPong(nil, d)
	if err != nil {
		return check(len(out) == 0, "an answer with an error")
	}
	m, err := wire.Parse(dialect, out)
	return check(err == nil && m.Type == wire.Pong && len(m.Body) == 0 && len(m.Return) == 1 && m.Return[0] == d.Link.Local &&
		m.Onward[0] == d.Link.Remote, "a wrong pong")
}

func obeysForward(r *router.Router, d router.Decision, dialect wire.Dialect, in *wire.Message, check func(bool, string) bool) bool {
	const canary = "before"
	out, err := r.AppendForward([]byte(canary), d, tcp(250, 250))
	if err != nil {
		return check(string(out) == canary, "a message with an error")
	}
	m, err := wire.Parse(dialect, out[len(canary):])
	return check(err == nil && string(out[:len(canary)]) == canary, "does not parse") &&
		check(len(m.Onward) == len(in.Onward)-1, "does not become shorter by one") && // ROUT-005
		check(m.Onward[0] == d.Next && d.Next.Sendable() && d.Next.Host() != wire.DNS, "leaves for what cannot be sent to") && // WIRE-013, ROUT-004
		check(d.Next != udpH() && d.Next != d.Link.Local, "leaves for this node") && // ROUT-005
		check(len(m.Return) >= 2 && m.Return[0] == tcp(250, 250) && m.Return[1] == d.Link.Remote, "return route") && // ROUT-003, ROUT-004
		check(m.Type == in.Type && bytes.Equal(m.Body, in.Body), "another body") &&
		check(len(in.Onward)+len(in.Return) <= router.DefaultMaxAddresses, "too many addresses")
}
