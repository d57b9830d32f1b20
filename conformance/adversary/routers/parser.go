package routers

import (
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A parser takes a wire message apart, one step to a field.
type parser struct {
	version func(b []byte) (rest []byte, ok bool)
	count   func(b []byte) (n int, rest []byte, ok bool)
	address func(b []byte) (size int, ok bool)
	kind    func(b []byte) (kind wire.Type, body []byte, ok bool)
}

// strictParser is a parser that takes at most limit addresses in a route.
func strictParser(limit int) parser {
	return parser{version: readVersion, count: readCount(limit), address: addressSize, kind: readKind}
}

// parse parses b, of which the message keeps copies. Nothing of a message that does not parse is used.
func (p *parser) parse(b []byte) (m adversary.Message, ok bool) {
	if b, ok = p.version(b); !ok {
		return m, false
	}
	if m.Onward, b, ok = p.route(b); !ok {
		return m, false
	}
	if m.Return, b, ok = p.route(b); !ok {
		return m, false
	}
	kind, body, ok := p.kind(b)
	m.Type, m.Body = kind, append([]byte(nil), body...)
	return m, ok
}

func (p *parser) route(b []byte) (r adversary.Route, rest []byte, ok bool) {
	n, b, ok := p.count(b)
	for i := 0; ok && i < n; i++ {
		var size int
		if size, ok = p.address(b); ok {
			r, b = append(r, adversary.Address(b[:size])), b[size:]
		}
	}
	return r, b, ok
}

// readVersion takes version 1 in its one byte (WIRE-001, WIRE-003, WIRE-004).
func readVersion(b []byte) ([]byte, bool) {
	if len(b) == 0 || b[0] != wire.Version {
		return nil, false
	}
	return b[1:], true
}

func readCount(limit int) func([]byte) (int, []byte, bool) {
	return func(b []byte) (int, []byte, bool) {
		if len(b) == 0 || int(b[0]) > limit { // WIRE-005, WIRE-008
			return 0, nil, false
		}
		return int(b[0]), b[1:], true
	}
}

// addressSize is the size of the address at the head of b, which is all there (WIRE-005).
func addressSize(b []byte) (size int, ok bool) {
	if len(b) < 2 {
		return 0, false
	}
	switch wire.AddressType(b[0]) {
	case wire.Local:
		size, ok = 2+int(b[1]), b[1] > 0 // WIRE-012
	case wire.TCP, wire.UDP:
		size, ok = transportSize(b)
	}
	return size, ok && size <= len(b)
}

func transportSize(b []byte) (size int, ok bool) {
	switch wire.HostType(b[1]) {
	case wire.IPv4:
		return 2 + 4 + 2, true
	case wire.IPv6:
		return 2 + 16 + 2, true
	case wire.DNS:
		if len(b) < 3 || b[2] == 0 || b[2] > wire.MaxDNSName { // WIRE-013
			return 0, false
		}
		return 3 + int(b[2]) + 2, true
	}
	return 0, false // WIRE-006
}

func readKind(b []byte) (kind wire.Type, body []byte, ok bool) {
	if len(b) == 0 || wire.Type(b[0]) > wire.M3 { // WIRE-006
		return 0, nil, false
	}
	if wire.Type(b[0]) <= wire.Pong && len(b) > 1 { // WIRE-009
		return 0, nil, false
	}
	return wire.Type(b[0]), b[1:], true
}
