package harness

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// An Address is an address of a route, in parts, so that nobody has to parse text forms of IP addresses. It can be one that no encoder
// writes: an empty local address, a name of any bytes.
type Address struct {
	Kind  AddressKind
	Value []byte // the local address, the IP address in network order, or the name
	Port  uint16 // 0 for Local
}

// An AddressKind is the first part of an address.
type AddressKind string

// The kinds: a local address; TCP and UDP addresses with an IPv4 address, an IPv6 address, or a name.
const (
	Local   AddressKind = "local"
	TCP4    AddressKind = "tcp4"
	TCP6    AddressKind = "tcp6"
	TCPName AddressKind = "tcpn"
	UDP4    AddressKind = "udp4"
	UDP6    AddressKind = "udp6"
	UDPName AddressKind = "udpn"
)

// valueLength is the length that a kind's value has, -1 if any.
func (k AddressKind) valueLength() (n int, ok bool) {
	switch k {
	case Local, TCPName, UDPName:
		return -1, true
	case TCP4, UDP4:
		return 4, true
	case TCP6, UDP6:
		return 16, true
	}
	return 0, false
}

// IsZero reports whether the address is the zero Address, which is none.
func (a Address) IsZero() bool { return a.Kind == "" }

// String is the address on the control connection: "tcp4:7f000001:4000", "local:0a0b0c0d".
func (a Address) String() string {
	s := string(a.Kind) + ":" + hex.EncodeToString(a.Value)
	if a.Kind == Local {
		return s
	}
	return s + ":" + strconv.Itoa(int(a.Port))
}

// ParseAddress reads what String writes, and nothing else.
func ParseAddress(s string) (Address, error) {
	parts := strings.Split(s, ":")
	a := Address{Kind: AddressKind(parts[0])}
	length, ok := a.Kind.valueLength()
	want := 3
	if a.Kind == Local {
		want = 2
	}
	if !ok || len(parts) != want {
		return Address{}, syntax("address")
	}
	var err error
	if a.Value, err = parseHex(parts[1]); err != nil || length >= 0 && len(a.Value) != length {
		return Address{}, syntax("address value")
	}
	if a.Kind == Local {
		return a, nil
	}
	port, err := parseNumber(parts[2], 65535)
	if err != nil {
		return Address{}, syntax("port")
	}
	a.Port = uint16(port)
	return a, nil
}

// A Route is a list of addresses; the next hop comes first.
type Route []Address

// String is the route on the control connection: addresses with commas between. It is empty for the empty route.
func (r Route) String() string {
	parts := make([]string, len(r))
	for i, a := range r {
		parts[i] = a.String()
	}
	return strings.Join(parts, ",")
}

// ParseRoute reads what String writes, and nothing else. The empty route is nil.
func ParseRoute(s string) (Route, error) {
	if s == "" {
		return nil, nil
	}
	r := make(Route, 0, strings.Count(s, ",")+1)
	for part := range strings.SplitSeq(s, ",") {
		a, err := ParseAddress(part)
		if err != nil {
			return nil, err
		}
		r = append(r, a)
	}
	return r, nil
}

// parseHex reads bytes in lower-case hex; none is the empty string and gives an empty slice that is not nil.
func parseHex(s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return nil, syntax("hex")
		}
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, syntax("hex")
	}
	return b, nil
}

// parseNumber reads a decimal number without leading zeros.
func parseNumber(s string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != s || n > most {
		return 0, syntax("number")
	}
	return n, nil
}
