package harness

import (
	"bytes"
	"slices"
)

// hello is the inner message of section 12, and frames are of an empty message and that text.
func helloMessage() []byte { return append([]byte{1, 0, 0, 2}, "hello"...) }

// codec checks decode and encode with one good and one bad input of each form.
func (k *checker) codec() {
	caps := k.report.Capabilities
	for _, as := range caps.Forms {
		m, wire := k.encodes(as), helloMessage()
		cut := wire[:1]
		switch as {
		case AsRoute:
			wire, cut = []byte{1, 0, 1, 1}, []byte{1, 0, 1}
		case AsAddress:
			wire, cut = []byte{0, 1, 1}, []byte{0, 1}
		case AsU2LE:
			wire, cut = []byte{0x80, 1}, []byte{0x80}
		case AsFrames:
			wire, cut = append([]byte{0, 0, 0, 5}, "hello"...), []byte{0, 1}
		default:
			if len(caps.Profiles) > 0 && !slices.Contains(caps.Profiles, "v1") {
				continue // other profiles have other envelopes
			}
		}
		k.known(m.Request(), "data", wire)
		decode := Decode{As: as, Data: [][]byte{wire}}
		k.decodes(m, decode)
		if caps.Has(VerbDecode) {
			k.verdict("input that is cut short", Decode{As: as, Data: [][]byte{cut}}.Request())
		}
		if slices.Contains(caps.Profiles, "v1") { // which is the same as none, but the verb has to have the field
			m.Profile, decode.Profile = "v1", "v1"
			k.known(m.Request(), "data", wire)
			k.decodes(m, decode)
		}
	}
	if caps.Has(VerbDecode) && slices.Contains(caps.Forms, AsFrames) {
		m := k.encodes(AsFrames)
		k.decodes(m, Decode{As: AsFrames, Data: [][]byte{{}, {0}, {0, 0}, []byte("\x05he"), []byte("llo")}, Limit: 5})
	}
}

// decodes wants what m encodes.
func (k *checker) decodes(m Encode, from Decode) {
	if !k.report.Capabilities.Has(VerbDecode) {
		return
	}
	r := from.Request()
	fields, ok := k.twice("a known answer", r)
	if !ok {
		return
	}
	d := decoder{fields: fields}
	got := d.decoded(m.As)
	if d.wrong != "" {
		k.find("a known answer", r, "the fields of the form", "wrong or missing: "+d.wrong)
		return
	}
	var same bool
	switch m.As {
	case AsRoute:
		same = got.Route.String() == m.Route.String() && got.Used == len(from.Data[0])
	case AsAddress:
		same = got.Address.String() == m.Address.String() && got.Used == len(from.Data[0])
	case AsU2LE:
		same = got.Value == m.Value && got.Used == len(from.Data[0])
	case AsFrames:
		same = slices.EqualFunc(got.Frames, m.Frames, bytes.Equal)
	default:
		same = got.Type == m.Type && bytes.Equal(got.Body, m.Body) && len(got.Onward)+len(got.Return) == 0
	}
	if !same {
		k.find("a known answer", r, "what was encoded", "another")
	}
}
