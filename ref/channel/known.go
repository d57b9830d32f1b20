package channel

import "ockamtest/ref/wire"

// A known is the outer header of the last record that verified, and the link over which it came. Most records have the one of the record
// before: then there is nothing to parse, for what a header says depends on its bytes and the link alone. It is no state: a channel without
// it does the same.
type known struct {
	link   wire.Link
	header []byte // with the type byte, at most maxKnown bytes
}

// maxKnown is the longest header that is remembered: a channel at rest is small, whatever was sent to it.
const maxKnown = 64

// knownRecord is the ciphertext of a record with the known header, false if msg is another message.
func (c *Channel) knownRecord(link wire.Link, msg []byte) (ciphertext []byte, ok bool) {
	k := c.scratch.known
	if k == nil || len(msg) > c.cfg.receiveLimit || len(msg) < len(k.header) || string(msg[:len(k.header)]) != string(k.header) {
		return nil, false
	}
	return msg[len(k.header):], c.state == Open && link == k.link
}

// remember makes the header of a record that verified the known one. Without a type byte what follows the routes is read to tell what it is.
func (c *Channel) remember(link wire.Link, header []byte) {
	if !c.cfg.Profile.TransportTypeByte || len(header) > maxKnown {
		return
	}
	if c.scratch.known == nil {
		c.scratch.known = &known{}
	}
	k := c.scratch.known
	k.link, k.header = link, append(k.header[:0], header...)
}

// plainHeader is the inner header of a payload without routes: version, two counts, type.
const plainHeader = "\x01\x00\x00\x02"

// plain reports whether inner messages may have the plainHeader.
func (s *setup) plain() bool { return s.Profile.InnerTypeByte && !s.Profile.InnerOnwardNeeded }
