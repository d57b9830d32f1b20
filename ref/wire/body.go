package wire

// appendBody appends the type byte, if the dialect has one, and the body. It gives errors the offset in dst.
func appendBody(dst []byte, d Dialect, m *Message) ([]byte, *Error) {
	untyped := d.Bare || d.Untagged && m.Type != Ping && m.Type != Pong
	fail := func(requirement, field string, err error) ([]byte, *Error) {
		return nil, &Error{Requirement: requirement, Index: -1, Field: field, Offset: len(dst), Err: err}
	}
	switch {
	case m.Type > M3 && (m.Type != Untyped || !untyped): // WIRE-006
		return fail("WIRE-006", "type", ErrUnknownType)
	case d.Bare && m.Type != Payload && m.Type != Untyped: // only transport messages go without a header
		return fail("WIRE-006", "type", ErrUnknownType)
	case (m.Type == Ping || m.Type == Pong) && len(m.Body) > 0: // WIRE-009
		return fail("WIRE-009", "body", ErrBody)
	case untyped && !d.Bare && !travels(m.Body): // WIRE-011: it would not be decoded as it was
		return fail("WIRE-011", "body", ErrBody)
	case untyped:
		return append(dst, m.Body...), nil
	}
	return append(append(dst, byte(m.Type)), m.Body...), nil
}

// body reads the type byte, if the dialect has one, and the body.
func (r *reader) body(m *Message) error {
	start, rest := r.off, r.b[r.off:]
	switch {
	case r.d.Bare:
		m.Type, m.Body = Untyped, rest
		return nil
	case r.d.Untagged && travels(rest):
		m.Type, m.Body = Untyped, rest
		return nil
	case r.d.Untagged && Type(rest[0]) > Pong: // it begins with the type byte of another dialect
		return r.fail("WIRE-006", "type", start, ErrUnknownType)
	}
	t, err := r.u8("type")
	if err != nil {
		return err
	}
	m.Type, m.Body = Type(t), rest[1:]
	switch {
	case m.Type > M3: // WIRE-006
		return r.fail("WIRE-006", "type", start, ErrUnknownType)
	case m.Type <= Pong && len(m.Body) > 0: // WIRE-009
		return r.fail("WIRE-009", "body", start+1, ErrBody)
	}
	return nil
}

// travels reports whether a body can travel without a type byte (Dialect.Untagged).
func travels(body []byte) bool {
	switch {
	case len(body) == 0:
		return true
	case M1 <= Type(body[0]) && Type(body[0]) <= M3:
		return false
	}
	return len(body) > 1 || Type(body[0]) > Pong
}
