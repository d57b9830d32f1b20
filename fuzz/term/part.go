package term

import (
	"encoding/binary"
	"fmt"
	"slices"

	"ockamtest/ref/wire"
)

func (v *evaluation) received(t *Received) ([]byte, error) {
	s, err := v.session(t.Session)
	switch {
	case err != nil:
		return nil, err
	case t.Index >= uint64(len(s.received)):
		return nil, fmt.Errorf("%w: session %d has received %d messages", ErrAbsent, t.Session, len(s.received))
	case t.Part == Plain:
		plain, ok := s.plain[int(t.Index)]
		if !ok {
			return nil, fmt.Errorf("%w: it is no record that verifies", ErrPart)
		}
		return plain, nil
	}
	return v.part(s.received[t.Index], t.Part)
}

func (v *evaluation) sent(t *Sent) ([]byte, error) {
	s, err := v.session(t.Session)
	switch {
	case err != nil:
		return nil, err
	case t.Index >= uint64(len(s.sent)):
		return nil, fmt.Errorf("%w: session %d has sent %d times", ErrAbsent, t.Session, len(s.sent))
	}
	b := s.sent[t.Index]
	if t.Part == Whole {
		return b, nil
	}
	if !v.config.Datagrams {
		if len(b) < 2 || int(binary.BigEndian.Uint16(b)) != len(b)-2 {
			return nil, fmt.Errorf("%w: it is not one frame", ErrPart)
		}
		b = b[2:]
	}
	return v.part(b, t.Part)
}

// part is a part of a wire message.
func (v *evaluation) part(message []byte, p Part) ([]byte, error) {
	if p == Whole || p == InFrame {
		return message, nil
	}
	m, err := wire.Parse(v.dialect(), message)
	if err != nil {
		if p == Body && !v.config.Profile.TransportHeader {
			return message, nil // c09: the ciphertext alone
		}
		return nil, fmt.Errorf("%w: it is no wire message", ErrPart)
	}
	switch p {
	case Head:
		return message[:len(message)-len(m.Body)], nil
	case Body:
		return m.Body, nil
	case OnwardPart:
		return v.appendRoute(nil, m.Onward)
	case ReturnPart:
		return v.appendRoute(nil, m.Return)
	default:
		return v.noisePart(m, p)
	}
}

// noisePart is a part of a handshake message.
func (v *evaluation) noisePart(m wire.Message, p Part) ([]byte, error) {
	kind := v.handshakeType(m)
	e, s := v.config.Profile.Suite.PublicKeySize, 0
	switch kind {
	case wire.M1:
	case wire.M2:
		s = e + tagSize
	case wire.M3:
		e, s = 0, e+tagSize
	default:
		return nil, fmt.Errorf("%w: it is no handshake message", ErrPart)
	}
	if len(m.Body) < e+s {
		return nil, fmt.Errorf("%w: it is too short", ErrPart)
	}
	switch {
	case p == EPart && kind != wire.M3:
		return m.Body[:e], nil
	case p == SPart && kind != wire.M1:
		return m.Body[e : e+s], nil
	case p == RestPart:
		return m.Body[e+s:], nil
	}
	return nil, fmt.Errorf("%w: an %v has no %v", ErrPart, kind, p)
}

// handshakeType is the type of a message; where the profile writes none, its length tells.
func (e *Evaluator) handshakeType(m wire.Message) wire.Type {
	if m.Type != wire.Untyped {
		return m.Type
	}
	key := e.config.Profile.Suite.PublicKeySize
	sizes := []int{key, 2*key + 2*tagSize, key + 2*tagSize}
	if i := slices.Index(sizes, len(m.Body)); i >= 0 {
		return wire.M1 + wire.Type(i)
	}
	return wire.Untyped
}

// dialect is how wire messages with a header are read.
func (e *Evaluator) dialect() wire.Dialect { return wire.Dialect(e.config.Profile.HandshakeEnvelope()) }
