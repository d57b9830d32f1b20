package term

import (
	"encoding/binary"
	"fmt"
	"slices"

	"ockamtest/ref/wire"
)

// eval evaluates a term. The bytes may be those of the trace: nobody changes them.
func (v *evaluation) eval(t Term) ([]byte, error) {
	if t == nil {
		return nil, &EvalError{Place: "nil", Err: ErrInvalid}
	}
	out, err := v.bytes(t)
	if v.work -= len(out); err == nil && (len(out) > MaxOutput || v.work < 0) {
		err = fmt.Errorf("%w: %d bytes", ErrTooLong, len(out))
	}
	if err != nil {
		return nil, placed(err, t.symbol())
	}
	return out, nil
}

// child evaluates the i-th argument of a node.
func (v *evaluation) child(i int, t Term) ([]byte, error) {
	out, err := v.eval(t)
	if err != nil {
		return nil, argument(err, i)
	}
	return out, nil
}

// list is the terms of a list one behind the other.
func (v *evaluation) list(list []Term) ([]byte, error) {
	var out []byte
	for i, t := range list {
		b, err := v.child(i+1, t)
		if err != nil {
			return nil, err
		}
		if out = append(out, b...); len(out) > MaxOutput {
			return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(out))
		}
	}
	return out, nil
}

func (v *evaluation) bytes(t Term) ([]byte, error) {
	switch t := t.(type) {
	case *Bytes:
		return []byte(t.Value), nil
	case *Concat:
		return v.list(t.Parts)
	case *Slice:
		x, err := v.child(1, t.X)
		from, to := inside(t.From, len(x)), inside(t.To, len(x))
		return x[min(from, to):to], err
	case *Flip:
		return v.flip(t)
	case *Repeat:
		return v.repeat(t)
	case *Random:
		if t.Size > MaxOutput {
			return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, t.Size)
		}
		return v.stream("random", t.N, t.Size), nil
	case *Received:
		return v.received(t)
	case *Sent:
		return v.sent(t)
	default:
		return v.noiseBytes(t)
	}
}

// inside is an offset of Slice as one from the start.
func inside(offset int64, size int) int {
	if offset < 0 {
		offset += int64(size)
	}
	return int(max(0, min(offset, int64(size))))
}

func (v *evaluation) flip(t *Flip) ([]byte, error) {
	x, err := v.child(1, t.X)
	if err != nil || len(x) == 0 {
		return nil, err
	}
	bits := int64(len(x)) * 8
	bit := (t.Bit%bits + bits) % bits
	x = slices.Clone(x)
	x[bit/8] ^= 0x80 >> (bit % 8)
	return x, nil
}

func (v *evaluation) repeat(t *Repeat) ([]byte, error) {
	x, err := v.child(1, t.X)
	if err != nil {
		return nil, err
	}
	if size := uint64(len(x)) * t.Times; t.Times > MaxRepeat || size > MaxOutput {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, size)
	}
	return slices.Repeat(x, int(t.Times)), nil
}

// noiseBytes evaluates the terms of noise.go.
func (v *evaluation) noiseBytes(t Term) ([]byte, error) {
	switch t := t.(type) {
	case *Public:
		p, err := v.key(1, t.Key)
		return p.public, err
	case *DH:
		p, err := v.key(1, t.Key)
		if err != nil {
			return nil, err
		}
		public, err := v.child(2, t.Public)
		if err != nil {
			return nil, err
		}
		return p.shared(public), nil
	case *Hash:
		x, err := v.child(1, t.X)
		if err != nil {
			return nil, err
		}
		h := v.config.Crypto.Hash(x)
		return h[:], nil
	case *HKDF:
		return v.hkdf(t)
	case *Chain:
		return v.chain(t)
	case *AEAD:
		return v.aead(t)
	default:
		return v.messageBytes(t)
	}
}

func (v *evaluation) hkdf(t *HKDF) ([]byte, error) {
	salt, err := v.child(1, t.Salt)
	if err != nil {
		return nil, err
	}
	input, err := v.child(2, t.Input)
	if err != nil {
		return nil, err
	}
	var block [32]byte
	copy(block[:], salt)
	a, b := v.config.Crypto.HKDF(block, input)
	if t.Output == 0 {
		return a[:], nil
	}
	return b[:], nil
}

