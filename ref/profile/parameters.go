package profile

// A Transport is a kind of transport that a profile runs over.
type Transport uint8

// Transports of the profiles.
const (
	TCP Transport = iota + 1
	UDP
)

// String returns "TCP" or "UDP".
func (t Transport) String() string {
	switch t {
	case TCP:
		return "TCP"
	case UDP:
		return "UDP"
	}
	return "invalid transport"
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
	NoListener // the profile has no routes
)
