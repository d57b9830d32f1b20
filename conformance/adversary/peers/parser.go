package peers

import "ockamtest/ref/profile"

// A parser takes a wire message apart, one step to a field.
type parser struct {
	version func(b []byte) (rest []byte, ok bool)
	count   func(b []byte) (n int, rest []byte, ok bool)
	address func(b []byte) (size int, ok bool)
	kind    func(b []byte) (kind byte, body []byte, ok bool)

	maxOnward, maxBack int // addresses
}

// strictParser is the parser of messages in an envelope of the profile.
func strictParser(e profile.Envelope) parser {
	p := parser{
		version:   readVersion,
		count:     readCount(255),
		address:   addressSize,
		kind:      readKind,
		maxOnward: most(e.MaxOnward),
		maxBack:   most(e.MaxReturn),
	}
	if e.Untagged {
		p.kind = readUntyped
	}
	return p
}

// most is a limit of an envelope as a number: 0 means as many as the format has, less means none.
func most(limit int) int {
	switch {
	case limit < 0:
		return 0
	case limit == 0:
		return 255
	}
	return limit
}

// parse parses b, whose bytes the message aliases. Nothing of a message that does not parse is used.
func (p *parser) parse(b []byte) (m message, ok bool) {
	if b, ok = p.version(b); !ok {
		return message{}, false
	}
	if m.onward, b, ok = p.route(b, p.maxOnward); !ok {
		return message{}, false
	}
	if m.back, b, ok = p.route(b, p.maxBack); !ok {
		return message{}, false
	}
	if m.kind, m.body, ok = p.kind(b); !ok {
		return message{}, false
	}
	return m, true
}

func (p *parser) route(b []byte, limit int) (r route, rest []byte, ok bool) {
	n, b, ok := p.count(b)
	if !ok || n > limit { // WIRE-008
		return nil, nil, false
	}
	for range n {
		size, ok := p.address(b)
		if !ok {
			return nil, nil, false
		}
		r, b = append(r, b[:size:size]), b[size:]
	}
	return r, b, true
}

func readVersion(b []byte) ([]byte, bool) {
	value, size := u2le(b)
	if size == 0 || value != 1 { // WIRE-001
		return nil, false
	}
	return b[size:], true
}

// u2le decodes the number at the head of b; size 0 means that there is none.
func u2le(b []byte) (value, size int) {
	switch {
	case len(b) == 0:
		return 0, 0
	case b[0] < 0x80:
		return int(b[0]), 1
	case len(b) == 1:
		return 0, 0
	}
	value = int(b[0]&0x7f) | int(b[1])<<7
	if b[1] >= 0x80 || value < 0x80 { // WIRE-003, WIRE-004
		return 0, 0
	}
	return value, 2
}

func readCount(limit int) func([]byte) (int, []byte, bool) {
	return func(b []byte) (int, []byte, bool) {
		if len(b) == 0 || int(b[0]) > limit { // WIRE-005, WIRE-008
			return 0, nil, false
		}
		return int(b[0]), b[1:], true
	}
}

// addressSize is the size of the address at the head of b, which is all there.
func addressSize(b []byte) (size int, ok bool) {
	if len(b) < 2 {
		return 0, false
	}
	switch b[0] {
	case addressLocal:
		size = 2 + int(b[1])
		ok = b[1] > 0 // WIRE-012
	case addressTCP, addressUDP:
		size, ok = hostSize(b[1:])
		size += 3 // type and port
	}
	return size, ok && size <= len(b) // WIRE-005, WIRE-006
}

func hostSize(b []byte) (size int, ok bool) {
	switch b[0] {
	case hostIPv4:
		return 5, true
	case hostIPv6:
		return 17, true
	case hostDNS:
		if len(b) < 2 || b[1] == 0 || b[1] > 253 { // WIRE-013
			return 0, false
		}
		return 2 + int(b[1]), true
	}
	return 0, false // WIRE-006
}

func readKind(b []byte) (kind byte, body []byte, ok bool) {
	if len(b) == 0 || b[0] > kindM3 { // WIRE-006
		return 0, nil, false
	}
	if b[0] <= kindPong && len(b) > 1 { // WIRE-009
		return 0, nil, false
	}
	return b[0], b[1:], true
}

// readUntyped knows only pings and pongs by their types.
func readUntyped(b []byte) (kind byte, body []byte, ok bool) {
	if len(b) == 1 && b[0] <= kindPong {
		return b[0], nil, true
	}
	return kindUntyped, b, true
}
