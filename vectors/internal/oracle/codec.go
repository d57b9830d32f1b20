package oracle

import (
	"encoding/binary"
	"net/netip"
	"regexp"
	"strings"

	"ockamtest/vectors"
)

// Address and host types, and message types, of section 4.
const (
	addressLocal, addressTCP, addressUDP = 0, 1, 2
	hostIPv4, hostIPv6, hostName         = 0, 1, 2

	typePing, typePong, typePayload, typeM1, typeM2, typeM3 = 0, 1, 2, 3, 4, 5
)

// The profiles of section 11.
const (
	v1   = "v1"
	c09  = "c09"
	e09  = "e09"
	c010 = "c010"
)

// Codec implements vectors.Subject.
func (o Subject) Codec(in vectors.CodecInput) (vectors.CodecOutput, error) {
	if in.Op == "encode" {
		b, err := o.encode(in.Profile, in.Value)
		return vectors.CodecOutput{Bytes: b}, err
	}
	v, err := o.decode(in.Profile, in.Element, in.Bytes)
	return vectors.CodecOutput{Value: v}, err
}

// decode decodes one element, which has to be all of b.
func (o Subject) decode(profile, element string, b []byte) (*vectors.Value, error) {
	d := &decoder{o: o, profile: profile, rest: b}
	var v vectors.Value
	switch element {
	case "u2le":
		v.Number = new(d.number())
	case "address":
		v.Address = new(d.address())
	case "route":
		v.Route = new(d.route("route"))
	case "message":
		v.Message = new(d.message())
	}
	d.check("codec/trailing", element == "message" || len(d.rest) == 0)
	if d.err != nil {
		return nil, d.err
	}
	return &v, nil
}

// A decoder takes bytes from the front of rest. After an error it goes on with zeros and keeps the first error.
type decoder struct {
	o       Subject
	profile string
	rest    []byte
	beyond  bool // a mutant reads on after the end
	err     error
}

func (d *decoder) check(name string, ok bool) {
	if d.err == nil {
		d.err = d.o.check(name, ok)
	}
}

// take returns the next n bytes. WIRE-005: what is not there is not read.
func (d *decoder) take(where string, n int) []byte {
	d.check("codec/truncated/"+where, len(d.rest) >= n || d.beyond)
	d.beyond = d.beyond || d.err == nil && len(d.rest) < n
	b := make([]byte, n)
	d.rest = d.rest[copy(b, d.rest):]
	return b
}

func (d *decoder) byte(where string) int { return int(d.take(where, 1)[0]) }

// number is u2le: 0vvvvvvv / 1vvvvvvv 0wwwwwww.
func (d *decoder) number() int {
	first := d.byte("number")
	if first < 128 {
		return first
	}
	second := d.byte("number-second")
	d.check("codec/high-bit", second < 128)    // WIRE-003
	d.check("codec/not-shortest", second != 0) // WIRE-004
	b := d.o.value("codec/number", []byte{byte(first & 127), byte(second & 127)})
	return int(b[0]) + 128*int(b[1])
}

func (d *decoder) address() vectors.Address {
	kind := d.byte("address-type")
	d.check("codec/address-type", kind <= addressUDP) // WIRE-006
	if kind == addressLocal {
		n := d.byte("local-length")
		d.check("codec/local-length/decode", n > 0) // WIRE-012
		return vectors.Address{Type: "local", Local: d.o.value("codec/local", d.take("local", n))}
	}
	a := vectors.Address{Type: "tcp"}
	if kind == addressUDP {
		a.Type = "udp"
	}
	host := d.byte("host-type")
	d.check("codec/host-type", host <= hostName) // WIRE-006
	switch host {
	case hostIPv4:
		a.IPv4 = d.o.value("codec/ipv4", d.take("ipv4", 4)) // WIRE-007
	case hostIPv6:
		a.IPv6 = d.o.value("codec/ipv6", d.ipv6(d.take("ipv6", 16)))
	default:
		n := d.byte("name-length")
		d.check("codec/name-length/zero", n > 0) // WIRE-013
		d.check("codec/name-length/above", n <= 253)
		a.Name = string(d.o.value("codec/name", d.take("name", n)))
	}
	a.Port = int(binary.LittleEndian.Uint16(d.o.value("codec/port", d.take("port", 2)))) // WIRE-007
	return a
}

func (d *decoder) ipv6(b []byte) []byte {
	if d.profile == e09 && d.o.step("codec/groups") {
		return swapGroups(b)
	}
	return b
}

// swapGroups turns network order into e09's eight little-endian groups, and back.
func swapGroups(b []byte) []byte {
	out := make([]byte, 16)
	for i := range b {
		out[i] = b[i^1]
	}
	return out
}

func (d *decoder) route(which string) []vectors.Address {
	n := d.byte("count-" + which)
	d.check("codec/too-many/c09", d.profile != c09 || n == 0)
	d.check("codec/too-many/c010", d.profile != c010 || n <= 5)
	route := []vectors.Address{}
	for range n {
		if d.err != nil {
			break
		}
		route = append(route, d.address())
	}
	return route
}

