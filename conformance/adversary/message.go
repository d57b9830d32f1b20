package adversary

import "ockamtest/ref/wire"

// A Message is one wire message in the open (section 4 of the specification): what is set is sent, well-formed or not.
type Message struct {
	Version []byte // encoded; nil is version 1
	Onward  Route
	Return  Route
	Type    wire.Type
	Body    []byte
	// Untagged leaves the type byte out, except in pings and pongs, as profile e09 does.
	Untagged bool
}

// Header returns what stands before the body: version, routes, and type.
func (m Message) Header() []byte {
	version := m.Version
	if version == nil {
		version = []byte{wire.Version}
	}
	b := append([]byte(nil), version...)
	b = m.Onward.Append(b)
	b = m.Return.Append(b)
	if m.Untagged && m.Type > wire.Pong {
		return b
	}
	return append(b, byte(m.Type))
}

// Bytes returns the encoded message.
func (m Message) Bytes() []byte { return append(m.Header(), m.Body...) }

// U2LE encodes a value of 0 to 16383 in the shortest form (WIRE-002).
func U2LE(value int) []byte {
	if value < 128 {
		return []byte{byte(value)}
	}
	return []byte{0x80 | byte(value&0x7f), byte(value >> 7)}
}

// TypeName names a message type in words.
func TypeName(t wire.Type) string {
	switch t {
	case wire.Ping:
		return "ping"
	case wire.Pong:
		return "pong"
	case wire.Payload:
		return "payload"
	case wire.M1:
		return "m1"
	case wire.M2:
		return "m2"
	case wire.M3:
		return "m3"
	default:
		return "unknown type"
	}
}
