package mutants

import (
	"bytes"
	"slices"
	"strings"

	"ockamtest/vectors"
	"ockamtest/vectors/internal/oracle"
)

// codecKinds are the vectors in which messages are encoded or decoded.
func codecKinds() []vectors.Kind {
	return []vectors.Kind{vectors.KindCodec, vectors.KindRecord, vectors.KindChannel, vectors.KindForward}
}

func codecMutants() []Mutant {
	return slices.Concat(numberMutants(), cutMutants(), typeMutants(), addressMutants(), encoderMutants(), routeMutants(), dialectMutants())
}

func numberMutants() []Mutant {
	k := codecKinds()
	return []Mutant{
		{"U2leBigEndian", note("WRONG_ORDER", "WIRE-002", "The two bytes of a u2le are read in the other order."), k, altered("codec/number", swapNumber)},
		{"U2leEightBits", note("WRONG_VALUE", "WIRE-002", "The second byte of a u2le counts 256, not 128."), k,
			oracle.Subject{Alter: only("codec/number", func(b []byte) []byte { return []byte{b[0], b[1] * 2} })}},
		{"U2leLongForm", note("NOT_CANONICAL", "WIRE-002", "Numbers below 128 are written in two bytes."), k, without("codec/shortest")},
		{"U2leOverflow", note("MISSING_CHECK", "WIRE-002", "The encoder takes numbers above 16383, and cuts them."), k, without("codec/number")},
		{"U2leHighBit", note("MISSING_CHECK", "WIRE-003", "The high bit of the second byte of a u2le is ignored."), k, without("codec/high-bit")},
		{"VersionIgnored", note("MISSING_CHECK", "WIRE-001", "Messages of other versions are parsed."), k, without("codec/version")},
		{"VersionLowBits", note("MISSING_CHECK", "WIRE-001", "The first byte alone decides of the version: 0x8101 passes, or its length is wrong."), k,
			oracle.Subject{Alter: only("codec/number", func(b []byte) []byte { return []byte{b[0], 0} })}},
	}
}

// only changes the one value with this name.
func only(name string, change func([]byte) []byte) func(string, []byte) []byte {
	return func(value string, b []byte) []byte {
		if value == name {
			return change(b)
		}
		return b
	}
}

// swapNumber swaps the groups of seven bits; the first byte keeps its high bit.
func swapNumber(b []byte) []byte { return []byte{b[1] | b[0]&128, b[0] & 127} }

// cutMutants read on after the end of the message, and find zeros.
func cutMutants() []Mutant {
	var list []Mutant
	for _, m := range []struct{ flag, where, what string }{
		{"CutEmpty", "number", "an empty message"}, {"CutNumber", "number-second", "the second byte of a u2le"},
		{"CutCount", "count-route", "the count of a route alone"}, {"CutOnwardCount", "count-onward", "the count of the onward route"},
		{"CutReturnCount", "count-return", "the count of the return route"}, {"CutAddressType", "address-type", "the type of an address"},
		{"CutLocalLength", "local-length", "the length of a local address"}, {"CutLocal", "local", "the bytes of a local address"},
		{"CutHostType", "host-type", "the type of a host"}, {"CutIPv4", "ipv4", "an IPv4 address"}, {"CutIPv6", "ipv6", "an IPv6 address"},
		{"CutNameLength", "name-length", "the length of a name"}, {"CutName", "name", "a name"}, {"CutPort", "port", "a port"},
		{"CutType", "type", "the message type"},
	} {
		// The whole name: "name" is a part of "name-length".
		s := oracle.Subject{Skip: func(name string) bool {
			return name == "codec/truncated/"+m.where || m.where == "name-length" && name == "codec/name-length/zero"
		}}
		list = append(list, Mutant{m.flag, note("OUT_OF_BOUNDS", "WIRE-005", "What should be "+m.what+" is read behind the end of the message."), codecKinds(), s})
	}
	return append(list,
		Mutant{"TrailingIgnored", note("MISSING_CHECK", "WIRE-005", "Bytes behind the end of an element are ignored."), codecKinds(), without("codec/trailing")})
}

