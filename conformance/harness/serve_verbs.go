package harness

import "slices"

// read reads the fields of a request.
func read[T any](d *decoder, f func(*decoder) T) (T, error) {
	v := f(d)
	return v, d.err()
}

func (s *server) channel(v Verb, d *decoder) (Fields, error) {
	if s.adapter.Channels == nil {
		return nil, ErrUnsupported
	}
	if v == VerbOpen {
		return s.open(d)
	}
	n := d.channel()
	if err := d.err(); err != nil {
		return nil, err
	}
	ch := s.channels[n]
	if ch == nil {
		return nil, Refuse(ClassNoChannel)
	}
	switch v {
	case VerbFeed:
		return stepOf(d, (*decoder).feed, ch.Feed)
	case VerbWrite:
		return stepOf(d, (*decoder).write, ch.Write)
	case VerbTick:
		return stepOf(d, (*decoder).tick, ch.Tick)
	case VerbClaims:
		claims, err := ch.Claims()
		if err != nil {
			return nil, err
		}
		return claims.fields(), nil
	default:
		return nil, ch.Close()
	}
}

func (s *server) open(d *decoder) (Fields, error) {
	m, err := read(d, (*decoder).open)
	if err != nil {
		return nil, err
	}
	if m.Channel >= s.declared.Channels {
		return nil, &Refusal{ClassArgument, "ch"}
	}
	ch, step, err := s.adapter.Channels.Open(m)
	if err != nil {
		return nil, err
	}
	if before := s.channels[m.Channel]; before != nil {
		_ = before.Close() // it is forgotten, whatever it says
	}
	s.channels[m.Channel] = ch
	return step.fields(), nil
}

func stepOf[T any](d *decoder, parse func(*decoder) T, do func(T) (Step, error)) (Fields, error) {
	m, err := read(d, parse)
	if err != nil {
		return nil, err
	}
	step, err := do(m)
	if err != nil {
		return nil, err
	}
	return step.fields(), nil
}

// bytesOf does what is answered with one field of bytes.
func bytesOf[T any](d *decoder, key string, parse func(*decoder) T, do func(T) ([]byte, error)) (Fields, error) {
	m, err := read(d, parse)
	if err != nil {
		return nil, err
	}
	data, err := do(m)
	if err != nil {
		return nil, err
	}
	return Fields{hexField(key, data)}, nil
}

// secretOf does what is answered with a secret.
func secretOf[T any](d *decoder, key string, parse func(*decoder) T, do func(T) (Secret, error)) (Fields, error) {
	m, err := read(d, parse)
	if err != nil {
		return nil, err
	}
	secret, err := do(m)
	switch {
	case err != nil:
		return nil, err
	case secret.Bytes != nil:
		return Fields{hexField(key, secret.Bytes)}, nil
	}
	return Fields{hexField("proof", secret.Proof)}, nil
}

func (s *server) codec(v Verb, d *decoder) (Fields, error) {
	c := s.adapter.Codec
	switch {
	case c == nil:
		return nil, ErrUnsupported
	case v == VerbEncode:
		return bytesOf(d, "data", (*decoder).encode, c.Encode)
	}
	m, err := read(d, (*decoder).decode)
	if err != nil {
		return nil, err
	}
	decoded, err := c.Decode(m)
	if err != nil {
		return nil, err
	}
	return decoded.fields(m.As), nil
}

func (s *server) vault(v Verb, d *decoder) (Fields, error) {
	a := s.adapter.Vault
	if a == nil {
		return nil, ErrUnsupported
	}
	switch v {
	case VerbX25519, VerbP256:
		agree := func(d *decoder) Agree { return d.agree(v == VerbP256) }
		if _, ok := d.fields.Get("public"); ok {
			return secretOf(d, "secret", agree, a.Agree)
		}
		return bytesOf(d, "public", agree, a.PublicKey)
	case VerbSeal, VerbUnseal:
		return bytesOf(d, "data", func(d *decoder) AEAD { return d.aead(v == VerbUnseal) }, a.AEAD)
	case VerbHKDF:
		return secretOf(d, "data", (*decoder).hkdf, a.HKDF)
	default:
		return bytesOf(d, "data", (*decoder).hash, a.Hash)
	}
}

func (s *server) network(v Verb, d *decoder) (Fields, error) {
	n := s.adapter.Network
	if n == nil {
		return nil, ErrUnsupported
	}
	if v == VerbListen {
		m, err := read(d, (*decoder).listen)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(s.declared.Transports, m.On.transport()) {
			return nil, ErrUnsupported
		}
		at, err := n.Listen(m)
		if err != nil {
			return nil, err
		}
		return Fields{{"at", at.String()}}, nil
	}
	m, err := read(d, (*decoder).connect)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(s.declared.Transports, m.To.transport()) {
		return nil, ErrUnsupported
	}
	return nil, n.Connect(m)
}
