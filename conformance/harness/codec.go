package harness

// A Form is what decode and encode work on.
type Form string

// The forms. The first three are wire messages, in the envelopes that a profile has for them.
const (
	AsHandshake Form = "handshake" // m1, m2, m3, ping, pong
	AsTransport Form = "transport" // outer messages of the transport phase
	AsInner     Form = "inner"     // inner messages
	AsRoute     Form = "route"
	AsAddress   Form = "address"
	AsU2LE      Form = "u2le"
	AsFrames    Form = "frames" // a byte stream that ends (TRAN-001)
)

// A Decode asks for bytes to be decoded.
type Decode struct {
	As      Form
	Profile string   // empty is v1
	Data    [][]byte // one element; with AsFrames the pieces of the stream
	Limit   int      // AsFrames: the longest frame that is taken, in bytes; 0 is the implementation's own
}

// A Decoded is what was in the bytes. Which fields are set is told by the form.
type Decoded struct {
	Onward, Return Route // messages
	Type           int   // messages; -1 if there is no type byte
	Body           []byte
	Route          Route
	Address        Address
	Value          int
	Used           int // how many bytes a route, address, or u2le took
	Frames         [][]byte
}

// Request is the line without its ID.
func (m Decode) Request() Request {
	f := Fields{{"as", string(m.As)}, chunksField("data", m.Data)}
	return Request{Verb: VerbDecode, Fields: f.token("profile", m.Profile).number("limit", uint64(m.Limit))}
}

func (d *decoder) form() Form {
	return Form(d.token("as", true, string(AsHandshake), string(AsTransport), string(AsInner), string(AsRoute), string(AsAddress),
		string(AsU2LE), string(AsFrames)))
}

func (d *decoder) decode() Decode {
	m := Decode{
		As: d.form(), Profile: d.token("profile", false), Data: d.chunks("data", true), Limit: int(d.number("limit", false, maxNumber)),
	}
	if m.As != AsFrames && len(m.Data) != 1 {
		d.fault("data")
	}
	return m
}

func (v Decoded) fields(as Form) Fields {
	used := numberField("used", uint64(v.Used))
	switch as {
	case AsHandshake, AsTransport, AsInner:
		f := Fields{{"onward", v.Onward.String()}, {"return", v.Return.String()}}
		if v.Type >= 0 {
			f = append(f, numberField("type", uint64(v.Type)))
		}
		return append(f, hexField("body", v.Body))
	case AsRoute:
		return Fields{{"route", v.Route.String()}, used}
	case AsAddress:
		return Fields{{"address", v.Address.String()}, used}
	case AsU2LE:
		return Fields{numberField("value", uint64(v.Value)), used}
	case AsFrames:
		if len(v.Frames) > 0 {
			return Fields{chunksField("frames", v.Frames)}
		}
	}
	return nil
}

func (d *decoder) decoded(as Form) Decoded {
	var v Decoded
	switch as {
	case AsHandshake, AsTransport, AsInner:
		v = Decoded{Onward: d.route("onward", true), Return: d.route("return", true), Type: -1, Body: d.hex("body", true)}
		if _, ok := d.fields.Get("type"); ok {
			v.Type = int(d.number("type", true, 255))
		}
		return v
	case AsRoute:
		v.Route = d.route("route", true)
	case AsAddress:
		v.Address = d.address("address", true)
	case AsU2LE:
		v.Value = int(d.number("value", true, 65535))
	case AsFrames:
		v.Frames = d.chunks("frames", false)
		return v
	}
	v.Used = int(d.number("used", true, MaxLine))
	return v
}

// An Encode asks for bytes.
type Encode struct {
	As             Form
	Profile        string // empty is v1
	Onward, Return Route  // messages
	Type           int    // messages; -1 if there is no type byte
	Body           []byte // messages
	Route          Route
	Address        Address
	Value          int      // u2le
	Frames         [][]byte // messages to put in frames; at least one
}

// Request is the line without its ID.
func (m Encode) Request() Request {
	f := Fields{{"as", string(m.As)}}.token("profile", m.Profile)
	switch m.As {
	case AsHandshake, AsTransport, AsInner:
		f = append(f, Field{"onward", m.Onward.String()}, Field{"return", m.Return.String()})
		if m.Type >= 0 {
			f = append(f, numberField("type", uint64(m.Type)))
		}
		f = append(f, hexField("body", m.Body))
	case AsRoute:
		f = append(f, Field{"route", m.Route.String()})
	case AsAddress:
		f = append(f, Field{"address", m.Address.String()})
	case AsU2LE:
		f = append(f, numberField("value", uint64(m.Value)))
	case AsFrames:
		f = append(f, chunksField("frames", m.Frames))
	}
	return Request{Verb: VerbEncode, Fields: f}
}

func (d *decoder) encode() Encode {
	m := Encode{As: d.form(), Profile: d.token("profile", false), Type: -1}
	switch m.As {
	case AsHandshake, AsTransport, AsInner:
		m.Onward, m.Return, m.Body = d.route("onward", true), d.route("return", true), d.hex("body", true)
		if _, ok := d.fields.Get("type"); ok {
			m.Type = int(d.number("type", true, 255))
		}
	case AsRoute:
		m.Route = d.route("route", true)
	case AsAddress:
		m.Address = d.address("address", true)
	case AsU2LE:
		m.Value = int(d.number("value", true, 65535))
	case AsFrames:
		m.Frames = d.chunks("frames", true)
	}
	return m
}
