package vectors

import "slices"

// A Channel vector is a transcript of one end of a channel (section 6): what happens to it, step by step, and all that it sends and
// delivers. Bytes are wire messages, without the frame's length. A channel with a Local address is on datagrams, where what is rejected
// is dropped and the channel goes on; the others are on a stream, where a rejected handshake message is the last step.
type Channel struct {
	Meta
	ChannelInput
	Expect []ChannelStep `json:"expect"` // one for each of Steps
}

// ChannelInput is what a subject is asked.
type ChannelInput struct {
	Profile   string   `json:"profile"`
	Role      string   `json:"role"`
	Static    Hex      `json:"static"` // private keys
	Ephemeral Hex      `json:"ephemeral"`
	PeerKey   Hex      `json:"peerKey,omitempty"` // the one static key that the policy accepts; absent: any
	Own       *Address `json:"own,omitempty"`     // transport addresses; absent: another IO below, both routes are empty
	Peer      *Address `json:"peer,omitempty"`
	Local     Hex      `json:"local,omitempty"`    // the channel's own local address, on datagrams
	Listener  Hex      `json:"listener,omitempty"` // the local address of the responder's listener, to which m1 goes; absent: the node
	Service   Hex      `json:"service,omitempty"`  // the application's local address, the inner onward route of what is written; absent: none
	Steps     []Action `json:"steps"`
}

// An Action is one step: Do is start, receive, or write, Data the message received or the payload written.
type Action struct {
	Do   string `json:"do"`
	Data Hex    `json:"data"`
}

// ChannelOutput is what came of each step. It ends after the step of a refusal.
type ChannelOutput struct {
	Steps []ChannelStep
}

// A ChannelStep is what came of one step. State is the one after it: start, sent (m1 or m2), open, or failed.
type ChannelStep struct {
	Send    []Hex  `json:"send"`
	Deliver []Hex  `json:"deliver"`
	State   string `json:"state"`
}

// Kind implements Vector.
func (*Channel) Kind() Kind { return KindChannel }

func (v *Channel) check(s Subject) error {
	out, err := s.Channel(v.ChannelInput)
	if verdict := judge(&v.Meta, err, func() error { return nil }); verdict != nil {
		return verdict
	}
	want := slices.Clone(v.Expect)
	for i := range out.Steps {
		out.Steps[i].Send, out.Steps[i].Deliver = nonNil(out.Steps[i].Send), nonNil(out.Steps[i].Deliver)
		if err != nil && i == len(out.Steps)-1 && i < len(want) { // who drops may be open still, who fails is not
			want[i].State = out.Steps[i].State
		}
	}
	return same("expect", out.Steps, want)
}

func (v *Channel) validate() error {
	if len(v.Expect) != len(v.Steps) {
		return &FieldError{Field: "expect", Problem: "has another length than steps"}
	}
	return v.Meta.validate()
}

// A Forward vector is one message at one hop (section 8): what came in from where, and what goes out to where. An invalid one is
// dropped.
type Forward struct {
	Meta
	ForwardInput
	ForwardOutput
}

// ForwardInput is what a subject is asked. Node forwards between its two transports and has no local addresses.
type ForwardInput struct {
	Bound   []Address `json:"bound"`   // the transport addresses that the node is bound to
	Source  Address   `json:"source"`  // where the message came from
	Message Hex       `json:"message"` // with its header, without a frame's length
	Allow   bool      `json:"allow"`   // forwarding is configured and allowed
}

// ForwardOutput is where the message goes, and how it looks there.
type ForwardOutput struct {
	To        *Address `json:"to,omitempty"`
	Forwarded Hex      `json:"forwarded,omitempty"`
}

// Kind implements Vector.
func (*Forward) Kind() Kind { return KindForward }

func (v *Forward) check(s Subject) error {
	out, err := s.Forward(v.ForwardInput)
	return judge(&v.Meta, err, func() error {
		return first(same("to", out.To, v.To), same("forwarded", out.Forwarded, v.Forwarded))
	})
}

func (v *Forward) validate() error { return v.Meta.validate() }