func (d *decoder) message() vectors.Message {
	m := vectors.Message{Version: d.number()}
	d.check("codec/version", m.Version == 1) // WIRE-001
	m.Onward, m.Return = d.route("onward"), d.route("return")
	if d.profile == e09 && !d.pingOrPong() {
		m.Body = d.o.value("codec/body", d.rest)
		return m
	}
	kind := d.byte("type")
	d.check("codec/type/decode", kind <= typeM3)                           // WIRE-006
	d.check("codec/ping-body/decode", kind > typePong || len(d.rest) == 0) // WIRE-009
	m.Type, m.Body = &kind, d.o.value("codec/body", d.rest)
	return m
}

// pingOrPong tells of an e09 message, which has no type byte, that it is one of the two.
func (d *decoder) pingOrPong() bool {
	return len(d.rest) == 1 && d.rest[0] <= typePong && d.o.step("codec/untyped")
}

func (o Subject) encode(profile string, v *vectors.Value) ([]byte, error) {
	e := &encoder{o: o, profile: profile}
	switch {
	case v.Number != nil:
		e.number(*v.Number)
	case v.Address != nil:
		e.address(*v.Address)
	case v.Route != nil:
		e.route(*v.Route)
	case v.Message != nil:
		e.message(*v.Message)
	}
	return e.b, e.err
}

// An encoder appends to b and keeps the first error.
type encoder struct {
	o       Subject
	profile string
	b       []byte
	err     error
}

func (e *encoder) check(name string, ok bool) {
	if e.err == nil {
		e.err = e.o.check(name, ok)
	}
}

func (e *encoder) number(v int) {
	e.check("codec/number", v >= 0 && v <= 16383) // WIRE-002
	if v < 128 && e.o.step("codec/shortest") {
		e.b = append(e.b, byte(v))
		return
	}
	e.b = append(e.b, e.o.value("codec/number-encoded", []byte{byte(v&127) | 128, byte(v >> 7 & 127)})...)
}

func (e *encoder) address(a vectors.Address) {
	if a.Type == "local" {
		e.check("codec/local-length/zero", len(a.Local) > 0) // WIRE-012
		e.check("codec/local-length/above", len(a.Local) <= 255)
		e.b = append(append(e.b, addressLocal, byte(len(a.Local))), e.o.value("codec/local", a.Local)...)
		return
	}
	kind := byte(addressTCP)
	if a.Type == "udp" {
		kind = addressUDP
	}
	e.b = append(e.b, kind)
	e.host(a)
	e.b = append(e.b, e.o.value("codec/port", binary.LittleEndian.AppendUint16(nil, uint16(a.Port)))...) // WIRE-007
}

// host writes the form of WIRE-013.
func (e *encoder) host(a vectors.Address) {
	ip, literal := netip.ParseAddr(a.Name)
	switch {
	case a.Name != "" && literal == nil && ip.Is4() && e.o.step("codec/literal"):
		e.b = append(append(e.b, hostIPv4), ip.AsSlice()...)
	case a.Name != "":
		name := a.Name
		if e.o.step("codec/lower-case") {
			name = strings.ToLower(name)
		}
		if e.o.step("codec/final-dot") {
			name = strings.TrimSuffix(name, ".")
		}
		e.check("codec/name-length/encode", len(name) >= 1 && len(name) <= 253)
		e.check("codec/name/characters", hostname.MatchString(strings.ToLower(name)))
		e.check("codec/name/numeric", !numericLabel.MatchString(name)) // WIRE-015
		e.b = append(append(e.b, hostName, byte(len(name))), name...)
	case len(a.IPv6) == 16 && netip.AddrFrom16([16]byte(a.IPv6)).Is4In6() && e.o.step("codec/mapped"):
		e.b = append(append(e.b, hostIPv4), a.IPv6[12:]...)
	case len(a.IPv6) == 16:
		ip := []byte(a.IPv6)
		if e.profile == e09 && e.o.step("codec/groups") {
			ip = swapGroups(ip)
		}
		e.b = append(append(e.b, hostIPv6), e.o.value("codec/ipv6", ip)...)
	default:
		e.b = append(append(e.b, hostIPv4), e.o.value("codec/ipv4", a.IPv4)...)
	}
}

var (
	hostname     = regexp.MustCompile(`^[a-z0-9.-]*$`)
	numericLabel = regexp.MustCompile(`(^|\.)([0-9]+|0[xX][0-9a-fA-F]+)\.?$`)
)

func (e *encoder) route(route []vectors.Address) {
	e.check("codec/too-many/encode", len(route) <= 255) // WIRE-008
	e.check("codec/too-many/c09", e.profile != c09 || len(route) == 0)
	e.check("codec/too-many/c010", e.profile != c010 || len(route) <= 5)
	e.b = append(e.b, byte(len(route)))
	for _, a := range route {
		e.address(a)
	}
}

func (e *encoder) message(m vectors.Message) {
	e.number(m.Version)
	e.route(m.Onward)
	e.route(m.Return)
	body := e.o.value("codec/body", m.Body)
	if m.Type == nil { // e09
		e.check("codec/cannot-travel", !cannotTravel(m.Body))
		e.b = append(e.b, body...)
		return
	}
	e.check("codec/type/encode", *m.Type >= typePing && *m.Type <= typeM3)
	e.check("codec/ping-body/encode", *m.Type > typePong || len(m.Body) == 0) // WIRE-009
	e.b = append(append(e.b, byte(*m.Type)), body...)
}

// cannotTravel tells of a body of e09 that it would be taken for something else (section 11).
func cannotTravel(body []byte) bool {
	return len(body) == 1 && body[0] <= typePong || len(body) > 0 && body[0] >= typeM1 && body[0] <= typeM3
}
