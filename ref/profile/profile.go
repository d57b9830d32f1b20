// Package profile describes the dialects of the protocol as data (specification section 11). Nothing here acts; the layers
// above read the parameters. What a dialect's peers are known not to meet is kept in conformance, not here.
package profile

// A Transport is a kind of transport that a profile runs over.
type Transport uint8

// Transports of the profiles.
const (
	TCP Transport = iota + 1
	UDP
)

// A Suite is a set of Noise primitives.
type Suite struct {
	Name          string // protocol name, NOISE-001
	P256          bool   // P-256 instead of X25519
	PublicKeySize int    // bytes
	KeySize       int    // AEAD key: the first bytes of each HKDF block
}

// X25519AES256 is Noise_XX_25519_AESGCM_SHA256.
func X25519AES256() Suite {
	return Suite{Name: "Noise_XX_25519_AESGCM_SHA256", PublicKeySize: 32, KeySize: 32}
}

// P256AES128 is the suite of profile c010, which keeps the name of the X25519 suite.
func P256AES128() Suite {
	return Suite{Name: "Noise_XX_25519_AESGCM_SHA256", P256: true, PublicKeySize: 65, KeySize: 16}
}

// An AssociatedData is what transport messages authenticate beside themselves (REC-001).
type AssociatedData uint8

// The zero AssociatedData is HandshakeHash.
const (
	HandshakeHash AssociatedData = iota
	NoData
)

// A LeadingAddress is what a receiver does with its own address at the head of the onward route (ROUT-002).
type LeadingAddress uint8

// The zero LeadingAddress is RemoveTransport.
const (
	RemoveTransport LeadingAddress = iota // removed whatever it says
	RemoveBind                            // removed only if equal to the bind address
	IgnoreLeading                         // end point
	NoRoutes                              // the profile has no routes
)

// A StaticKey is where a party's static key comes from (NOISE-012).
type StaticKey uint8

// The zero StaticKey is Configured.
const (
	Configured StaticKey = iota
	PerHandshake
)

// A Listener is what m1 is addressed to.
type Listener uint8

// The zero Listener is NodeOrLocal.
const (
	NodeOrLocal   Listener = iota
	ResponderOnly          // the responder channel's local address, always
	NodeOnly
)

// A Profile is the parameters in which an implementation differs. The fields follow the rows of the table in section 11.
// A limit of 0 means no limit beyond the format's own.
type Profile struct {
	Name       string // as on the command line
	Title      string // who speaks it
	Transports []Transport

	Routes            bool // false: both counts must be 0
	HandshakeTypeByte bool // false: the body is the Noise message, without type byte
	TransportHeader   bool // outer header on transport messages; false: the message is the ciphertext
	TransportTypeByte bool // type byte 2 in the outer header
	InnerTypeByte     bool // type byte 2 in the inner header
	AssociatedData    AssociatedData
	Suite             Suite
	IPv6LittleEndian  bool // eight little-endian 16-bit groups
	LeadingAddress    LeadingAddress

	SendLimit    int // application bytes per message that may be sent
	ReceiveLimit int // application bytes per message that must be accepted
	MessageLimit int // bytes per wire message

	StaticKey StaticKey
	Listener  Listener
	RepeatM1  bool // TRAN-014

	// ForbiddenBodies are first bytes of handshake messages, ciphertexts, and inner payloads that cannot travel untagged.
	ForbiddenBodies []byte
	// ForbiddenInner are inner payloads that cannot travel.
	ForbiddenInner [][]byte

	MaxReturnAddresses int // outer return addresses on transport messages; -1: any
	MaxAddresses       int // per route that peers of the profile support
	InnerRoutes        bool
	InnerOnwardNeeded  bool // inner onward names the application, else the message is dropped
	MaxInnerReturn     int  // -1: any
}
