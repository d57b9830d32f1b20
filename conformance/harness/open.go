package harness

// A Role is the part that a channel plays.
type Role string

// The roles.
const (
	Initiator Role = "initiator"
	Responder Role = "responder"
)

// An Over is what a channel without sockets takes for the IO below it.
type Over string

// What is below a channel.
const (
	// Stream is a TCP connection: bytes, with frames (TRAN-001), in pieces of any size.
	Stream Over = "stream"
	// Message is a TCP connection from which the kit has taken the frames: one wire message in each feed.
	Message Over = "message"
	// Datagram is a UDP socket: one datagram in each feed.
	Datagram Over = "datagram"
)

// Open asks for a channel without sockets. The channel that had the number before is forgotten.
type Open struct {
	Channel   int
	Role      Role
	Profile   string
	Over      Over
	Static    []byte // private key
	Ephemeral []byte // private key; nil lets the implementation choose
	Peer      []byte // the one static public key that the policy takes; nil takes any (NOISE-011)

	// Local and Remote are the transport addresses of this end and of the kit's; zero for an IO without addresses.
	Local, Remote Address
	Route         Route   // onward route of an initiator's m1; nil is Remote alone
	Address       Address // the channel's own local address (CHAN-010); zero if it has none
	Listener      Address // the local address of the listener for which a responder stands; zero for the node's
	Window        int     // W of REC-008; 0 is the implementation's own
	Limit         int     // longest wire message that the IO below carries, in bytes; 0 is the profile's
	Deadline      int     // of the handshake (NOISE-013) in milliseconds of the channel's clock; 0 is the implementation's own
}

// Request is the line without its ID.
func (o Open) Request() Request {
	f := Fields{
		numberField("ch", uint64(o.Channel)), {"role", string(o.Role)}, {"profile", o.Profile}, {"over", string(o.Over)},
		hexField("static", o.Static),
	}
	f = f.hex("ephemeral", o.Ephemeral).hex("peer", o.Peer).address("local", o.Local).address("remote", o.Remote).route("route", o.Route)
	f = f.address("address", o.Address).address("listener", o.Listener)
	f = f.number("window", uint64(o.Window)).number("limit", uint64(o.Limit)).number("deadline", uint64(o.Deadline))
	return Request{Verb: VerbOpen, Fields: f}
}

const maxNumber = 1<<31 - 1 // what every int holds

func (d *decoder) open() Open {
	return Open{
		Channel: d.channel(), Role: Role(d.token("role", true, string(Initiator), string(Responder))), Profile: d.token("profile", true),
		Over:   Over(d.token("over", true, string(Stream), string(Message), string(Datagram))),
		Static: d.hex("static", true), Ephemeral: d.hex("ephemeral", false), Peer: d.hex("peer", false),
		Local: d.address("local", false), Remote: d.address("remote", false), Route: d.route("route", false),
		Address: d.address("address", false), Listener: d.address("listener", false),
		Window: int(d.number("window", false, maxNumber)), Limit: int(d.number("limit", false, maxNumber)),
		Deadline: int(d.number("deadline", false, maxNumber)),
	}
}

func (d *decoder) channel() int { return int(d.number("ch", true, MaxChannels-1)) }

// Feed gives a channel bytes from the other end, or the end of its stream.
type Feed struct {
	Channel int
	Data    []byte  // a piece of the stream, a wire message, or a datagram; possibly empty. Nil with End alone.
	From    Address // the datagram's source; zero is Open's Remote
	End     End     // of the stream, behind Data; not with Datagram
}

// An End is how a stream ends.
type End string

// The ends. The zero End is none.
const (
	NoEnd End = ""
	FIN   End = "fin"
	RST   End = "rst"
)

// Request is the line without its ID.
func (m Feed) Request() Request {
	f := Fields{numberField("ch", uint64(m.Channel))}
	return Request{Verb: VerbFeed, Fields: f.hex("data", m.Data).address("from", m.From).token("end", string(m.End))}
}

func (d *decoder) feed() Feed {
	m := Feed{Channel: d.channel(), Data: d.hex("data", false), From: d.address("from", false)}
	m.End = End(d.token("end", false, string(FIN), string(RST)))
	if m.Data == nil && m.End == NoEnd {
		d.fault("data")
	}
	return m
}

// Write gives a channel application bytes to send.
type Write struct {
	Channel        int
	Data           []byte
	Onward, Return Route // inner routes (REC-011); nil is none
}

// Request is the line without its ID.
func (w Write) Request() Request {
	f := Fields{numberField("ch", uint64(w.Channel)), hexField("data", w.Data)}
	return Request{Verb: VerbWrite, Fields: f.route("onward", w.Onward).route("return", w.Return)}
}

func (d *decoder) write() Write {
	return Write{Channel: d.channel(), Data: d.hex("data", true), Onward: d.route("onward", false), Return: d.route("return", false)}
}

// Tick lets a channel's clock go on and the channel do what is due then. The clock stands still otherwise; Open starts it.
type Tick struct {
	Channel      int
	Milliseconds int
}

// Request is the line without its ID.
func (t Tick) Request() Request {
	return Request{Verb: VerbTick, Fields: Fields{numberField("ch", uint64(t.Channel)), numberField("ms", uint64(t.Milliseconds))}}
}

func (d *decoder) tick() Tick { return Tick{d.channel(), int(d.number("ms", true, maxNumber))} }