func typeMutants() []Mutant {
	k := codecKinds()
	return []Mutant{
		{"AddressTypeUnknown", note("MISSING_CHECK", "WIRE-006", "An unknown address type is taken for one with a host."), k, without("codec/address-type")},
		{"HostTypeUnknown", note("MISSING_CHECK", "WIRE-006", "An unknown host type is taken for a name."), k, without("codec/host-type", "codec/truncated/name", "codec/trailing")},
		{"MessageTypeUnknown", note("MISSING_CHECK", "WIRE-006", "An unknown message type is delivered."), k, without("codec/type/decode")},
		{"MessageTypeUnknownEncoded", note("MISSING_CHECK", "WIRE-006", "An unknown message type is written."), k, without("codec/type/encode")},
		{"PingBody", note("MISSING_CHECK", "WIRE-009", "A ping or pong with a body is accepted."), k, without("codec/ping-body/decode")},
		{"PingBodyEncoded", note("MISSING_CHECK", "WIRE-009", "A ping or pong is written with a body."), k, without("codec/ping-body/encode")},
		{"BodyCut", note("BUFFER_SIZE", "WIRE-011 CHAN-005", "A body is cut at 512 bytes."), k, altered("codec/body", first(512))},
		{"BodyLength8Bits", note("INTEGER_OVERFLOW", "WIRE-011 CHAN-005", "The length of a body is kept in 8 bits."), k,
			altered("codec/body", func(b []byte) []byte { return b[:len(b)%256] })},
		{"BodyText", note("WRONG_TYPE", "WIRE-011 CHAN-005", "A body ends at its first zero byte, as C's strings do."), k, altered("codec/body", cString)},
		{"EmptyPayloadRefused", note("LEGAL_REFUSED", "CHAN-005", "A payload message without bytes is refused."), k, decoded(func(m *vectors.Message) error {
			if m.Type != nil && *m.Type == 2 && len(m.Body) == 0 {
				return &vectors.RefusalError{Layer: "codec", Class: "truncated"}
			}
			return nil
		})},
	}
}

func cString(b []byte) []byte {
	before, _, _ := bytes.Cut(b, []byte{0})
	return before
}

func addressMutants() []Mutant {
	k := codecKinds()
	return []Mutant{
		{"PortBigEndian", note("WRONG_ORDER", "WIRE-007", "Ports are big-endian, as in every other protocol."), k, altered("codec/port", reverse)},
		{"Port8Bits", note("INTEGER_OVERFLOW", "WIRE-007", "The high byte of a port is lost."), k, altered("codec/port", func(b []byte) []byte { return []byte{b[0], 0} })},
		{"IPv4LittleEndian", note("WRONG_ORDER", "WIRE-007", "IPv4 addresses are reversed."), k, altered("codec/ipv4", reverse)},
		{"IPv6LittleEndian", note("WRONG_ORDER", "WIRE-007", "IPv6 addresses are reversed."), k, altered("codec/ipv6", reverse)},
		{"IPv6Groups", note("WRONG_ORDER", "WIRE-007", "The bytes of each group of an IPv6 address are swapped: the bytes of e09, elsewhere."), k, altered("codec/ipv6", groups)},
		{"LocalEmpty", note("MISSING_CHECK", "WIRE-012", "A local address of no bytes is accepted."), k, without("codec/local-length/decode")},
		{"LocalEmptyEncoded", note("MISSING_CHECK", "WIRE-012", "A local address of no bytes is written."), k, without("codec/local-length/zero")},
		{"LocalLongEncoded", note("INTEGER_OVERFLOW", "WIRE-012", "A local address of more than 255 bytes is written; its length is cut."), k, without("codec/local-length/above")},
		{"LocalCut", note("BUFFER_SIZE", "WIRE-012", "A local address is cut at 64 bytes."), k, altered("codec/local", first(64))},
		{"LocalText", note("WRONG_TYPE", "WIRE-012", "A local address ends at its first zero byte."), k, altered("codec/local", cString)},
		{"LocalUTF8", note("WRONG_TYPE", "WIRE-012", "A local address is taken for UTF-8, and what is none is replaced."), k,
			altered("codec/local", func(b []byte) []byte { return bytes.ToValidUTF8(b, []byte("�")) })},
		{"LocalTrimmed", note("WRONG_TYPE", "WIRE-012", "White space at the ends of a local address is lost."), k, altered("codec/local", bytes.TrimSpace)},
		{"NameEmpty", note("MISSING_CHECK", "WIRE-013", "A name of no bytes is accepted."), k, without("codec/name-length/zero")},
		{"NameLong", note("MISSING_CHECK", "WIRE-013", "A name above 253 bytes is accepted."), k, without("codec/name-length/above")},
		{"NameCut", note("BUFFER_SIZE", "WIRE-013", "A name is cut at 64 bytes."), k, altered("codec/name", func(b []byte) []byte { return first(64)(b) })},
	}
}

// groups swaps the bytes of each pair.
func groups(b []byte) []byte {
	out := slices.Clone(b)
	for i := range len(b) / 2 {
		out[2*i], out[2*i+1] = b[2*i+1], b[2*i]
	}
	return out
}

