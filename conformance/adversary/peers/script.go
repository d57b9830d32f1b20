package peers

import (
	"time"

	"ockamtest/conformance/adversary"
	"ockamtest/ref/profile"
)

// A script is what a peer does on one connection, one step to a field. Each step does its part rightly unless it is replaced. A step
// calls others through the script, so that a replaced one serves everywhere.
type script struct {
	streamSteps
	messageSteps
	handshakeSteps
	recordSteps
}

// streamSteps are those of section 3 and of the connection's life.
type streamSteps struct {
	began   func(c *conn)                            // the connection is there
	receive func(c *conn, p []byte)                  // bytes arrived, or a datagram
	stray   func(c *conn, p []byte)                  // a datagram arrived from a source to which an initiator has not turned itself
	deframe func(c *conn) (frame []byte, ok bool)    // takes the next whole frame off c.in
	arrived func(c *conn, frame []byte)              // a whole frame
	ended   func(c *conn, orderly bool)              // the kit ended the stream
	limit   func(c *conn) time.Duration              // how long a handshake may take, 0 for ever
	late    func(c *conn)                            // the handshake's deadline has come
	again   func(c *conn)                            // the time to repeat a handshake message has come
	first   func(c *conn) time.Duration              // the pause before a handshake message is repeated, 0 if it is not
	pace    func(before time.Duration) time.Duration // the pause after one
	crowded func(c *conn)                            // another handshake is half-open
	push    func(c *conn, message []byte)            // sends a message here
	frame   func(message []byte) []byte              // puts the length in front
	write   func(frames [][]byte) [][]byte           // how the frames of one turn leave
	fail    func(c *conn)                            // a fatal error: nothing is sent or delivered afterwards
}

// messageSteps are those of section 4, and what section 8 leaves to an end point.
type messageSteps struct {
	outer  parser                                        // of wire messages
	routed func(c *conn, m message) (message, bool)      // ROUT-001 to ROUT-003; false if it is not for this channel
	lead   func(c *conn, onward route) route             // ROUT-002
	source func(c *conn, back route) route               // ROUT-003
	form   func(back route) (route, bool)                // WIRE-015: a route as it is answered; false if it has no form
	find   func(c *conn, m message) (*channel, bool)     // the channel that a message is for
	listen func(c *conn, m message) (*channel, bool)     // the channel of an m1 for the listener
	ping   func(c *conn, m message)                      // a ping for the node
	next   func(c *conn, kind byte) func(*conn, message) // what takes a message of this kind now; nil if nothing does
	refuse func(c *conn, m message)                      // a message is rejected; m is zero if it did not parse
	header func(c *conn, kind byte) message              // of what is sent
	encode func(m message) []byte

	addressed  func(c *conn) bool   // whether channels have local addresses of their own
	newAddress func(c *conn) []byte // such an address
}

// handshakeSteps are those of section 5.
type handshakeSteps struct {
	begin       func(c *conn) adversary.Handshake
	static      func(c *conn) adversary.KeyPair
	ephemeral   func(c *conn) adversary.KeyPair
	mix         func(hs *adversary.Handshake, own adversary.KeyPair, public []byte) bool // a DH result into ck
	writeKey    func(hs *adversary.Handshake) []byte                                     // e
	readKey     func(hs *adversary.Handshake, m []byte) (rest []byte, ok bool)
	writeStatic func(hs *adversary.Handshake) []byte // s
	readStatic  func(hs *adversary.Handshake, ciphertext []byte) bool
	writeRest   func(hs *adversary.Handshake) []byte // the empty payload
	readRest    func(hs *adversary.Handshake, ciphertext []byte) bool
	accept      func(c *conn, static []byte) bool // the policy of NOISE-011
	split       func(c *conn)
	opened      func(c *conn) // the channel has just become open
}

// recordSteps are those of section 7.
type recordSteps struct {
	seal      func(c *conn, inner []byte) []byte
	open      func(c *conn, ciphertext []byte) (inner []byte, ok bool)
	openAt    func(c *conn, n uint64, ciphertext []byte) (inner []byte, ok bool) // verifies under one counter
	badRecord func(c *conn, ciphertext []byte)                                   // its tag does not verify
	inner     parser                                                             // of decrypted messages
	badInner  func(c *conn, inner []byte)                                        // it does not parse, or is no payload
	deliver   func(c *conn, m message)                                           // a payload, decrypted and parsed
	say       func(c *conn, onward route, payload []byte)
}

// correctScript obeys every requirement that an end point has.
func correctScript(p profile.Profile, datagrams bool) script {
	payloads := p
	payloads.Routes = true // how many an inner message has is another matter: in a tunnel outer ones have none, in c09 neither
	s := script{
		streamSteps: streamSteps{
			began:   began,
			receive: receive,
			stray:   stray,
			deframe: deframe(frameLimit(p)),
			arrived: arrived,
			ended:   ended,
			limit:   limit,
			late:    late,
			again:   again,
			first:   first,
			pace:    pace,
			crowded: crowded,
			push:    push,
			frame:   frame,
			write:   write,
			fail:    fail,
		},
		messageSteps: messageSteps{
			outer:  strictParser(p.HandshakeEnvelope()),
			routed: routed,
			lead:   lead,
			source: source,
			form:   route.written,
			find:   find,
			listen: listen,
			ping:   ping,
			next:   next,
			refuse: refuse,
			header: header,
			encode: message.encode,

			addressed:  addressed,
			newAddress: newAddress,
		},
		handshakeSteps: handshakeSteps{
			begin:       begin,
			static:      static,
			ephemeral:   ephemeral,
			mix:         mix,
			writeKey:    writeKey,
			readKey:     readKey,
			writeStatic: writeStatic,
			readStatic:  readStatic,
			writeRest:   writeRest,
			readRest:    readRest,
			accept:      accept,
			split:       split,
			opened:      opened,
		},
		recordSteps: recordSteps{
			seal:      seal,
			open:      open,
			openAt:    openAt,
			badRecord: badRecord,
			inner:     strictParser(payloads.InnerEnvelope()),
			badInner:  badInner,
			deliver:   deliver,
			say:       say,
		},
	}
	if datagrams {
		s.frame = datagram
	}
	if !p.HandshakeTypeByte {
		s.encode = message.encodeUntyped
	}
	return s
}
