package term

// M1 is the Noise message 1 of a session, made with these parts: 32 bytes and the payload (c010: 65). The session's handshake begins anew
// with it. Text: m1(SESSION, KEY, TERM).
type M1 struct {
	termNode
	Session uint64
	E       Key
	Payload Term
}

// M2 is the Noise message 2 of a session that has received m1: 96 bytes and the payload (c010: 162). The session's handshake goes on with
// it. Text: m2(SESSION, KEY, KEY, TERM): e, s, payload.
type M2 struct {
	termNode
	Session uint64
	E, S    Key
	Payload Term
}

// M3 is the Noise message 3 of a session that has received m2: 64 bytes and the payload (c010: 97). The session is open with it. Text:
// m3(SESSION, KEY, TERM): s, payload.
type M3 struct {
	termNode
	Session uint64
	S       Key
	Payload Term
}

// Record is a ciphertext of an open session under its next counter, which is used up. Text: record(SESSION, TERM).
type Record struct {
	termNode
	Session uint64
	Inner   Term
}

// RecordAt is Record under any counter, and uses none up. Text: record-at(SESSION, N, TERM).
type RecordAt struct {
	termNode
	Session, N uint64
	Inner      Term
}

// Inner is the inner message of a payload, as the session's profile has it (REC-011). Text: inner(SESSION, TERM).
type Inner struct {
	termNode
	Session uint64
	Payload Term
}

// Local is a local address of a value, whose length is written modulo 256; length 0 is malformed (WIRE-012). Text: local(TERM).
type Local struct {
	termNode
	Name Term
}

// TCP is a TCP address of a host and a port. A host of 4 bytes is IPv4, one of 16 IPv6, any other a DNS name, whose length is written
// modulo 256. Text: tcp(TERM, PORT).
type TCP struct {
	termNode
	Host Term
	Port uint64 // up to 65,535
}

// UDP is a UDP address; else it is TCP. Text: udp(TERM, PORT).
type UDP struct {
	termNode
	Host Term
	Port uint64 // up to 65,535
}

// Route is a count and so many addresses, at most MaxList. Text: route(TERM, …).
type Route struct {
	termNode
	Addresses []Term
}

// RouteOf is a route that may lie about its count. Text: route-of(COUNT, TERM).
type RouteOf struct {
	termNode
	Count     uint64 // up to 255
	Addresses Term
}

// Onward is the route to the session's peer, as learnt from its last handshake message (ROUT-008). Text: onward(SESSION).
type Onward struct {
	termNode
	Session uint64
}

// Return is the return route of the session's handshake messages. Text: return(SESSION).
type Return struct {
	termNode
	Session uint64
}

// Header is what stands before a body: version, the two routes with their counts, type. Text: header(VERSION, TERM, TERM, TYPE).
type Header struct {
	termNode
	Version        uint64 // up to 16,383
	Onward, Return Term
	Type           uint64 // up to 255
}

// Message is the wire message of a session that carries a body, with the session's routes and the profile's header for that type: none
// for the records of profile c09. Text: message(SESSION, TYPE, TERM).
type Message struct {
	termNode
	Session uint64
	Type    uint64 // up to 255
	Body    Term
}

// Frame is a message in its frame (TRAN-001); on datagrams it is the message. More than 65,535 bytes do not fit. Text: frame(TERM).
type Frame struct {
	termNode
	X Term
}

// FrameOf is a length, on datagrams too, and bytes: it may lie. Text: frame-of(LENGTH, TERM).
type FrameOf struct {
	termNode
	Length uint64 // up to 65,535
	X      Term
}

func (*M1) symbol() string       { return "m1" }
func (*M2) symbol() string       { return "m2" }
func (*M3) symbol() string       { return "m3" }
func (*Record) symbol() string   { return "record" }
func (*RecordAt) symbol() string { return "record-at" }
func (*Inner) symbol() string    { return "inner" }
func (*Local) symbol() string    { return "local" }
func (*TCP) symbol() string      { return "tcp" }
func (*UDP) symbol() string      { return "udp" }
func (*Route) symbol() string    { return "route" }
func (*RouteOf) symbol() string  { return "route-of" }
func (*Onward) symbol() string   { return "onward" }
func (*Return) symbol() string   { return "return" }
func (*Header) symbol() string   { return "header" }
func (*Message) symbol() string  { return "message" }
func (*Frame) symbol() string    { return "frame" }
func (*FrameOf) symbol() string  { return "frame-of" }

func (t *M1) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.key(&t.E)
	v.term(&t.Payload)
}

func (t *M2) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.key(&t.E)
	v.key(&t.S)
	v.term(&t.Payload)
}

func (t *M3) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.key(&t.S)
	v.term(&t.Payload)
}

func (t *Record) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.term(&t.Inner)
}

func (t *RecordAt) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.number(&t.N, ^uint64(0))
	v.term(&t.Inner)
}

func (t *Inner) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.term(&t.Payload)
}

func (t *Local) fields(v visitor) { v.term(&t.Name) }

func (t *TCP) fields(v visitor) {
	v.term(&t.Host)
	v.number(&t.Port, 65535)
}

func (t *UDP) fields(v visitor) {
	v.term(&t.Host)
	v.number(&t.Port, 65535)
}

func (t *Route) fields(v visitor) { v.terms(&t.Addresses) }

func (t *RouteOf) fields(v visitor) {
	v.number(&t.Count, 255)
	v.term(&t.Addresses)
}

func (t *Onward) fields(v visitor) { v.number(&t.Session, MaxSession) }
func (t *Return) fields(v visitor) { v.number(&t.Session, MaxSession) }

func (t *Header) fields(v visitor) {
	v.number(&t.Version, 16383)
	v.term(&t.Onward)
	v.term(&t.Return)
	v.number(&t.Type, 255)
}

func (t *Message) fields(v visitor) {
	v.number(&t.Session, MaxSession)
	v.number(&t.Type, 255)
	v.term(&t.Body)
}

func (t *Frame) fields(v visitor) { v.term(&t.X) }

func (t *FrameOf) fields(v visitor) {
	v.number(&t.Length, 65535)
	v.term(&t.X)
}
