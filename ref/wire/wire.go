// Package wire encodes and decodes the wire message: version, onward route, return route, type, body (specification
// section 4, area WIRE), in every dialect of section 11.
//
// It is a pure codec: no IO, no routing, no judgement of bodies. Decoding aliases the input; values are plain data and safe
// for concurrent reading.
package wire

// Limits of the format.
const (
	Version         = 1     // WIRE-001
	MaxU2LE         = 16383 // WIRE-002
	MaxAddresses    = 255   // WIRE-008: on the wire, per route
	MaxLocalAddress = 255   // WIRE-012: bytes
	MaxDNSName      = 253   // WIRE-013: bytes
	MaxMessage      = 65535 // REC-010: bytes
)

// A Type is the message type byte (specification section 4).
type Type uint8

// The message types of version 1.
const (
	Ping    Type = 0
	Pong    Type = 1
	Payload Type = 2
	M1      Type = 3 // request channel
	M2      Type = 4 // key agreement m2
	M3      Type = 5 // key agreement m3
)

// A Route is a list of addresses; the next hop comes first.
type Route []Address

// A Message is one wire message. Body is what follows the type byte: empty for Ping and Pong (WIRE-009).
type Message struct {
	Onward Route
	Return Route
	Type   Type
	Body   []byte
}

// An AddressType is the first byte of an address.
type AddressType uint8

// The address types of version 1.
const (
	Local AddressType = 0
	TCP   AddressType = 1
	UDP   AddressType = 2
)

// A HostType is the first byte of a host.
type HostType uint8

// The host types of version 1.
const (
	IPv4 HostType = 0
	IPv6 HostType = 1
	DNS  HostType = 2
)

// An Address is a local address or a transport address. The zero Address is invalid. Addresses are plain values, compared with
// == for identity of their bytes and with Equal by meaning (WIRE-013).
type Address struct {
	Type AddressType
	Host HostType // transport addresses
	Port uint16   // transport addresses
	// Value is the local address (1 to 255 opaque bytes), the IP address in network order (4 or 16 bytes), or the DNS name
	// (1 to 253 bytes).
	Value string
}
