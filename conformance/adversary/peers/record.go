package peers

import (
	"ockamtest/conformance/adversary"
)

const (
	// maxCounter is the last counter of a direction (REC-003).
	maxCounter = 65535
	// maxMessage is the longest wire message (REC-010).
	maxMessage = 65535
	// recordOverhead is what a payload costs with empty inner routes: header and tag.
	recordOverhead = 4 + adversary.TagSize
)

func (c *conn) takeRecord(m message) {
	inner, ok := c.open(c, m.body)
	if !ok {
		c.badRecord(c, m.body)
		return
	}
	p, ok := c.inner.parse(inner)
	if !ok || p.kind != kindPayload {
		c.badInner(c, inner)
		return
	}
	c.deliver(c, p)
}

// open decrypts the next message; the counter grows only when the tag verifies (REC-002, REC-004, REC-006, REC-007).
func open(c *conn, ciphertext []byte) ([]byte, bool) {
	if c.received > maxCounter { // REC-003
		return nil, false
	}
	inner, ok := adversary.Open(c.receiveKey, c.received, c.ad, ciphertext)
	if ok {
		c.received++
	}
	return inner, ok
}

// badRecord fails a channel on a stream and drops on datagrams (REC-005).
func badRecord(c *conn, _ []byte) {
	if c.onStream {
		c.fail(c)
	}
}

// badInner drops it: its counter is spent and the channel stays open (REC-009).
func badInner(*conn, []byte) {}

// deliver is the application: it echoes to where the payload came from.
func deliver(c *conn, m message) { c.say(c, m.back, m.body) }

// say sends a payload. One that is too long, or beyond the last counter, is refused and uses no counter (REC-003, REC-010).
func say(c *conn, onward route, payload []byte) {
	inner := message{onward: onward, kind: kindPayload, body: payload}.encode()
	p := c.node.profile
	if p.SendLimit > 0 && len(inner) > p.SendLimit {
		return
	}
	outer := 0
	if p.TransportHeader {
		outer = len(c.header(c, kindPayload).encode())
	}
	if c.sent > maxCounter || outer+len(inner)+adversary.TagSize > maxMessage {
		return
	}
	ciphertext := c.seal(c, inner)
	if p.TransportHeader {
		c.post(kindPayload, ciphertext)
		return
	}
	c.push(ciphertext)
}

// seal encrypts with the next counter, which is spent by it (REC-002, REC-003).
func seal(c *conn, inner []byte) []byte {
	n := c.sent
	c.sent++
	return adversary.Seal(c.sendKey, n, c.ad, inner)
}
