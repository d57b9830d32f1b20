package attach

import (
	"encoding/binary"
	"net/netip"
)

// Message and address types of section 4, once more.
const (
	typePing    byte = 0
	typePong    byte = 1
	typePayload byte = 2
	typeM1      byte = 3
	typeM2      byte = 4
	typeM3      byte = 5

	addressTCP byte = 1
)

// A header is a wire message cut up. Addresses are kept as they are encoded.
type header struct {
	onward, back [][]byte
	kind         byte
	body         []byte
}

// parseHeader reads an outer message and takes the leading transport address, which names the receiver, from its onward route (ROUT-002).
// Without routes both have to be empty.
func parseHeader(b []byte, routed bool) (header, bool) {
	var h header
	var ok bool
	if len(b) == 0 || b[0] != 1 { // WIRE-001; 1 has one encoding
		return h, false
	}
	if h.onward, b, ok = cutRoute(b[1:]); !ok {
		return h, false
	}
	if h.back, b, ok = cutRoute(b); !ok || len(b) == 0 || b[0] > typeM3 { // WIRE-006
		return h, false
	}
	h.kind, h.body = b[0], b[1:]
	if h.kind <= typePong && len(h.body) > 0 { // WIRE-009
		return h, false
	}
	if !routed {
		return h, len(h.onward)+len(h.back) == 0
	}
	if len(h.onward) > 0 && h.onward[0][0] != 0 {
		h.onward = h.onward[1:]
	}
	return h, true
}

// parseInner reads an inner message, whose routes are the applications' own (REC-011).
func parseInner(b []byte, routed bool) (header, bool) {
	h, ok := parseHeader(b, routed)
	return h, ok && h.kind == typePayload
}

func cutRoute(b []byte) (route [][]byte, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	count, b := int(b[0]), b[1:]
	for range count {
		n, ok := addressLength(b)
		if !ok || n > len(b) { // WIRE-005
			return nil, nil, false
		}
		route, b = append(route, b[:n:n]), b[n:]
	}
	return route, b, true
}

// addressLength is the length of the address that b begins with, which may be more than there is.
func addressLength(b []byte) (int, bool) {
	if len(b) < 2 {
		return 0, false
	}
	if b[0] == 0 { // local
		return 2 + int(b[1]), b[1] > 0 // WIRE-012
	}
	if b[0] > 2 {
		return 0, false
	}
	switch b[1] { // tcp or udp: type, host type, host, port
	case 0:
		return 2 + 4 + 2, true
	case 1:
		return 2 + 16 + 2, true
	case 2:
		if len(b) < 3 || b[2] == 0 || b[2] > 253 { // WIRE-013
			return 0, false
		}
		return 3 + int(b[2]) + 2, true
	}
	return 0, false
}

// appendHeader encodes a header. A route of more than 255 addresses cannot be; nil is returned then.
func appendHeader(onward, back [][]byte, kind byte) []byte {
	if len(onward) > 255 || len(back) > 255 {
		return nil
	}
	dst := []byte{1} // WIRE-001
	for _, route := range [][][]byte{onward, back} {
		dst = append(dst, byte(len(route)))
		for _, address := range route {
			dst = append(dst, address...)
		}
	}
	return append(dst, kind)
}

// socketAddress encodes "IP:port". What is not one gives an address that nobody has.
func socketAddress(text string) []byte {
	at, _ := netip.ParseAddrPort(text)
	ip := at.Addr().Unmap() // WIRE-013
	address := []byte{addressTCP, 0}
	if ip.Is6() {
		address[1] = 1
	}
	address = append(address, ip.AsSlice()...)
	return binary.LittleEndian.AppendUint16(address, at.Port()) // WIRE-007
}

// fits reports whether a header could be made and a body of n bytes fits behind it (REC-010).
func fits(header []byte, n int) bool { return header != nil && len(header)+n <= 65535 }

// frame puts the length before a message (TRAN-001).
func frame(message []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
}