func encoderMutants() []Mutant {
	k := codecKinds()
	return []Mutant{
		{"NameUpperCase", note("NOT_CANONICAL", "WIRE-013", "Names are written in the case in which they were given."), k, without("codec/lower-case")},
		{"NameFinalDot", note("NOT_CANONICAL", "WIRE-013", "The final dot of a name is written."), k, without("codec/final-dot")},
		{"NameLiteral", note("NOT_CANONICAL", "WIRE-013 WIRE-015", "An IP literal is written as a name."), k, without("codec/literal", "codec/name/numeric")},
		{"NameNumeric", note("MISSING_CHECK", "WIRE-015", "A name whose last label is a number is written, and is an IP address to a resolver."), k, without("codec/name/numeric")},
		{"NameCharacters", note("MISSING_CHECK", "WIRE-013", "Names are written with other characters than letters, digits, hyphens, and dots."), k, without("codec/name/characters")},
		{"NameLongEncoded", note("MISSING_CHECK", "WIRE-013", "A name of no bytes, or above 253, is written."), k, without("codec/name-length/encode")},
		{"MappedKept", note("NOT_CANONICAL", "WIRE-013", "An IPv4-mapped IPv6 address is written as IPv6."), k, without("codec/mapped")},
		{"RouteLongEncoded", note("INTEGER_OVERFLOW", "WIRE-008", "A route of more than 255 addresses is written; its count is cut."), k, without("codec/too-many/encode")},
	}
}

func routeMutants() []Mutant {
	k := one(vectors.KindCodec)
	return []Mutant{
		{"RoutesSwapped", note("WRONG_ORDER", "WIRE-011", "Onward and return route are confused."), k, decoded(func(m *vectors.Message) error {
			m.Onward, m.Return = m.Return, m.Onward
			return nil
		})},
		{"RouteReversed", note("WRONG_ORDER", "WIRE-011", "The addresses of a route come out in the other order."), k, decoded(func(m *vectors.Message) error {
			slices.Reverse(m.Onward)
			return nil
		})},
		{"RouteShort", note("LEGAL_REFUSED", "WIRE-008", "Routes of more than 7 addresses are refused."), k, decoded(func(m *vectors.Message) error {
			if len(m.Onward) > 7 || len(m.Return) > 7 {
				return &vectors.RefusalError{Layer: "codec", Class: "too-many"}
			}
			return nil
		})},
		{"ReturnMissing", note("WRONG_VALUE", "WIRE-011 ROUT-003", "The return route is parsed and lost."), k, decoded(func(m *vectors.Message) error {
			m.Return = []vectors.Address{}
			return nil
		})},
		{"TransportsConfused", note("WRONG_TYPE", "WIRE-011", "TCP and UDP addresses are one type."), k, addressed(func(a *vectors.Address) { a.Type = strings.Replace(a.Type, "udp", "tcp", 1) })},
	}
}

func dialectMutants() []Mutant {
	k := codecKinds()
	return []Mutant{
		{"E09Groups", note("WRONG_ORDER", "WIRE-007", "e09: IPv6 is in network order, as elsewhere."), k, without("codec/groups")},
		{"E09Ping", note("WRONG_TYPE", "WIRE-010", "e09: a ping is taken for a body of one byte."), k, without("codec/untyped")},
		{"E09CannotTravel", note("MISSING_CHECK", "WIRE-006", "e09: a body is sent that the receiver takes for a type."), k, without("codec/cannot-travel")},
		{"E09TypeByte", note("WRONG_FORMAT", "WIRE-011", "e09: messages have a type byte, as elsewhere."), one(vectors.KindCodec), profileAs("e09", "v1")},
		{"C09Routes", note("MISSING_CHECK", "WIRE-008", "c09: routes are not empty."), k, without("codec/too-many/c09")},
		{"C010Routes", note("MISSING_CHECK", "WIRE-008", "c010: a route of more than 5 addresses is accepted, and overruns the array."), k, without("codec/too-many/c010")},
	}
}

// A codecMutant does something about what the oracle says.
type codecMutant struct {
	oracle.Subject
	before func(*vectors.CodecInput)
	after  func(vectors.CodecOutput) error
}

// Codec implements vectors.Subject.
func (m codecMutant) Codec(in vectors.CodecInput) (vectors.CodecOutput, error) {
	if m.before != nil {
		m.before(&in)
	}
	out, err := m.Subject.Codec(in)
	if err != nil || m.after == nil || out.Value == nil {
		return out, err
	}
	return out, m.after(out)
}

func decoded(f func(*vectors.Message) error) vectors.Subject {
	return codecMutant{after: func(out vectors.CodecOutput) error {
		if out.Value.Message == nil {
			return nil
		}
		return f(out.Value.Message)
	}}
}

func addressed(f func(*vectors.Address)) vectors.Subject {
	return codecMutant{after: func(out vectors.CodecOutput) error {
		if out.Value.Address != nil {
			f(out.Value.Address)
		}
		return nil
	}}
}

func profileAs(from, to string) vectors.Subject {
	return codecMutant{before: func(in *vectors.CodecInput) {
		if in.Profile == from {
			in.Profile = to
		}
	}}
}
