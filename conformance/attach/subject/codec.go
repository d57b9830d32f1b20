package subject

import (
	"errors"
	"slices"

	"ockamtest/conformance/harness"
	"ockamtest/vectors"
)

// forms are the elements of the vectors in the words of the adapter protocol.
func formOf(element string) harness.Form {
	if element == "message" {
		return harness.AsHandshake
	}
	return harness.Form(element)
}

// codec tells whether one direction of a form is declared in a profile.
func (a *Adapter) codec(v harness.Verb, as harness.Form, profile string) error {
	if err := a.has(v); err != nil {
		return err
	}
	if !slices.Contains(a.declared.Forms, as) {
		return unsupported(string(as))
	}
	if profile != "" && !slices.Contains(a.declared.Profiles, profile) {
		return unsupported("profile " + profile)
	}
	return nil
}

// Codec implements vectors.Subject.
func (a *Adapter) Codec(in vectors.CodecInput) (out vectors.CodecOutput, err error) {
	as := formOf(in.Element)
	if in.Op == "encode" {
		if err := a.codec(harness.VerbEncode, as, in.Profile); err != nil {
			return out, err
		}
		m, err := encoding(as, in)
		if err != nil {
			return out, err
		}
		data, err := a.caller.Encode(a.ctx, m)
		return vectors.CodecOutput{Bytes: data}, a.told(err)
	}
	if err := a.codec(harness.VerbDecode, as, in.Profile); err != nil {
		return out, err
	}
	d, err := a.caller.Decode(a.ctx, harness.Decode{As: as, Profile: in.Profile, Data: [][]byte{given(in.Bytes)}})
	if err != nil {
		return out, a.told(err)
	}
	if as != harness.AsHandshake && d.Used != len(in.Bytes) { // a vector is all of its bytes, and the adapter says that more may follow
		return out, refusal{harness.ClassTrailing}
	}
	return vectors.CodecOutput{Value: decoded(as, d)}, nil
}

func encoding(as harness.Form, in vectors.CodecInput) (m harness.Encode, err error) {
	m = harness.Encode{As: as, Profile: in.Profile, Type: -1}
	switch v := in.Value; {
	case v.Number != nil:
		if m.Value = *v.Number; m.Value < 0 || m.Value > 65535 {
			return m, unsupported("a number that cannot be said")
		}
	case v.Address != nil:
		m.Address, err = asked(*v.Address)
	case v.Route != nil:
		m.Route, err = askedRoute(*v.Route)
	case v.Message != nil:
		return message(m, *v.Message)
	}
	return m, err
}

func message(m harness.Encode, v vectors.Message) (harness.Encode, error) {
	if v.Version != 1 {
		return m, unsupported("another version than 1 cannot be asked for")
	}
	if v.Type != nil {
		m.Type = *v.Type
	}
	if m.Type < -1 || m.Type > 255 {
		return m, unsupported("a type that cannot be said")
	}
	var errs [2]error
	m.Onward, errs[0] = askedRoute(v.Onward)
	m.Return, errs[1] = askedRoute(v.Return)
	m.Body = given(v.Body)
	return m, errors.Join(errs[:]...)
}

func decoded(as harness.Form, d harness.Decoded) *vectors.Value {
	switch as {
	case harness.AsU2LE:
		return &vectors.Value{Number: &d.Value}
	case harness.AsAddress:
		one := answered(d.Address)
		return &vectors.Value{Address: &one}
	case harness.AsRoute:
		route := answeredRoute(d.Route)
		return &vectors.Value{Route: &route}
	default:
		m := vectors.Message{Version: 1, Onward: answeredRoute(d.Onward), Return: answeredRoute(d.Return), Body: d.Body}
		if d.Type >= 0 {
			m.Type = &d.Type
		}
		return &vectors.Value{Message: &m}
	}
}
