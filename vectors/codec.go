package vectors

// A Codec vector is one direction of encoding (section 4): Op "decode" turns all of Bytes into Value, "encode" the reverse. An
// invalid decoding has no Value, an invalid encoding no Bytes.
type Codec struct {
	Meta
	CodecInput
}

// CodecInput is what a subject is asked.
type CodecInput struct {
	Op      string `json:"op"`              // decode, encode
	Profile string `json:"profile"`         // section 11; v1 where all are alike
	Element string `json:"element"`         // u2le, address, route, message
	Bytes   Hex    `json:"bytes,omitempty"` // input of decode
	Value   *Value `json:"value,omitempty"` // input of encode
}

// CodecOutput is Bytes of an encoding and Value of a decoding.
type CodecOutput struct {
	Bytes Hex
	Value *Value
}

// A Value is one of the elements: the one field that is set.
type Value struct {
	Number  *int       `json:"number,omitempty"`
	Address *Address   `json:"address,omitempty"`
	Route   *[]Address `json:"route,omitempty"`
	Message *Message   `json:"message,omitempty"`
}

// An Address as the wire has it. Type is local, tcp, or udp. A local one has Local, the others Port and one of IPv4, IPv6 (both in
// network order), and Name.
type Address struct {
	Type  string `json:"type"`
	Local Hex    `json:"local,omitempty"`
	IPv4  Hex    `json:"ipv4,omitempty"`
	IPv6  Hex    `json:"ipv6,omitempty"`
	Name  string `json:"name,omitempty"`
	Port  int    `json:"port,omitempty"`
}

// A Message is a wire message. Type is nil where the profile has no type byte (e09, but for ping and pong).
type Message struct {
	Version int       `json:"version"`
	Onward  []Address `json:"onward"`
	Return  []Address `json:"return"`
	Type    *int      `json:"type,omitempty"`
	Body    Hex       `json:"body"`
}

// Kind implements Vector.
func (*Codec) Kind() Kind { return KindCodec }

func (v *Codec) check(s Subject) error {
	in := v.CodecInput
	if in.Op == "encode" {
		in.Bytes = nil
	} else {
		in.Value = nil
	}
	out, err := s.Codec(in)
	return judge(&v.Meta, err, func() error {
		if in.Op == "encode" {
			return same("bytes", out.Bytes, v.Bytes)
		}
		return same("value", out.Value, v.Value)
	})
}

func (v *Codec) validate() error {
	switch {
	case v.Op == "encode" && v.Value == nil, v.Op == "decode" && v.Value == nil && v.Result == Valid:
		return &FieldError{Field: "value", Problem: "is missing"}
	case v.Op != "encode" && v.Op != "decode":
		return &FieldError{Field: "op", Problem: "is not encode or decode"}
	}
	return v.Meta.validate()
}
