package vectors

// A Record vector is one message of the transport phase (section 7): Op "seal" makes Ciphertext of the routes and the payload,
// "open" the reverse. Inner is the plaintext between them, for whoever looks for an error; it is
// left out above 1,024 bytes. An invalid seal has no ciphertext; an
// invalid open may have an inner that decrypts and does not parse.
type Record struct {
	Meta
	RecordInput
	Inner Hex `json:"inner,omitempty"`
}

// RecordInput is what a subject is asked.
type RecordInput struct {
	Op      string `json:"op"` // seal, open
	Profile string `json:"profile"`
	Key     Hex    `json:"key"`
	Counter int    `json:"counter"`
	H       Hex    `json:"h"` // final handshake hash; c09 does not use it
	// Header is the length of the outer header (version, routes, type), which counts towards the limit (REC-010).
	Header int `json:"header"`
	RecordOutput
}

// RecordOutput is Ciphertext of a seal, and of an open the rest.
type RecordOutput struct {
	Onward     []Address `json:"onward"` // inner routes
	Return     []Address `json:"return"`
	Payload    Hex       `json:"payload"`
	Ciphertext Hex       `json:"ciphertext,omitempty"`
}

// Kind implements Vector.
func (*Record) Kind() Kind { return KindRecord }

func (v *Record) check(s Subject) error {
	in := v.RecordInput
	if in.Op == "seal" {
		in.Ciphertext = nil
	} else {
		in.RecordOutput = RecordOutput{Ciphertext: v.Ciphertext}
	}
	out, err := s.Record(in)
	return judge(&v.Meta, err, func() error {
		if in.Op == "seal" {
			return same("ciphertext", out.Ciphertext, v.Ciphertext)
		}
		return first(same("payload", out.Payload, v.Payload),
			same("onward", noAddress(out.Onward), v.Onward), same("return", noAddress(out.Return), v.Return))
	})
}

func noAddress(route []Address) []Address {
	if route == nil {
		return []Address{}
	}
	return route
}

func (v *Record) validate() error {
	if v.Op != "seal" && v.Op != "open" {
		return &FieldError{Field: "op", Problem: "is not seal or open"}
	}
	return v.Meta.validate()
}
