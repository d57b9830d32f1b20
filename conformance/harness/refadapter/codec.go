package refadapter

import (
	"ockamtest/conformance/harness"
	"ockamtest/ref/profile"
	"ockamtest/ref/transport"
	"ockamtest/ref/wire"
)

// A codec is ref/wire and the frames of ref/transport.
type codec struct{}

// dialect returns that of a form in a profile, whose empty name is v1.
func dialect(as harness.Form, name string) (wire.Dialect, error) {
	if name == "" {
		name = profile.V1().Name
	}
	p, ok := profile.Lookup(name)
	if !ok {
		return wire.Dialect{}, harness.ErrUnsupported
	}
	switch as {
	case harness.AsTransport:
		return wire.Dialect(p.TransportEnvelope()), nil
	case harness.AsInner:
		return wire.Dialect(p.InnerEnvelope()), nil
	default:
		return wire.Dialect(p.HandshakeEnvelope()), nil
	}
}

// Decode implements harness.Codec.
func (codec) Decode(m harness.Decode) (harness.Decoded, error) {
	d, err := dialect(m.As, m.Profile)
	if err != nil {
		return harness.Decoded{}, err
	}
	if m.As == harness.AsFrames {
		return frames(m)
	}
	if m.Limit != 0 {
		return harness.Decoded{}, harness.ErrUnsupported
	}
	out, err := decode(m.As, d, m.Data[0])
	if err != nil {
		return harness.Decoded{}, refusal(err)
	}
	return out, nil
}

func decode(as harness.Form, d wire.Dialect, data []byte) (out harness.Decoded, err error) {
	switch as {
	case harness.AsRoute:
		var r wire.Route
		r, out.Used, err = wire.ParseRoute(d, nil, data)
		out.Route = FromRoute(r)
	case harness.AsAddress:
		var a wire.Address
		a, out.Used, err = wire.ParseAddress(d, data)
		out.Address = FromAddress(a)
	case harness.AsU2LE:
		var value uint16
		value, out.Used, err = wire.ParseU2LE(data)
		out.Value = int(value)
	default:
		var msg wire.Message
		msg, err = wire.Parse(d, data)
		out = harness.Decoded{Onward: FromRoute(msg.Onward), Return: FromRoute(msg.Return), Type: int(msg.Type), Body: msg.Body}
		if msg.Type == wire.Untyped {
			out.Type = -1
		}
	}
	return out, err
}

// frames cuts a stream that ends (TRAN-001, TRAN-002, TRAN-004).
func frames(m harness.Decode) (out harness.Decoded, err error) {
	cut := transport.NewDeframer(m.Limit)
	for _, piece := range m.Data {
		cut.Push(piece)
		for {
			frame, ok, err := cut.Next()
			if err != nil {
				return harness.Decoded{}, refusal(err)
			}
			if !ok {
				break
			}
			out.Frames = append(out.Frames, append([]byte{}, frame...))
		}
	}
	if err := cut.End(); err != nil {
		return harness.Decoded{}, refusal(err)
	}
	return out, nil
}

// Encode implements harness.Codec.
func (codec) Encode(m harness.Encode) ([]byte, error) {
	d, err := dialect(m.As, m.Profile)
	if err != nil {
		return nil, err
	}
	out, err := encode(m, d)
	if err != nil {
		return nil, refusal(err)
	}
	return out, nil
}

func encode(m harness.Encode, d wire.Dialect) (out []byte, err error) {
	switch m.As {
	case harness.AsRoute:
		return wire.AppendRoute(nil, d, ToRoute(m.Route))
	case harness.AsAddress:
		return wire.AppendAddress(nil, d, ToAddress(m.Address))
	case harness.AsU2LE:
		return wire.AppendU2LE(nil, uint16(m.Value))
	case harness.AsFrames:
		for _, frame := range m.Frames {
			if out, err = transport.AppendFrame(out, frame); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		msg := wire.Message{Onward: ToRoute(m.Onward), Return: ToRoute(m.Return), Type: wire.Type(m.Type), Body: m.Body}
		if m.Type < 0 {
			msg.Type = wire.Untyped
		}
		return wire.AppendMessage(nil, d, &msg)
	}
}
