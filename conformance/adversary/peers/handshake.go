package peers

import (
	"bytes"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// begin makes the handshake of this connection.
func begin(c *conn) adversary.Handshake {
	return adversary.NewHandshake(c.node.profile.Suite, c.static(c), c.ephemeral(c))
}

func (c *conn) sendM1() {
	// -> e
	c.hs = c.begin(c)
	c.m1 = c.writeKey(&c.hs)
	c.m1 = append(c.m1, c.writeRest(&c.hs)...)
	if c.state = sentM1; c.plain == nil && c.address == nil {
		c.address, c.onStream = c.newAddress(c), false
	}
	c.hold()
	c.schedule()
	c.post(kindM1, c.m1)
}

func (c *conn) takeM1(m message) {
	hs := c.begin(c)
	rest, ok := c.readKey(&hs, m.body)
	if !ok || !c.readRest(&hs, rest) {
		c.refuse(c, m)
		return
	}
	// <- e, ee, s, es
	m2 := c.writeKey(&hs)
	if !c.mix(&hs, hs.E, hs.RE) {
		c.refuse(c, m)
		return
	}
	m2 = append(m2, c.writeStatic(&hs)...)
	if !c.mix(&hs, hs.S, hs.RE) {
		c.refuse(c, m)
		return
	}
	m2 = append(m2, c.writeRest(&hs)...)
	c.hs, c.state, c.m1, c.m2 = hs, sentM2, bytes.Clone(m.body), m2
	c.learn(m.back)
	c.hold()
	c.post(kindM2, m2)
}

func (c *conn) takeM2(m message) {
	// <- e, ee, s, es
	hs := c.hs
	rest, ok := c.readKey(&hs, m.body)
	if !ok || !c.mix(&hs, hs.E, hs.RE) || !c.readRemoteStatic(&hs, &rest) || !c.mix(&hs, hs.E, hs.RS) || !c.readRest(&hs, rest) {
		c.refuse(c, m)
		return
	}
	if !c.accept(c, hs.RS) { // NOISE-017: whoever saw m1 may have sent it
		c.refuse(c, m)
		return
	}
	// -> s, se
	m3 := c.writeStatic(&hs)
	if !c.mix(&hs, hs.S, hs.RE) {
		c.refuse(c, m)
		return
	}
	m3 = append(m3, c.writeRest(&hs)...)
	if c.node.stuck(m3) { // it cannot travel: another handshake, under another key
		c.sendM1()
		return
	}
	c.hs, c.m2, c.m3 = hs, bytes.Clone(m.body), m3
	c.learn(m.back)
	c.post(kindM3, m3)
	c.establish()
}

func (c *conn) takeM3(m message) {
	// -> s, se
	hs, rest := c.hs, m.body
	if !c.readRemoteStatic(&hs, &rest) || !c.mix(&hs, hs.E, hs.RS) || !c.readRest(&hs, rest) {
		c.refuse(c, m)
		return
	}
	if !c.accept(c, hs.RS) {
		c.fail(c)
		return
	}
	c.hs = hs
	c.learn(m.back)
	c.establish()
}

// readRemoteStatic takes the encrypted static key off the head of m.
func (c *conn) readRemoteStatic(hs *adversary.Handshake, m *[]byte) bool {
	size := hs.Suite.PublicKeySize + adversary.TagSize
	if len(*m) < size || !c.readStatic(hs, (*m)[:size]) {
		return false
	}
	*m = (*m)[size:]
	return true
}

func (c *conn) establish() {
	c.split(c)
	c.opens()
	c.opened(c)
}

// static is the node's key, or a new one where the profile's peers make one for each handshake (NOISE-012).
func static(c *conn) adversary.KeyPair {
	if c.node.profile.StaticKey == profile.PerHandshake {
		return c.node.newKey()
	}
	return c.node.key
}

// ephemeral is a new key for each handshake (NOISE-008).
func ephemeral(c *conn) adversary.KeyPair { return c.node.newKey() }

// mix refuses the all-zero result (NOISE-009).
func mix(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool {
	shared, ok := own.DH(public)
	if ok {
		hs.MixKey(shared)
	}
	return ok
}

func writeKey(hs *adversary.Handshake) []byte {
	hs.MixHash(hs.E.Public)
	return bytes.Clone(hs.E.Public)
}

// readKey mixes the key in as it was received (NOISE-018).
func readKey(hs *adversary.Handshake, m []byte) (rest []byte, ok bool) {
	size := hs.Suite.PublicKeySize
	if len(m) < size {
		return nil, false
	}
	hs.RE = bytes.Clone(m[:size])
	hs.MixHash(hs.RE)
	return m[size:], true
}

func writeStatic(hs *adversary.Handshake) []byte { return hs.EncryptAndHash(hs.S.Public) }

func readStatic(hs *adversary.Handshake, ciphertext []byte) (ok bool) {
	hs.RS, ok = hs.DecryptAndHash(ciphertext) // NOISE-005
	return ok
}

func writeRest(hs *adversary.Handshake) []byte { return hs.EncryptAndHash(nil) }

// readRest verifies the payload's tag, and that there is no payload (NOISE-005, NOISE-006).
func readRest(hs *adversary.Handshake, ciphertext []byte) bool {
	payload, ok := hs.DecryptAndHash(ciphertext)
	return ok && len(payload) == 0
}

// accept takes any key.
func accept(*conn, []byte) bool { return true }

// split swaps Noise's directions (NOISE-010).
func split(c *conn) {
	k1, k2 := c.hs.Split()
	c.sendKey, c.receiveKey = k1, k2
	if c.initiator() {
		c.sendKey, c.receiveKey = k2, k1
	}
	if c.node.profile.AssociatedData == profile.HandshakeHash {
		c.ad = bytes.Clone(c.hs.H[:]) // REC-001
	}
}

// opened sends the one payload that the echo contract wants of an initiator.
func opened(c *conn) {
	if c.initiator() {
		c.say(c, nil, []byte("hello"))
	}
}
