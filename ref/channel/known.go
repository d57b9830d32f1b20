package channel

import "ockamtest/ref/wire"

// maxKnown is the longest header that is remembered, in bytes: a channel at rest is small, whatever was sent to it.
const maxKnown = 64

// knownRecord is the ciphertext of a record that has the outer header of the last one that verified, and came the usual way; false if msg is
// another message. Then there is nothing to parse, for what a header says depends on its bytes and the link alone. What is remembered is no
// state: a channel without it does the same.
func (c *Channel) knownRecord(link wire.Link, msg []byte) (ciphertext []byte, ok bool) {
	header := c.scratch.header
	n := len(header)
	if n == 0 || len(msg) > c.cfg.receiveLimit || len(msg) < n || string(msg[:n]) != string(header) || link != c.link {
		return nil, false
	}
	return msg[n:], c.state == Open
}

// remember makes the header of a record that verified the known one. Without a type byte what follows the routes is read to tell what it
// is.
func (c *Channel) remember(link wire.Link, header []byte) {
	if c.cfg.Profile.TransportTypeByte && len(header) <= maxKnown && link == c.link {
		c.scratch.header = append(c.scratch.header[:0], header...)
	}
}

// plainHeader is the inner header of a payload without routes: version, two counts, type.
const plainHeader = "\x01\x00\x00\x02"

// plain reports whether inner messages may have the plainHeader.
func (s *setup) plain() bool { return s.Profile.InnerTypeByte && !s.Profile.InnerOnwardNeeded }
