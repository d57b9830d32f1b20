package peers

import (
	"encoding/binary"
	"math/rand/v2"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// A node is a running peer: what its connections have in common.
type node struct {
	role    conformance.Role
	profile profile.Profile
	alter   change
	seed    uint64
	random  *rand.ChaCha8
	key     adversary.KeyPair // NOISE-012: configured, one for the node
}

func newNode(need conformance.Need, seed uint64, alter change) *node {
	n := &node{role: need.Role, profile: dialect(need.Profile), alter: alter, seed: seed}
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	n.random = rand.NewChaCha8(s)
	n.key = n.newKey()
	return n
}

// Connect makes the machine of a new connection.
func (n *node) Connect(local, remote string) conformance.Machine {
	c := &conn{
		script:   correctScript(n.profile),
		node:     n,
		local:    tcpAddress(local),
		remote:   tcpAddress(remote),
		onStream: true,
	}
	c.onward = route{c.remote}
	if n.alter != nil {
		n.alter(&c.script)
	}
	return c
}

func (n *node) newKey() adversary.KeyPair {
	pair, err := adversary.GenerateKeyPair(n.profile.Suite, n.random)
	if err != nil {
		panic("peers: ChaCha8 does not fail: " + err.Error())
	}
	return pair
}
