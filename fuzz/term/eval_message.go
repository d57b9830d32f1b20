package term

import (
	"fmt"

	"ockamtest/ref/wire"
)

// m1 begins the handshake anew.
//
//	-> e
func (v *evaluation) m1(t *M1) ([]byte, error) {
	e, payload, err := v.keyAndPayload(t.E, t.Payload)
	if err != nil {
		return nil, err
	}
	s, err := v.change(t.Session)
	if err != nil {
		return nil, err
	}
	s.begin(v.startOf())
	s.e, s.re = e, nil
	state := s.at[Start]
	v.mixHash(&state, e.public)
	s.reach(AfterE1, state)
	out := append(append([]byte(nil), e.public...), v.encrypt(&state, payload)...)
	s.reach(AfterM1, state)
	return out, nil
}

// m2 goes on after m1, also when there was an m2 before.
//
//	<- e, ee, s, es
func (v *evaluation) m2(t *M2) ([]byte, error) {
	e, err := v.key(1, t.E)
	if err != nil {
		return nil, err
	}
	static, err := v.key(2, t.S)
	if err != nil {
		return nil, err
	}
	payload, err := v.child(3, t.Payload)
	if err != nil {
		return nil, err
	}
	s, err := v.after(t.Session, AfterM1)
	if err != nil {
		return nil, err
	}
	s.e, s.open = e, false
	state := s.at[AfterM1]
	v.mixHash(&state, e.public)
	s.reach(AfterE2, state)
	out := append([]byte(nil), e.public...)
	v.mixKey(&state, e.shared(s.re))
	s.reach(AfterEE, state)
	out = append(out, v.encrypt(&state, static.public)...)
	s.reach(AfterS2, state)
	v.mixKey(&state, static.shared(s.re))
	s.reach(AfterES, state)
	out = append(out, v.encrypt(&state, payload)...)
	s.reach(AfterM2, state)
	return out, nil
}

// m3 goes on after m2, also when there was an m3 before.
//
//	-> s, se
func (v *evaluation) m3(t *M3) ([]byte, error) {
	static, payload, err := v.keyAndPayload(t.S, t.Payload)
	if err != nil {
		return nil, err
	}
	s, err := v.after(t.Session, AfterM2)
	if err != nil {
		return nil, err
	}
	state := s.at[AfterM2]
	out := v.encrypt(&state, static.public)
	s.reach(AfterS3, state)
	v.mixKey(&state, static.shared(s.re))
	s.reach(AfterSE, state)
	out = append(out, v.encrypt(&state, payload)...)
	s.reach(AfterM3, state)
	v.established(s)
	return out, nil
}

func (v *evaluation) keyAndPayload(k Key, payload Term) (pair, []byte, error) {
	p, err := v.key(1, k)
	if err != nil {
		return pair{}, nil, err
	}
	b, err := v.child(2, payload)
	return p, b, err
}

// after is a session to be changed that has taken a message and knows the peer's ephemeral key.
func (v *evaluation) after(number uint64, p Point) (*session, error) {
	s, err := v.change(number)
	switch {
	case err != nil:
		return nil, err
	case !s.taken[p] || s.re == nil:
		return nil, fmt.Errorf("%w: session %d has received no %v", ErrAbsent, number, p)
	}
	return s, nil
}

func (v *evaluation) record(t *Record) ([]byte, error) {
	inner, err := v.child(1, t.Inner)
	if err != nil {
		return nil, err
	}
	s, err := v.change(t.Session)
	if err != nil {
		return nil, err
	}
	out, err := v.seal(t.Session, s.sending.n, inner)
	if err == nil {
		s.sending.n++
	}
	return out, err
}

func (v *evaluation) seal(number, n uint64, inner []byte) ([]byte, error) {
	s, err := v.session(number)
	switch {
	case err != nil:
		return nil, err
	case !s.open:
		return nil, fmt.Errorf("%w: session %d is not open", ErrAbsent, number)
	}
	return v.config.Crypto.Seal(s.sending.key, n, s.sending.ad, inner), nil
}

func (v *evaluation) inner(t *Inner) ([]byte, error) {
	payload, err := v.child(1, t.Payload)
	if err != nil {
		return nil, err
	}
	if _, err := v.session(t.Session); err != nil {
		return nil, err
	}
	out, err := v.routes(v.config.Service, v.config.Application)
	if err != nil {
		return nil, err
	}
	if v.config.Profile.InnerTypeByte {
		out = append(out, byte(wire.Payload))
	}
	return append(out, payload...), nil
}

// routes is version 1 and two routes.
func (v *evaluation) routes(onward, back wire.Route) ([]byte, error) {
	out, err := v.appendRoute([]byte{wire.Version}, onward)
	if err != nil {
		return nil, err
	}
	return v.appendRoute(out, back)
}

func (v *evaluation) appendRoute(dst []byte, r wire.Route) ([]byte, error) {
	out, err := wire.AppendRoute(dst, wire.Dialect{IPv6LittleEndian: v.config.Profile.IPv6LittleEndian}, r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return out, nil
}

// message is a body in the header of the profile. A local address of the kit's stands in handshake messages alone (CHAN-010).
func (v *evaluation) message(t *Message) ([]byte, error) {
	body, err := v.child(1, t.Body)
	if err != nil {
		return nil, err
	}
	s, err := v.session(t.Session)
	if err != nil {
		return nil, err
	}
	p := v.config.Profile
	payload := wire.Type(t.Type) == wire.Payload
	if payload && !p.TransportHeader {
		return body, nil
	}
	back := s.back
	if handshake := t.Type >= uint64(wire.M1) && t.Type <= uint64(wire.M3); !handshake {
		back = back[:min(1, len(back))]
	}
	out, err := v.routes(s.onward, back)
	if err != nil {
		return nil, err
	}
	if wire.Type(t.Type) <= wire.Pong || payload && p.TransportTypeByte || !payload && p.HandshakeTypeByte {
		out = append(out, byte(t.Type))
	}
	return append(out, body...), nil
}

func (v *evaluation) header(t *Header) ([]byte, error) {
	onward, err := v.child(1, t.Onward)
	if err != nil {
		return nil, err
	}
	back, err := v.child(2, t.Return)
	if err != nil {
		return nil, err
	}
	if t.Version > wire.MaxU2LE {
		return nil, ErrInvalid
	}
	out, err := wire.AppendU2LE(nil, uint16(t.Version))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return append(append(append(out, onward...), back...), byte(t.Type)), nil
}
