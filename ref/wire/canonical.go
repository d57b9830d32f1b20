package wire

import "strings"

// Canonical returns the address that encoders write for what a means (WIRE-013): IPv4-mapped IPv6 becomes IPv4; a DNS name
// loses its capitals and its final dot; a name that is an IP literal becomes that IP address. Other addresses, also those that
// no encoder writes, are returned as they are.
func (a Address) Canonical() Address {
	if a.IsLocal() {
		return a
	}
	switch a.host {
	case IPv4:
	case IPv6:
		if isMapped(a.short) {
			return address4(a.kind, [4]byte(a.short[12:]), a.port)
		}
	case DNS:
		name := lower(a.long)
		if short := strings.TrimSuffix(name, "."); short != "" && !strings.HasSuffix(short, ".") {
			name = short // "a.." is no name and means nothing else
		}
		if ip, ok := parseIPv4(name); ok {
			return address4(a.kind, ip, a.port)
		}
		if ip, ok := parseIPv6(name); ok {
			return address6(a.kind, ip, a.port).Canonical()
		}
		a.long = name
	}
	return a
}

// Equal reports whether a and b mean the same address (WIRE-013). Names are not resolved.
func (a Address) Equal(b Address) bool { return a == b || a.Canonical() == b.Canonical() }

// Sendable reports whether a is a transport address that a node may send to (WIRE-013). Port 0 never is; link-local IPv6 means another host
// on each link; the unspecified address reaches the sender's own machine on some systems, which ROUT-005 would not notice; multicast and
// broadcast would make many of one message. What a name resolves to has to be asked for again.
func (a Address) Sendable() bool {
	a = a.Canonical()
	if a.IsLocal() || a.port == 0 {
		return false
	}
	switch a.host {
	case IPv4:
		return a.short[0] != 0 && a.short[0] < 224 // 0.0.0.0/8, 224.0.0.0/4, 240.0.0.0/4
	case IPv6:
		linkLocal := a.short[0] == 0xfe && a.short[1]&0xc0 == 0x80 // fe80::/10
		return !linkLocal && a.short[0] != 0xff && a.short != [16]byte{}
	case DNS:
	}
	return true
}

// Validate returns the *Error with which the encoder refuses a, nil if it is canonical.
func (a Address) Validate() error {
	if e := a.defect(); e != nil {
		return e
	}
	return nil
}

// defect returns what keeps a from being encoded, without the place.
func (a Address) defect() *Error {
	switch {
	case a.IsLocal() && (a.Len() == 0 || a.Len() > MaxLocalAddress): // WIRE-012
		return &Error{Requirement: "WIRE-012", Index: -1, Field: "length", Err: ErrLength}
	case a.IsLocal():
		return nil
	case a.host == IPv6 && isMapped(a.short): // WIRE-013: IPv4 is host type 0
		return &Error{Requirement: "WIRE-013", Index: -1, Field: "host", Err: ErrForm}
	case a.host == DNS && (len(a.long) == 0 || len(a.long) > MaxDNSName): // WIRE-013
		return &Error{Requirement: "WIRE-013", Index: -1, Field: "length", Err: ErrLength}
	case a.host == DNS && !isName(a.long): // WIRE-013: the form of names, never an IP literal
		return &Error{Requirement: "WIRE-013", Index: -1, Field: "value", Err: ErrForm}
	}
	return nil
}

// isName reports whether encoders write s as a DNS name (WIRE-013).
func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && !isDigit(c) && c != '-' && c != '.' {
			return false
		}
	}
	last := s[strings.LastIndexByte(s, '.')+1:]
	return last != "" && !isNumber(last)
}

// isNumber reports whether a last label makes some resolver take the name for an IPv4 address: "127.1" and "0x7f000001" are such
// literals, and no top-level domain is a number.
func isNumber(label string) bool {
	digits := strings.TrimPrefix(label, "0x")
	for i := range len(digits) {
		hex := len(digits) < len(label) && 'a' <= digits[i] && digits[i] <= 'f'
		if !isDigit(digits[i]) && !hex {
			return false
		}
	}
	return true
}

// lower maps A to Z only, byte by byte: the bytes of a peer's name need not be text.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
