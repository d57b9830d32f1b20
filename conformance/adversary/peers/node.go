package peers

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// A node is a running peer: what its connections have in common.
type node struct {
	role      conformance.Role
	datagrams bool
	profile   profile.Profile
	alter     change
	random    *rand.ChaCha8
	key       adversary.KeyPair // NOISE-012: configured, one for the node

	sources  map[string]*conn    // on datagrams, by their addresses
	channels map[string]*channel // by their own local addresses
	begun    map[string]*channel // of a responder on datagrams, by m1
	half     []*channel          // half-open ones among those, the oldest first
}

func newNode(need conformance.Need, seed uint64, alter change) *node {
	p, ok := profile.Lookup(need.Profile)
	if !ok {
		panic("peers: a program is started in a profile that it lists: " + need.Profile)
	}
	return newNodeIn(p, need, seed, alter)
}

// newNodeIn is newNode that speaks a profile of its own choice.
func newNodeIn(p profile.Profile, need conformance.Need, seed uint64, alter change) *node {
	if need.Tunnelled() {
		p = conformance.Inside(p)
	}
	n := &node{
		role: need.Role, datagrams: need.Transport == conformance.UDP, profile: p, alter: alter,
		sources: map[string]*conn{}, channels: map[string]*channel{}, begun: map[string]*channel{},
	}
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	n.random = rand.NewChaCha8(s)
	n.key = n.newKey()
	return n
}

// Connect makes the machine of a new connection or source.
func (n *node) Connect(local, remote string) conformance.Machine { return n.connect(local, remote) }

func (n *node) connect(local, remote string) *conn {
	c := &conn{
		script: correctScript(n.profile, n.datagrams),
		node:   n,
		local:  socketAddress(n.transport(), local),
		remote: socketAddress(n.transport(), remote),
	}
	if n.alter != nil {
		n.alter(&c.script)
	}
	c.channel = c.newChannel()
	if !c.addressed(c) {
		c.plain = c.channel
	}
	c.mine = []*channel{c.channel} // until its own handshake begins, it holds the time of the connection
	n.sources[string(c.remote)] = c
	return c
}

// addressed tells whether the channels of a connection or source have local addresses of their own (CHAN-010): those of a listener on
// datagrams, which may be many, and those of profiles in which everybody has one.
func addressed(c *conn) bool {
	p := c.node.profile
	return c.node.datagrams && (p.Listener == profile.ResponderOnly || p.Listener == profile.NodeOrLocal && !c.initiator())
}

// transport is the type of the transport's addresses.
func (n *node) transport() byte {
	if n.datagrams {
		return addressUDP
	}
	return addressTCP
}

// settle takes a channel from the half-open ones.
func (n *node) settle(ch *channel) {
	n.half = slices.DeleteFunc(n.half, func(other *channel) bool { return other == ch })
}

func (n *node) newKey() adversary.KeyPair {
	for {
		pair, err := adversary.GenerateKeyPair(n.profile.Suite, n.random)
		if err != nil {
			panic("peers: ChaCha8 does not fail: " + err.Error())
		}
		if !n.stuck(pair.Public) {
			return pair
		}
	}
}

// stuck tells whether a body cannot travel in the profile (section 11).
func (n *node) stuck(body []byte) bool {
	return len(body) > 0 && slices.Contains(n.profile.ForbiddenBodies, body[0])
}
