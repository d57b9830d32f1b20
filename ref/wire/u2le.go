package wire

// AppendU2LE appends v in the shortest form to dst. It refuses values above MaxU2LE and then returns dst as it was (WIRE-002).
func AppendU2LE(dst []byte, v uint16) ([]byte, error) {
	switch {
	case v < 0x80:
		return append(dst, byte(v)), nil
	case v <= MaxU2LE:
		return append(dst, 0x80|byte(v&0x7f), byte(v>>7)), nil
	}
	return dst, &Error{Requirement: "WIRE-002", Index: -1, Field: "number", Err: ErrTooLong}
}

// ParseU2LE returns the value that b begins with and the number of its bytes, 1 or 2. It refuses what AppendU2LE does not write.
func ParseU2LE(b []byte) (v uint16, n int, err error) {
	r := reader{b: b, index: -1}
	if v, err = r.u2le("number"); err != nil {
		return 0, 0, err
	}
	return v, r.off, nil
}

// u2le reads one value. An error's place is the whole value, not the byte at fault.
func (r *reader) u2le(field string) (uint16, error) {
	start := r.off
	first, err := r.u8(field)
	if err != nil {
		return 0, err
	}
	if first < 0x80 {
		return uint16(first), nil
	}
	second, err := r.u8(field)
	switch {
	case err != nil:
		return 0, err
	case second >= 0x80: // WIRE-003: its high bit is 0
		return 0, r.fail("WIRE-003", field, start, ErrU2LE)
	case second == 0: // WIRE-004: the value is below 128
		return 0, r.fail("WIRE-004", field, start, ErrU2LE)
	}
	return uint16(first&0x7f) | uint16(second)<<7, nil
}
