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
	random  *rand.ChaCha8
	key     adversary.KeyPair // NOISE-012: configured, one for the node
}

func newNode(need conformance.Need, seed uint64, alter change) *node {
	p, ok := profile.Lookup(need.Profile)
	if !ok {
		panic("peers: a program is started in a profile that it lists: " + need.Profile)
	}
	n := &node{role: need.Role, profile: p, alter: alter}
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	n.random = rand.NewChaCha8(s)
	n.key = n.newKey()
	return n
}

// Connect makes the machine of a new connection.
func (n *node) Connect(local, remote string) conformance.Machine {
	c := &conn{
		script: correctScript(n.profile),
		node:   n,
		local:  tcpAddress(local),
		remote: tcpAddress(remote),
	}
	c.channel = c.newChannel()
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
