package harness

// Listen asks for a responder on a real socket, which keeps the echo contract until reset: it accepts channels, one after the other or many
// at once, and sends every payload back; the echo's inner onward route is the received inner return route.
type Listen struct {
	On       Address // numeric; port 0 lets the system choose
	Profile  string
	Static   []byte  // private key
	Peer     []byte  // the one static public key that the policy takes; nil takes any
	Address  Address // of the channel listener; zero for the node's
	Deadline int     // of handshakes (NOISE-013) in milliseconds; 0 is the implementation's own
	Buffer   int     // bytes that the echoing application reads at once (IO-002); 0 is enough for every message
	GiveUp   int     // milliseconds after which it gives up a read and begins anew (IO-006); 0 is never
}

// Request is the line without its ID.
func (m Listen) Request() Request {
	f := Fields{{"on", m.On.String()}, {"profile", m.Profile}, hexField("static", m.Static)}
	return Request{Verb: VerbListen, Fields: f.hex("peer", m.Peer).address("address", m.Address).number("deadline", uint64(m.Deadline)).
		number("buffer", uint64(m.Buffer)).number("giveup", uint64(m.GiveUp))}
}

func (d *decoder) listen() Listen {
	return Listen{
		On: d.address("on", true), Profile: d.token("profile", true), Static: d.hex("static", true), Peer: d.hex("peer", false),
		Address: d.address("address", false), Deadline: int(d.number("deadline", false, maxNumber)),
		Buffer: int(d.number("buffer", false, maxNumber)), GiveUp: int(d.number("giveup", false, maxNumber)),
	}
}

// Connect asks for an initiator that connects once, sends one payload of its choice, and then keeps the echo contract. How that goes shows
// on the wire: the answer only tells that it was begun.
type Connect struct {
	To       Address // numeric
	Profile  string
	Static   []byte  // private key
	Peer     []byte  // the one static public key that the policy takes; nil takes any
	Route    Route   // onward route of m1; nil is To alone
	Service  Address // inner onward route of the first payload; zero for an empty one
	Deadline int     // of the handshake (NOISE-013) in milliseconds; 0 is the implementation's own
	Buffer   int     // as Listen
	GiveUp   int     // as Listen
}

// Request is the line without its ID.
func (m Connect) Request() Request {
	f := Fields{{"to", m.To.String()}, {"profile", m.Profile}, hexField("static", m.Static)}
	return Request{Verb: VerbConnect, Fields: f.hex("peer", m.Peer).route("route", m.Route).address("service", m.Service).number("deadline", uint64(m.Deadline)).
		number("buffer", uint64(m.Buffer)).number("giveup", uint64(m.GiveUp))}
}

func (d *decoder) connect() Connect {
	return Connect{
		To: d.address("to", true), Profile: d.token("profile", true), Static: d.hex("static", true), Peer: d.hex("peer", false),
		Route: d.route("route", false), Service: d.address("service", false), Deadline: int(d.number("deadline", false, maxNumber)),
		Buffer: int(d.number("buffer", false, maxNumber)), GiveUp: int(d.number("giveup", false, maxNumber)),
	}
}

// transport is the transport of an address, "" if it has none.
func (a Address) transport() string {
	switch a.Kind {
	case TCP4, TCP6, TCPName:
		return "tcp"
	case UDP4, UDP6, UDPName:
		return "udp"
	case Local:
	}
	return ""
}
