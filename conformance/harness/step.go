package harness

// A Step is the answer to open, feed, write, and tick: all that the channel has done, in order. Nothing more comes out of it before the next
// request for that channel.
type Step struct {
	Events []Event
	// Closed tells that the channel has ended, now or before: nothing will ever come out of it. Else it is quiet: it waits for a request.
	Closed bool
	// Class tells why it has ended, empty if without error.
	Class Class
}

// An Event is one thing that a channel did.
type Event struct {
	Kind EventKind
	// Data is what leaves (Out: for a stream bytes with frames, else one message), the application bytes (Got), or the peer's static public
	// key (Opened; empty if the implementation does not tell).
	Data           []byte
	To             Address // Out: where it leaves to, if not to Open's Remote
	Onward, Return Route   // Got: the inner routes, nil if empty
	Class          Class   // Rejected
}

// An EventKind is the key of an event's first field.
type EventKind string

// The kinds of events.
const (
	Out      EventKind = "out"      // bytes for the other end
	Opened   EventKind = "opened"   // the handshake is complete on this side
	Got      EventKind = "got"      // application bytes from the peer, also none
	Rejected EventKind = "rejected" // a message was refused, and the channel goes on
)

// Out returns what leaves, message by message.
func (s Step) Out() [][]byte { return s.data(Out) }

// Got returns the application bytes that have arrived, payload by payload.
func (s Step) Got() [][]byte { return s.data(Got) }

func (s Step) data(kind EventKind) [][]byte {
	var out [][]byte
	for _, e := range s.Events {
		if e.Kind == kind {
			out = append(out, e.Data)
		}
	}
	return out
}

// Opened returns the peer's key as the implementation tells it, and whether the handshake was completed in this step.
func (s Step) Opened() (peer []byte, ok bool) {
	for _, e := range s.Events {
		if e.Kind == Opened {
			return e.Data, true
		}
	}
	return nil, false
}

// Rejected returns the class of the first message that was rejected, empty if none was.
func (s Step) Rejected() Class {
	for _, e := range s.Events {
		if e.Kind == Rejected {
			return e.Class
		}
	}
	return ""
}

func (s Step) fields() Fields {
	f := make(Fields, 0, len(s.Events)+2)
	for _, e := range s.Events {
		switch e.Kind {
		case Out:
			f = append(f, hexField("out", e.Data)).address("to", e.To)
		case Opened:
			f = append(f, hexField("opened", e.Data))
		case Got:
			f = append(f, hexField("got", e.Data)).route("onward", e.Onward).route("return", e.Return)
		case Rejected:
			f = append(f, Field{"rejected", string(e.Class)})
		}
	}
	if !s.Closed {
		return append(f, Field{"then", "quiet"})
	}
	return append(f, Field{"then", "closed"}).token("class", string(s.Class))
}

// step reads the fields one after the other, for their order matters. Anything that is not where it belongs is wrong.
func (d *decoder) step() Step {
	var s Step
	for i, f := range d.fields {
		one := decoder{fields: d.fields[i : i+1]}
		switch kind := EventKind(f.Key); {
		case kind == Out || kind == Opened || kind == Got:
			s.Events = append(s.Events, Event{Kind: kind, Data: one.hex(f.Key, true)})
		case kind == Rejected:
			s.Events = append(s.Events, Event{Kind: kind, Class: one.class(f.Key)})
		case f.Key == "then":
			s.Closed = one.token("then", true, "quiet", "closed") == "closed"
			switch rest := d.fields[i+1:]; {
			case len(rest) == 1 && s.Closed:
				end := decoder{fields: rest}
				s.Class = end.class("class")
				one.wrong = end.wrong
			case len(rest) > 0:
				one.fault("then")
			}
			d.adopt(one.wrong)
			return s
		default:
			one.detail(&s, f.Key)
		}
		if d.adopt(one.wrong); d.wrong != "" {
			return s
		}
	}
	d.fault("then")
	return s
}

// detail reads a field that belongs to the event before it.
func (d *decoder) detail(s *Step, key string) {
	if len(s.Events) == 0 {
		d.fault(key)
		return
	}
	e := &s.Events[len(s.Events)-1]
	switch {
	case key == "to" && e.Kind == Out && e.To.IsZero():
		e.To = d.address(key, true)
	case key == "onward" && e.Kind == Got && e.Onward == nil && e.Return == nil:
		e.Onward = d.route(key, true)
	case key == "return" && e.Kind == Got && e.Return == nil:
		e.Return = d.route(key, true)
	default:
		d.fault(key)
	}
}

// adopt takes over a fault, or none.
func (d *decoder) adopt(key string) {
	if key != "" {
		d.fault(key)
	}
}

// class reads an error class. One that this version of the protocol does not have is wrong.
func (d *decoder) class(key string) Class {
	c := Class(d.token(key, true))
	if !c.known() {
		d.fault(key)
	}
	return c
}

// Claims are what an implementation says of a channel. What it does not know is zero or nil.
type Claims struct {
	State    State
	H        []byte // final handshake hash (NOISE-014)
	Peer     []byte // static public key
	Sent     uint64 // counters spent; valid if Counters
	Received uint64 // messages of the peer that verified; valid if Counters
	Counters bool
	Limit    int // application bytes that a write takes (CHAN-008)
}

// A State is a state of a channel (section 6).
type State string

// The states.
const (
	Start  State = "start"
	SentM1 State = "sent-m1"
	SentM2 State = "sent-m2"
	IsOpen State = "open"
	Closed State = "closed"
	Failed State = "failed"
)

func (c Claims) fields() Fields {
	f := Fields{{"state", string(c.State)}}.hex("h", c.H).hex("peer", c.Peer)
	if c.Counters {
		f = append(f, numberField("sent", c.Sent), numberField("received", c.Received))
	}
	return f.number("limit", uint64(c.Limit))
}

func (d *decoder) claims() Claims {
	c := Claims{
		State: State(d.token("state", true, string(Start), string(SentM1), string(SentM2), string(IsOpen), string(Closed), string(Failed))),
		H:     d.hex("h", false), Peer: d.hex("peer", false), Limit: int(d.number("limit", false, maxNumber)),
	}
	if _, c.Counters = d.fields.Get("sent"); c.Counters {
		c.Sent, c.Received = d.number("sent", true, maxNumber), d.number("received", true, maxNumber)
	}
	return c
}
