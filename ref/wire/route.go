package wire

import (
	"slices"
	"strings"
)

// A Route is a list of addresses; the next hop comes first.
type Route []Address

// Equal reports whether r and s have the same addresses by meaning (WIRE-013).
func (r Route) Equal(s Route) bool { return slices.EqualFunc(r, s, Address.Equal) }

// String is the addresses between brackets.
func (r Route) String() string {
	texts := make([]string, len(r))
	for i, a := range r {
		texts[i] = a.String()
	}
	return "[" + strings.Join(texts, " ") + "]"
}

// AppendRoute appends count and addresses to dst. It refuses more than MaxAddresses (WIRE-008) and what AppendAddress refuses,
// and then returns dst as it was.
func AppendRoute(dst []byte, d Dialect, r Route) ([]byte, error) {
	out, e := appendRoute(dst, d, r, MaxAddresses, "")
	if e != nil {
		e.Offset -= len(dst)
		return dst, e
	}
	return out, nil
}

// appendRoute gives errors the offset in dst.
func appendRoute(dst []byte, d Dialect, r Route, max int, part string) ([]byte, *Error) {
	if len(r) > max { // WIRE-008
		return nil, &Error{Requirement: "WIRE-008", Part: part, Index: -1, Field: "count", Offset: len(dst), Err: ErrTooMany}
	}
	dst = append(dst, byte(len(r)))
	for i, a := range r {
		if e := a.defect(); e != nil {
			e.Part, e.Index, e.Offset = part, i, len(dst)
			return nil, e
		}
		dst = appendAddress(dst, d, a)
	}
	return dst, nil
}

// ParseRoute appends the addresses of the route that b begins with to dst[:0] and returns it with the number of bytes. The
// capacity of dst is used before anything is allocated.
func ParseRoute(d Dialect, dst Route, b []byte) (route Route, n int, err error) {
	r := reader{d: d, b: b, index: -1}
	if route, err = r.route(dst[:0], MaxAddresses, ""); err != nil {
		return nil, 0, err
	}
	return route, r.off, nil
}

// minAddress is the length of the shortest address, a local one.
const minAddress = 3

// route appends the addresses to dst.
func (r *reader) route(dst Route, max int, part string) (Route, error) {
	r.part = part
	start := r.off
	count, err := r.u8("count")
	if err != nil {
		return dst, err
	}
	if int(count) > max { // WIRE-008
		return dst, r.fail("WIRE-008", "count", start, ErrTooMany)
	}
	dst = slices.Grow(dst, min(int(count), (len(r.b)-r.off)/minAddress)) // memory grows with the bytes, not with the claim
	for r.index = 0; r.index < int(count); r.index++ {
		a, err := r.address()
		if err != nil {
			return dst, err
		}
		dst = append(dst, a)
	}
	r.part, r.index = "", -1
	return dst, nil
}
