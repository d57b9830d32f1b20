package adversary

import (
	"fmt"
	"net/netip"
	"strings"

	"ockamtest/ref/wire"
)

// MalformedError is the error of a message that the peer may not send: what is wrong with it, and the requirement that says so.
type MalformedError struct {
	Requirement string
	Words       string // never the peer's bytes
}

// Error describes the fault in one line.
func (m *MalformedError) Error() string { return m.Requirement + ": " + m.Words }

// ParseMessage reads what a peer sent as strictly as the specification binds encoders: version 1 in its shortest form, known
// types, canonical addresses. The error is a *MalformedError. The message keeps its own copies.
func ParseMessage(b []byte) (Message, error) {
	r := &reader{rest: b}
	r.version()
	m := Message{Onward: r.route("onward"), Return: r.route("return")}
	m.Type = wire.Type(r.byte("type"))
	return r.body(m)
}

// ParseUntagged is ParseMessage for messages of which only pings and pongs have a type byte (profile e09). Any other one counts as a
// payload; what it is, only the reader can know.
func ParseUntagged(b []byte) (Message, error) {
	r := &reader{rest: b}
	r.version()
	m := Message{Onward: r.route("onward"), Return: r.route("return"), Type: wire.Payload, Untagged: true}
	if len(r.rest) == 1 && wire.Type(r.rest[0]) <= wire.Pong {
		m.Type = wire.Type(r.byte("type"))
	}
	return r.body(m)
}

// body is the message with the bytes to the end.
func (r *reader) body(m Message) (Message, error) {
	switch {
	case r.fault != nil:
		return Message{}, r.fault
	case m.Type > wire.M3:
		r.fail("WIRE-006", "message type %d", m.Type)
	case m.Type <= wire.Pong && len(r.rest) > 0:
		r.fail("WIRE-009", "a %s with a body of %d bytes", TypeName(m.Type), len(r.rest))
	}
	if r.fault != nil {
		return Message{}, r.fault
	}
	m.Body = append([]byte(nil), r.rest...)
	return m, nil
}

// A reader consumes a message from the front; after the first fault it gives zeros.
type reader struct {
	rest  []byte
	fault *MalformedError
}

func (r *reader) fail(requirement, format string, args ...any) {
	if r.fault == nil {
		r.fault = &MalformedError{requirement, fmt.Sprintf(format, args...)}
		r.rest = nil
	}
}

func (r *reader) bytes(n int, what string) []byte {
	if len(r.rest) < n {
		r.fail("WIRE-005", "a message that ends inside its %s", what)
		return make([]byte, n)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte(what string) byte { return r.bytes(1, what)[0] }

func (r *reader) version() {
	v := int(r.byte("version"))
	if v >= 0x80 {
		w := r.byte("version")
		v = v&0x7f + int(w&0x7f)<<7
		switch {
		case w >= 0x80:
			r.fail("WIRE-003", "a version whose second byte has its high bit set")
		case v < 0x80:
			r.fail("WIRE-002", "version %d in two bytes", v)
		}
	}
	if v != wire.Version {
		r.fail("WIRE-001", "version %d", v)
	}
}

func (r *reader) route(name string) Route {
	count := int(r.byte("count of the " + name + " route"))
	var route Route
	for i := 0; i < count && r.fault == nil; i++ {
		before := r.rest
		r.address(name + " route")
		route = append(route, Address(before[:len(before)-len(r.rest)]))
	}
	return route
}

func (r *reader) address(where string) {
	switch kind := wire.AddressType(r.byte(where)); kind {
	case wire.Local:
		n := int(r.byte(where))
		if n == 0 {
			r.fail("WIRE-012", "a local address of length 0 in its %s", where)
		}
		r.bytes(n, where)
	case wire.TCP, wire.UDP:
		r.host(where)
		r.bytes(2, where)
	default:
		r.fail("WIRE-006", "address type %d in its %s", kind, where)
	}
}

func (r *reader) host(where string) {
	switch kind := wire.HostType(r.byte(where)); kind {
	case wire.IPv4:
		r.bytes(4, where)
	case wire.IPv6:
		if netip.AddrFrom16([16]byte(r.bytes(16, where))).Is4In6() {
			r.fail("WIRE-013", "an IPv4 address as IPv4-mapped IPv6 in its %s", where)
		}
	case wire.DNS:
		n := int(r.byte(where))
		if !plainName(string(r.bytes(n, where))) {
			r.fail("WIRE-013", "a DNS name of %d bytes in its %s that no encoder may write", n, where)
		}
	default:
		r.fail("WIRE-006", "host type %d in its %s", kind, where)
	}
}

// plainName tells whether an encoder may write the name (WIRE-013).
func plainName(name string) bool {
	if name == "" || len(name) > wire.MaxDNSName || strings.HasSuffix(name, ".") {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	return strings.IndexFunc(name, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-.", c)
	}) < 0
}
