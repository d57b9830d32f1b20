package peers

import (
	"ockamtest/conformance/adversary"
)

const (
	// maxCounter is the last counter of a direction (REC-003).
	maxCounter = 65535
	// maxMessage is the longest wire message, over UDP and IPv4 maxDatagram (REC-010).
	maxMessage  = 65535
	maxDatagram = 65507
	// window is W of REC-008.
	window = 32
	// recordOverhead is what a payload costs with empty inner routes: header and tag.
	recordOverhead = 4 + adversary.TagSize
)

func (c *conn) takeRecord(m message) {
	inner, ok := c.open(c, m.body)
	if !ok {
		c.badRecord(c, m.body)
		return
	}
	c.repeat = 0 // TRAN-014: m3 has arrived
	p, ok := c.inner.parse(inner)
	if !ok || p.kind != kindPayload && p.kind != kindUntyped {
		c.badInner(c, inner)
		return
	}
	c.deliver(c, p)
}

// open decrypts the next message; the counter grows only when the tag verifies (REC-002, REC-004, REC-006, REC-007). On datagrams
// that is any message in the window (REC-008).
func open(c *conn, ciphertext []byte) ([]byte, bool) {
	end := c.received + 1
	if !c.onStream {
		end = c.received + window
	}
	for n := c.received; n < end && n <= maxCounter; n++ { // REC-003
		if inner, ok := c.openAt(c, n, ciphertext); ok {
			for ; c.received < n; c.received++ {
				c.missed[c.received] = true
			}
			c.received++
			return inner, true
		}
	}
	for n := range c.missed {
		if n+window < c.received {
			delete(c.missed, n)
		} else if inner, ok := c.openAt(c, n, ciphertext); ok {
			delete(c.missed, n)
			return inner, true
		}
	}
	return nil, false
}

// openAt verifies and decrypts (REC-001, REC-004).
func openAt(c *conn, n uint64, ciphertext []byte) ([]byte, bool) {
	return adversary.Open(c.receiveKey, n, c.ad, ciphertext)
}

// badRecord fails a channel on a stream and drops on datagrams (REC-005), and where no counter is left (REC-014).
func badRecord(c *conn, _ []byte) {
	if c.onStream && c.received <= maxCounter {
		c.fail(c)
	}
}

// badInner drops it: its counter is spent and the channel stays open (REC-009).
func badInner(*conn, []byte) {}

// deliver is the application: it echoes to where the payload came from. In a profile whose inner messages name the application, one that
// does not is dropped (section 11).
func deliver(c *conn, m message) {
	if c.node.profile.InnerOnwardNeeded && len(m.onward)*len(m.back) == 0 {
		return
	}
	c.say(c, m.back, m.body)
}

// say sends a payload. One that is too long, or beyond the last counter, is refused and uses no counter (REC-003, REC-010). One that
// cannot travel is not sent; if it was encrypted, its counter is spent.
func say(c *conn, onward route, payload []byte) {
	p := c.node.profile
	m := message{onward: onward[:min(len(onward), p.MaxInnerOnward)], kind: kindPayload, body: payload}
	if p.InnerOnwardNeeded {
		if m.back = (route{{addressLocal, 3, 'a', 'p', 'p'}}); len(onward) == 0 {
			m.onward = route{append([]byte{addressLocal, 4}, "echo"...)} // conformance.DefaultService
		}
	}
	if c.node.stuck(payload) {
		return
	}
	inner := c.encode(m)
	if p.SendLimit > 0 && len(payload) > p.SendLimit { // REC-013: application bytes
		return
	}
	outer := 0
	if p.TransportHeader {
		header := c.header(c, kindPayload)
		header.kind = kindPayload
		outer = len(c.encode(header))
	}
	if c.sent > maxCounter || outer+len(inner)+adversary.TagSize > c.longest() {
		return
	}
	if record := c.seal(c, inner); !c.node.stuck(record) {
		c.sendRecord(record)
	}
}

// longest is the longest wire message that leaves here (REC-010, CHAN-008).
func (c *conn) longest() int {
	if c.below > 0 {
		return c.below
	}
	n := c.node
	limit := maxMessage
	if n.datagrams {
		limit = maxDatagram
	}
	if n.profile.MessageLimit > 0 {
		limit = min(limit, n.profile.MessageLimit)
	}
	return limit
}

func (c *conn) sendRecord(ciphertext []byte) {
	if c.node.profile.TransportHeader {
		c.post(kindPayload, ciphertext)
	} else {
		c.leave(ciphertext)
	}
}

// seal encrypts with the next counter, which is spent by it (REC-002, REC-003).
func seal(c *conn, inner []byte) []byte {
	n := c.sent
	c.sent++
	return adversary.Seal(c.sendKey, n, c.ad, inner)
}
