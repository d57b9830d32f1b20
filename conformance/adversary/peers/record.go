package peers

import (
	"ockamtest/conformance/adversary"
)

const (
	// maxCounter is the last counter of a direction (REC-003).
	maxCounter = 65535
	// maxMessage is the longest wire message (REC-010).
	maxMessage = 65535
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
	p, ok := c.inner.parse(inner)
	if !ok || p.kind != kindPayload {
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
		if inner, ok := c.openAt(n, ciphertext); ok {
			for ; c.received < n; c.received++ {
				c.missed[c.received] = true
			}
			c.received++
			return inner, true
		}
	}
	for n := range c.missed {
		if inner, ok := c.openAt(n, ciphertext); ok && n+window > c.received {
			delete(c.missed, n)
			return inner, true
		}
	}
	return nil, false
}

func (c *conn) openAt(n uint64, ciphertext []byte) ([]byte, bool) {
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

// deliver is the application: it echoes to where the payload came from.
func deliver(c *conn, m message) { c.say(c, m.back, m.body) }

// say sends a payload. One that is too long, or beyond the last counter, is refused and uses no counter (REC-003, REC-010).
func say(c *conn, onward route, payload []byte) {
	inner := c.encode(message{onward: onward, kind: kindPayload, body: payload})
	p := c.node.profile
	if p.SendLimit > 0 && len(payload) > p.SendLimit { // REC-013: application bytes
		return
	}
	outer := 0
	if p.TransportHeader {
		outer = len(c.encode(c.header(c, kindPayload)))
	}
	if c.sent > maxCounter || outer+len(inner)+adversary.TagSize > maxMessage {
		return
	}
	c.sendRecord(c.seal(c, inner))
}

func (c *conn) sendRecord(ciphertext []byte) {
	if c.node.profile.TransportHeader {
		c.post(kindPayload, ciphertext)
	} else {
		c.push(ciphertext)
	}
}

// seal encrypts with the next counter, which is spent by it (REC-002, REC-003).
func seal(c *conn, inner []byte) []byte {
	n := c.sent
	c.sent++
	return adversary.Seal(c.sendKey, n, c.ad, inner)
}
