package vectors

// A Frames vector is a stream of bytes (section 3.1), as it comes out of a connection piece by piece, and the messages that come of
// it. An invalid one has the messages before the error.
type Frames struct {
	Meta
	FramesInput
	Messages []Hex `json:"messages"`
}

// FramesInput is what a subject is asked.
type FramesInput struct {
	Chunks []Hex  `json:"chunks"` // what one read returns each; none is empty
	End    string `json:"end"`    // open: nothing more yet; fin: the stream ends
	Limit  int    `json:"limit"`  // longest body that the receiver takes
}

// FramesOutput is what was delivered, also beside an error.
type FramesOutput struct {
	Messages []Hex
}

// Kind implements Vector.
func (*Frames) Kind() Kind { return KindFrames }

func (v *Frames) check(s Subject) error {
	out, err := s.Frames(v.FramesInput)
	values := func() error { return same("messages", nonNil(out.Messages), nonNil(v.Messages)) }
	if verdict := judge(&v.Meta, err, values); verdict != nil {
		return verdict
	}
	if v.Result == Invalid {
		return values()
	}
	return nil
}

func nonNil(list []Hex) []Hex {
	if list == nil {
		return []Hex{}
	}
	return list
}

func (v *Frames) validate() error {
	if v.End != "open" && v.End != "fin" {
		return &FieldError{Field: "end", Problem: "is not open or fin"}
	}
	for _, c := range v.Chunks {
		if len(c) == 0 {
			return &FieldError{Field: "chunks", Problem: "one is empty"}
		}
	}
	return v.Meta.validate()
}
