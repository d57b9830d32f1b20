package wire

import "slices"

// A Message is one wire message. Body is what follows the type byte: empty for Ping and Pong (WIRE-009).
type Message struct {
	Onward Route
	Return Route
	Type   Type
	Body   []byte
}

// Equal reports whether m and o have the same type, the same body, and the same routes, address by address as on the wire.
func (m *Message) Equal(o *Message) bool {
	return m.Type == o.Type && slices.Equal(m.Onward, o.Onward) && slices.Equal(m.Return, o.Return) && string(m.Body) == string(o.Body)
}

// AppendMessage appends m in dialect d to dst. It refuses what is not canonical, what d cannot carry, and more than MaxMessage
// bytes, and then returns dst as it was. m's body must not lie in the free capacity of dst.
func AppendMessage(dst []byte, d Dialect, m *Message) ([]byte, error) {
	out, e := appendMessage(dst, d, m)
	if e == nil && len(out)-len(dst) > MaxMessage { // REC-010
		e = &Error{Requirement: "REC-010", Index: -1, Field: "body", Offset: len(out) - len(m.Body), Err: ErrTooLong}
	}
	if e != nil {
		e.Offset -= len(dst)
		return dst, e
	}
	return out, nil
}

// appendMessage gives errors the offset in dst.
func appendMessage(dst []byte, d Dialect, m *Message) ([]byte, *Error) {
	maxOnward, maxReturn := limit(d.MaxOnward), limit(d.MaxReturn)
	if d.Bare {
		if len(m.Onward)+len(m.Return) > 0 {
			return nil, &Error{Requirement: "WIRE-008", Index: -1, Field: "count", Offset: len(dst), Err: ErrTooMany}
		}
		return appendBody(dst, d, m)
	}
	dst = append(dst, Version) // WIRE-001: one u2le byte
	dst, e := appendRoute(dst, d, m.Onward, maxOnward, "onward route")
	if e != nil {
		return nil, e
	}
	if dst, e = appendRoute(dst, d, m.Return, maxReturn, "return route"); e != nil {
		return nil, e
	}
	return appendBody(dst, d, m)
}

// Parse decodes b in dialect d. The message's body aliases b.
func Parse(d Dialect, b []byte) (Message, error) {
	var m Message
	err := m.Parse(d, b)
	return m, err
}

// Parse decodes b in dialect d into m. It overwrites m's routes, whose capacity it uses; the body aliases b. After an error m is
// empty, apart from that capacity.
func (m *Message) Parse(d Dialect, b []byte) error {
	next := Message{Onward: m.Onward[:0], Return: m.Return[:0]}
	*m = next
	r := reader{d: d, b: b, index: -1}
	if err := r.message(&next); err != nil {
		return err
	}
	*m = next
	return nil
}

func (r *reader) message(m *Message) error {
	if len(r.b) > MaxMessage { // REC-010
		return r.fail("REC-010", "body", 0, ErrTooLong)
	}
	if r.d.Bare {
		return r.body(m)
	}
	version, err := r.u2le("version")
	if err != nil {
		return err
	}
	if version != Version { // WIRE-001
		return r.fail("WIRE-001", "version", 0, ErrVersion)
	}
	if m.Onward, err = r.route(m.Onward, limit(r.d.MaxOnward), "onward route"); err != nil {
		return err
	}
	if m.Return, err = r.route(m.Return, limit(r.d.MaxReturn), "return route"); err != nil {
		return err
	}
	return r.body(m)
}