func (v *evaluation) aead(t *AEAD) ([]byte, error) {
	var parts [3][]byte
	for i, arg := range []Term{t.Key, t.AD, t.Plain} {
		var err error
		if parts[i], err = v.child(i+1, arg); err != nil {
			return nil, err
		}
	}
	key := make([]byte, v.config.Profile.Suite.KeySize)
	copy(key, parts[0])
	return v.config.Crypto.Seal(key, t.N, parts[1], parts[2]), nil
}

func (v *evaluation) chain(t *Chain) ([]byte, error) {
	s, err := v.session(t.Session)
	switch {
	case err != nil:
		return nil, err
	case t.At >= points || !s.taken[t.At]:
		return nil, fmt.Errorf("%w: session %d has not come to %v", ErrAbsent, t.Session, t.At)
	}
	at := s.at[t.At]
	switch k1, k2 := v.split(at); t.Value {
	case H:
		return at.h[:], nil
	case CK:
		return at.ck[:], nil
	case K:
		return v.cut(at.k), nil
	case K1:
		return k1, nil
	case K2:
		return k2, nil
	}
	return nil, ErrInvalid
}

// messageBytes evaluates the terms of message.go.
func (v *evaluation) messageBytes(t Term) ([]byte, error) {
	switch t := t.(type) {
	case *M1:
		return v.m1(t)
	case *M2:
		return v.m2(t)
	case *M3:
		return v.m3(t)
	case *Record:
		return v.record(t)
	case *RecordAt:
		inner, err := v.child(1, t.Inner)
		if err != nil {
			return nil, err
		}
		return v.seal(t.Session, t.N, inner)
	case *Inner:
		return v.inner(t)
	case *Message:
		return v.message(t)
	case *Header:
		return v.header(t)
	case *Frame:
		x, err := v.child(1, t.X)
		switch {
		case err != nil || v.config.Datagrams:
			return x, err
		case len(x) > wire.MaxMessage:
			return nil, fmt.Errorf("%w: %d bytes in a frame", ErrTooLong, len(x))
		}
		return append(binary.BigEndian.AppendUint16(nil, uint16(len(x))), x...), nil // TRAN-001
	case *FrameOf:
		x, err := v.child(1, t.X)
		return append(binary.BigEndian.AppendUint16(nil, uint16(t.Length)), x...), err
	default:
		return v.routeBytes(t)
	}
}

// routeBytes evaluates addresses and routes.
func (v *evaluation) routeBytes(t Term) ([]byte, error) {
	switch t := t.(type) {
	case *Local:
		name, err := v.child(1, t.Name)
		return append([]byte{byte(wire.Local), byte(len(name))}, name...), err
	case *TCP:
		host, err := v.child(1, t.Host)
		return address(wire.TCP, host, t.Port), err
	case *UDP:
		host, err := v.child(1, t.Host)
		return address(wire.UDP, host, t.Port), err
	case *Route:
		addresses, err := v.list(t.Addresses)
		return append([]byte{byte(len(t.Addresses))}, addresses...), err
	case *RouteOf:
		addresses, err := v.child(1, t.Addresses)
		return append([]byte{byte(t.Count)}, addresses...), err
	case *Onward:
		s, err := v.session(t.Session)
		if err != nil {
			return nil, err
		}
		return v.appendRoute(nil, s.onward)
	case *Return:
		s, err := v.session(t.Session)
		if err != nil {
			return nil, err
		}
		return v.appendRoute(nil, s.back)
	}
	return nil, ErrInvalid
}

// address writes a host and a port (WIRE-007).
func address(kind wire.AddressType, host []byte, port uint64) []byte {
	out := []byte{byte(kind)}
	switch len(host) {
	case 4:
		out = append(out, byte(wire.IPv4))
	case 16:
		out = append(out, byte(wire.IPv6))
	default:
		out = append(out, byte(wire.DNS), byte(len(host)))
	}
	return binary.LittleEndian.AppendUint16(append(out, host...), uint16(port))
}
