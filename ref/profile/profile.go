// Package profile describes the dialects of the protocol as data (specification section 11). Nothing here acts; the layers
// above read the parameters. What a dialect's peers are known not to meet is kept in conformance, not here.
//
// A Profile is a plain value; each call returns one of its own, which the caller may change.
package profile

// A Profile is the parameters in which an implementation differs. The fields follow the rows of the table in section 11.
type Profile struct {
	Name       string // as on the command line
	Title      string // who speaks it
	Transports []Transport

	Routes            bool // false: both counts have to be 0
	HandshakeTypeByte bool // false: the body is the Noise message, without type byte
	TransportHeader   bool // outer header on transport messages; false: the message is the ciphertext
	TransportTypeByte bool // type byte 2 in the outer header
	InnerTypeByte     bool // type byte 2 in the inner header
	AssociatedData    AssociatedData
	Suite             Suite
	IPv6LittleEndian  bool // eight little-endian 16-bit groups
	LeadingAddress    LeadingAddress

	// SendLimit and ReceiveLimit are application bytes per message that may be sent and have to be accepted. 0: what
	// MessageLimit leaves after the overhead.
	SendLimit    int
	ReceiveLimit int
	// MessageLimit is bytes per wire message. 0: what the application limits make of it.
	MessageLimit int

	StaticKey StaticKey
	Listener  Listener
	RepeatM1  bool // TRAN-014

	// ForbiddenBodies are first bytes of handshake messages, ciphertexts, and inner payloads that cannot travel.
	ForbiddenBodies []byte
	// ForbiddenInner are whole inner payloads that cannot travel.
	ForbiddenInner [][]byte

	MaxReturnAddresses int // outer return addresses on transport messages
	MinAddresses       int // per route that every peer of the profile takes
	MaxAddresses       int // per route that travel at all

	MaxInnerOnward     int
	MaxInnerReturn     int
	InnerOnwardNeeded  bool // inner onward names the application, else the message is dropped
	InnerReturnMisread bool // a local inner return address is mis-read: none is sent
}

// AnyCount is the limit of addresses that the format itself has (WIRE-008).
const AnyCount = 255
