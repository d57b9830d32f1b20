package wire

// A reader takes fields from the front of b. It checks every length before it uses it (WIRE-005) and knows the place for errors.
type reader struct {
	d     Dialect
	b     []byte
	off   int
	part  string // route
	index int    // address in the route, or -1
}

// fail makes the error for the field at offset at.
func (r *reader) fail(requirement, field string, at int, err error) error {
	return &Error{Requirement: requirement, Part: r.part, Index: r.index, Field: field, Offset: at, Err: err}
}

// u8 reads one byte.
func (r *reader) u8(field string) (byte, error) {
	if r.off >= len(r.b) {
		return 0, r.fail("WIRE-005", field, r.off, ErrTruncated)
	}
	v := r.b[r.off]
	r.off++
	return v, nil
}

// bytes reads n bytes, which alias the input.
func (r *reader) bytes(n int, field string) ([]byte, error) {
	if len(r.b)-r.off < n {
		return nil, r.fail("WIRE-005", field, r.off, ErrTruncated)
	}
	v := r.b[r.off : r.off+n]
	r.off += n
	return v, nil
}
