package generate

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"ockamtest/vectors"
)

func codecScenarios() []func(*builder) {
	return []func(*builder){
		numbersDecoded, numbersNotShortest, numbersHighBit, numbersCut, numbersEncoded,
		localAddresses, ipAddresses, portOrder, names, addressesCut, unknownTypes, addressesEncoded, hostForms, namesRefused, groupsOfE09,
		routesByLength, routesWithLies, routesOfProfiles, routesEncoded,
		messagesByType, versions, typesUnknown, pingBodies, messagesCut, messagesOfE09, messagesOfC09, messagesOfC010, messagesEncoded,
		knownMessages,
	}
}

func decode(profile, element string, b []byte) *vectors.Codec {
	return &vectors.Codec{CodecInput: vectors.CodecInput{Op: "decode", Profile: profile, Element: element, Bytes: b}}
}

func encode(profile, element string, v vectors.Value) *vectors.Codec {
	return &vectors.Codec{CodecInput: vectors.CodecInput{Op: "encode", Profile: profile, Element: element, Value: &v}}
}

func number(n int) vectors.Value              { return vectors.Value{Number: &n} }
func address(a vectors.Address) vectors.Value { return vectors.Value{Address: &a} }
func route(r ...vectors.Address) vectors.Value {
	list := append([]vectors.Address{}, r...) // never null
	return vectors.Value{Route: &list}
}

func message(m vectors.Message) vectors.Value { return vectors.Value{Message: &m} }
func local(b ...byte) vectors.Address         { return vectors.Address{Type: "local", Local: b} }
func tcp(port int, ip ...byte) vectors.Address {
	return vectors.Address{Type: "tcp", IPv4: ip, Port: port}
}
func udp(port int, ip ...byte) vectors.Address {
	return vectors.Address{Type: "udp", IPv4: ip, Port: port}
}
func named(port int, name string) vectors.Address {
	return vectors.Address{Type: "tcp", Name: name, Port: port}
}

func ipv6(kind string, port int) vectors.Address {
	return vectors.Address{Type: kind, IPv6: bytesOf("20010db8 00112233 44556677 8899aabb"), Port: port}
}

// Numbers: a byte below 128, else two.

func numbersDecoded(b *builder) {
	b.group(vectors.KindCodec, "u2le, decoded")
	for _, n := range []int{0, 1, 2, 63, 64, 126, 127} {
		b.accept("WIRE-002 WIRE-004", fmt.Sprintf("%d is one byte", n), decode("v1", "u2le", []byte{byte(n)}))
	}
	for _, n := range []int{128, 129, 130, 255, 256, 257, 300, 1000, 4096, 8191, 8192, 16256, 16382, 16383} {
		b.accept("WIRE-002 WIRE-003 WIRE-004", fmt.Sprintf("%d is two bytes, the low seven bits first", n),
			decode("v1", "u2le", []byte{byte(n&127 | 128), byte(n >> 7)}))
	}
}

func numbersNotShortest(b *builder) {
	b.group(vectors.KindCodec, "u2le in two bytes that need one: to be refused, yet only by SHOULD")
	for _, n := range []byte{0, 1, 2, 64, 126, 127} {
		b.allow("codec/not-shortest", "WIRE-004", fmt.Sprintf("%d in two bytes", n), decode("v1", "u2le", []byte{n | 128, 0}))
	}
}

func numbersHighBit(b *builder) {
	b.group(vectors.KindCodec, "u2le with the high bit of the second byte")
	for _, first := range []byte{0x80, 0x81, 0xaa, 0xff} {
		for _, second := range []byte{0x01, 0x2a, 0x7f} {
			control := b.accept("WIRE-003", "without the high bit", decode("v1", "u2le", []byte{first, second}))
			b.refuse(control, "codec/high-bit", "WIRE-003", "with it", decode("v1", "u2le", []byte{first, second | 0x80}))
		}
	}
}

func numbersCut(b *builder) {
	b.group(vectors.KindCodec, "u2le that ends early, or late")
	one := b.accept("WIRE-005", "one byte", decode("v1", "u2le", []byte{5}))
	b.refuse(one, "codec/truncated", "WIRE-005", "nothing at all", decode("v1", "u2le", nil))
	b.refuse(one, "codec/trailing", "WIRE-005", "a byte too many behind one", decode("v1", "u2le", []byte{5, 0}))
	for _, first := range []byte{0x80, 0x81, 0xc0, 0xff} {
		two := b.accept("WIRE-005", "both bytes", decode("v1", "u2le", []byte{first, 3}))
		b.refuse(two, "codec/truncated", "WIRE-005", "the second byte is missing", decode("v1", "u2le", []byte{first}))
		b.refuse(two, "codec/trailing", "WIRE-005", "a third byte", decode("v1", "u2le", []byte{first, 3, 0}))
	}
}

func numbersEncoded(b *builder) {
	b.group(vectors.KindCodec, "u2le, encoded in the shortest form")
	control := 0
	for _, n := range []int{0, 1, 127, 128, 129, 255, 256, 300, 8192, 16383} {
		control = b.accept("WIRE-002", fmt.Sprintf("%d", n), encode("v1", "u2le", number(n)))
	}
	for _, n := range []int{16384, 16385, 32768, 65535, 65536, 1 << 20} {
		b.refuse(control, "codec/number", "WIRE-002", fmt.Sprintf("%d is above 16383", n), encode("v1", "u2le", number(n)))
	}
}

// Addresses.

func localAddresses(b *builder) {
	b.group(vectors.KindCodec, "local addresses: 1 to 255 bytes of anything")
	var control int
	for _, n := range []int{1, 2, 3, 4, 8, 16, 127, 128, 254, 255} {
		control = b.accept("WIRE-012", fmt.Sprintf("%d bytes", n), decode("v1", "address", slices.Concat([]byte{0, byte(n)}, pattern(n))))
		b.refuse(control, "codec/trailing", "WIRE-005", fmt.Sprintf("%d bytes and one more", n),
			decode("v1", "address", slices.Concat([]byte{0, byte(n)}, pattern(n+1))))
	}
	for _, opaque := range []string{"00", "ff", "0000", "c3a9", "c328", "0a0d", "2e2e2f"} {
		b.accept("WIRE-012", "opaque bytes "+opaque, decode("v1", "address", slices.Concat([]byte{0, byte(len(opaque) / 2)}, bytesOf(opaque))))
	}
	b.refuse(control, "codec/local-length", "WIRE-012", "length 0", decode("v1", "address", []byte{0, 0}))
	b.refuse(control, "codec/local-length", "WIRE-012", "length 0 and a byte behind it", decode("v1", "address", []byte{0, 0, 1}))
}

func ipAddresses(b *builder) {
	b.group(vectors.KindCodec, "IP addresses are in network order")
	for kind, name := range []string{1: "tcp", 2: "udp"} {
		for _, ip := range []string{"7f000001", "0a000001", "01020304", "c0a80001", "ff000001"} {
			if name != "" {
				b.accept("WIRE-007", name+" IPv4", decode("v1", "address", slices.Concat([]byte{byte(kind), 0}, bytesOf(ip), bytesOf("a00f"))))
			}
		}
		for _, ip := range []string{"00000000000000000000000000000001", "20010db8000000000000000000000001", "000102030405060708090a0b0c0d0e0f"} {
			if name != "" {
				b.accept("WIRE-007", name+" IPv6", decode("v1", "address", slices.Concat([]byte{byte(kind), 1}, bytesOf(ip), bytesOf("a00f"))))
			}
		}
	}
}

func portOrder(b *builder) {
	b.group(vectors.KindCodec, "ports are little-endian")
	for _, host := range []string{"007f000001", "0120010db8000000000000000000000001", "02036f6e65"} {
		for _, port := range []string{"0000", "0100", "0001", "a00f", "ff00", "00ff", "ffff"} {
			for _, kind := range []string{"01", "02"} {
				b.accept("WIRE-007", "port "+port, decode("v1", "address", bytesOf(kind+host+port)))
			}
		}
	}
}

func names(b *builder) {
	b.group(vectors.KindCodec, "DNS names: 1 to 253 bytes")
	dns := func(n int) []byte { return slices.Concat([]byte{1, 2, byte(n)}, longName(n), []byte{0xa0, 0x0f}) }
	var control int
	for _, n := range []int{1, 2, 11, 63, 127, 128, 252, 253} {
		control = b.accept("WIRE-013", fmt.Sprintf("a name of %d bytes", n), decode("v1", "address", dns(n)))
	}
	for _, n := range []int{254, 255} {
		b.refuse(control, "codec/name-length", "WIRE-013", fmt.Sprintf("a name of %d bytes", n), decode("v1", "address", dns(n)))
	}
	b.refuse(control, "codec/name-length", "WIRE-013", "a name of 0 bytes", decode("v1", "address", dns(0)))
	b.refuse(control, "codec/name-length", "WIRE-013", "a name of 0 bytes, over UDP", decode("v1", "address", bytesOf("020200a00f")))
}

// longName is a valid name of n bytes, in labels of at most 63.
func longName(n int) []byte {
	name := bytes.Repeat([]byte("x"), n)
	for i := 60; i < n-1; i += 61 {
		name[i] = '.'
	}
	return name
}

// samples are encodings of one address of each form.
func samples() map[string]vectors.Hex {
	return map[string]vectors.Hex{
		"local": bytesOf("00040a0b0c0d"), "tcp IPv4": bytesOf("01007f000001a00f"), "udp IPv4": bytesOf("02000a000001a10f"),
		"tcp IPv6": bytesOf("010120010db8000000000000000000000001a00f"), "udp IPv6": bytesOf("020120010db800000000000000000000000ba00f"),
		"tcp name": bytesOf("01020b6578616d706c652e636f6da00f"), "udp name": bytesOf("0202036f6e65a00f"),
	}
}

func sortedNames(m map[string]vectors.Hex) []string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func addressesCut(b *builder) {
	b.group(vectors.KindCodec, "each strict prefix of an address, and a byte more")
	for _, name := range sortedNames(samples()) {
		whole := samples()[name]
		control := b.accept("WIRE-005", name+", whole", decode("v1", "address", whole))
		for n := range whole {
			b.refuse(control, "codec/truncated", "WIRE-005", fmt.Sprintf("%s, the first %d bytes", name, n), decode("v1", "address", whole[:n]))
		}
		b.refuse(control, "codec/trailing", "WIRE-005", name+" and a zero", decode("v1", "address", append(slices.Clone(whole), 0)))
	}
}

func unknownTypes(b *builder) {
	b.group(vectors.KindCodec, "unknown address and host types")
	control := b.accept("WIRE-006", "tcp IPv4", decode("v1", "address", bytesOf("01007f000001a00f")))
	for _, kind := range []byte{3, 4, 5, 16, 127, 128, 129, 255} {
		b.refuse(control, "codec/address-type", "WIRE-006", fmt.Sprintf("address type %d", kind),
			decode("v1", "address", slices.Concat([]byte{kind}, bytesOf("007f000001a00f"))))
		b.refuse(control, "codec/host-type", "WIRE-006", fmt.Sprintf("host type %d", kind),
			decode("v1", "address", slices.Concat([]byte{1, kind}, bytesOf("7f000001a00f"))))
	}
}

func addressesEncoded(b *builder) {
	b.group(vectors.KindCodec, "addresses, encoded")
	var control int
	for _, a := range []vectors.Address{
		local(1), local(1, 2, 3, 4), {Type: "local", Local: pattern(255)}, tcp(4000, 127, 0, 0, 1), udp(4001, 10, 0, 0, 1), tcp(255, 1, 2, 3, 4),
		ipv6("tcp", 9000), ipv6("udp", 256), named(443, "example.com"), named(1, "a"), {Type: "udp", Name: "two.example", Port: 65535},
	} {
		control = b.accept("WIRE-007 WIRE-012 WIRE-013", a.Type, encode("v1", "address", address(a)))
	}
	b.refuse(control, "codec/local-length", "WIRE-012", "no bytes", encode("v1", "address", address(vectors.Address{Type: "local", Local: vectors.Hex{}})))
	for _, n := range []int{256, 257, 512} {
		b.refuse(control, "codec/local-length", "WIRE-012", fmt.Sprintf("%d bytes", n), encode("v1", "address", address(vectors.Address{Type: "local", Local: pattern(n)})))
	}
}

func hostForms(b *builder) {
	b.group(vectors.KindCodec, "what an encoder writes of an address that has a better form")
	for _, ip := range []string{"7f000001", "01020304", "c0a80107"} {
		mapped := vectors.Address{Type: "tcp", IPv6: bytesOf("00000000000000000000ffff" + ip), Port: 4000}
		b.allow("codec/form", "WIRE-013", "IPv4-mapped IPv6 leaves as IPv4, or not at all", encode("v1", "address", address(mapped)))
	}
	for _, name := range []string{"Example.com", "EXAMPLE.COM", "a.B.c"} {
		b.allow("codec/form", "WIRE-013", "a name leaves in lower-case letters, or not at all", encode("v1", "address", address(named(80, name))))
	}
	for _, name := range []string{"example.com.", "localhost.", "Example.Com."} {
		b.allow("codec/form", "WIRE-013", "a name leaves without a final dot, or not at all", encode("v1", "address", address(named(80, name))))
	}
	for _, name := range []string{"127.0.0.1", "10.1.2.3"} {
		b.allow("codec/name", "WIRE-013 WIRE-015", "an IP literal leaves as IPv4, or not at all", encode("v1", "address", address(named(80, name))))
	}
}

func namesRefused(b *builder) {
	b.group(vectors.KindCodec, "names that have no form on the wire")
	control := b.accept("WIRE-013", "a name", encode("v1", "address", address(named(80, "host-1.example"))))
	for _, name := range []string{"a b", "under_score", "exämple.com", "a\x00b", "a/b", "user@host", "[::1]", "host:80"} {
		b.refuse(control, "codec/name", "WIRE-013", fmt.Sprintf("%q", name), encode("v1", "address", address(named(80, name))))
	}
	for _, name := range []string{"1", "127.1", "example.1", "0x7f", "host.0xff", "1.2.3", "0x7f.1", "256.256.256.256"} {
		b.refuse(control, "codec/name", "WIRE-015", name+" counts as an IP literal", encode("v1", "address", address(named(80, name))))
	}
	for _, n := range []int{254, 255, 300} {
		b.refuse(control, "codec/name-length", "WIRE-013", fmt.Sprintf("%d bytes", n), encode("v1", "address", address(named(80, string(longName(n))))))
	}
	b.refuse(control, "codec/name-length", "WIRE-013", "a dot alone", encode("v1", "address", address(named(80, "."))))
}

func groupsOfE09(b *builder) {
	b.group(vectors.KindCodec, "IPv6 in e09: eight little-endian groups")
	for _, ip := range []string{"0120b80d000000000000000000000100", "000000000000000000000000 00000100", "01000302050407060908 0b0a0d0c0f0e"} {
		for _, kind := range []string{"01", "02"} {
			b.accept("WIRE-007", "decoded", decode("e09", "address", bytesOf(kind+"01"+ip+"2823")))
		}
	}
	b.accept("WIRE-007", "encoded", encode("e09", "address", address(ipv6("udp", 9000))))
	b.accept("WIRE-007", "IPv4 is as everywhere", decode("e09", "address", bytesOf("0200010203042823")))
	b.accept("WIRE-007", "c010 has network order", decode("c010", "address", bytesOf("020120010db80000000000000000000000012823")))
}

// Routes.

func localRoute(n int) []byte {
	out := []byte{byte(n)}
	for i := range n {
		out = append(out, 0, 1, byte(i+1))
	}
	return out
}

func routesByLength(b *builder) {
	b.group(vectors.KindCodec, "routes of 0 to 255 addresses: 8 have to be supported")
	for n := range 9 {
		b.accept("WIRE-008 WIRE-011", fmt.Sprintf("%d addresses", n), decode("v1", "route", localRoute(n)))
	}
	for _, n := range []int{9, 10, 16, 17, 32, 127, 128, 254, 255} {
		b.allow("codec/too-many", "WIRE-008", fmt.Sprintf("%d addresses", n), decode("v1", "route", localRoute(n)))
	}
	b.accept("WIRE-011", "one of each kind", decode("v1", "route", slices.Concat([]byte{7}, samples()["local"], samples()["tcp IPv4"], samples()["udp IPv4"],
		samples()["tcp IPv6"], samples()["udp IPv6"], samples()["tcp name"], samples()["udp name"])))
}

func routesWithLies(b *builder) {
	b.group(vectors.KindCodec, "counts and lengths that are not true")
	for n := range 8 {
		control := b.accept("WIRE-005", fmt.Sprintf("%d addresses", n), decode("v1", "route", localRoute(n)))
		more := localRoute(n)
		more[0]++
		b.refuse(control, "codec/truncated", "WIRE-005", fmt.Sprintf("the count says %d, %d are there", n+1, n), decode("v1", "route", more))
		if n > 0 {
			fewer := localRoute(n)
			fewer[0]--
			b.refuse(control, "codec/trailing", "WIRE-005", fmt.Sprintf("the count says %d, %d are there", n-1, n), decode("v1", "route", fewer))
		}
	}
	control := b.accept("WIRE-005", "a local address of 4 bytes", decode("v1", "route", bytesOf("01 00040a0b0c0d")))
	for _, n := range []string{"05", "06", "7f", "80", "ff"} {
		b.refuse(control, "codec/truncated", "WIRE-005", "a local length of "+n, decode("v1", "route", bytesOf("01 00"+n+"0a0b0c0d")))
	}
	b.refuse(control, "codec/truncated", "WIRE-005", "255 addresses promised, none there", decode("v1", "route", []byte{255}))
	b.refuse(control, "codec/truncated", "WIRE-005", "no count", decode("v1", "route", nil))
	b.refuse(control, "codec/local-length", "WIRE-012", "a local address of no bytes among others", decode("v1", "route", bytesOf("03 000101 0000 000102")))
	b.refuse(control, "codec/address-type", "WIRE-006", "an unknown type among others", decode("v1", "route", bytesOf("03 000101 03 0101 000102")))
}

func routesOfProfiles(b *builder) {
	b.group(vectors.KindCodec, "routes of the dialects: none in c09, at most 5 in c010, 255 in e09")
	b.accept("WIRE-008", "c09 has empty routes", decode("c09", "route", []byte{0}))
	for _, n := range []int{1, 2, 8} {
		b.allow("codec/too-many", "WIRE-008", fmt.Sprintf("c09, %d addresses: a message has them not", n), decode("c09", "route", localRoute(n)))
	}
	for _, n := range []int{0, 1, 4, 5} {
		b.accept("WIRE-008", fmt.Sprintf("c010, %d addresses", n), decode("c010", "route", localRoute(n)))
	}
	for _, n := range []int{6, 7, 8, 255} {
		b.allow("codec/too-many", "WIRE-008", fmt.Sprintf("c010, %d addresses: a message has not so many", n), decode("c010", "route", localRoute(n)))
	}
	for _, n := range []int{0, 8, 9, 255} {
		b.accept("WIRE-008", fmt.Sprintf("e09, %d addresses", n), decode("e09", "route", localRoute(n)))
	}
}

func routesEncoded(b *builder) {
	b.group(vectors.KindCodec, "routes, encoded")
	locals := func(n int) (r []vectors.Address) {
		for i := range n {
			r = append(r, local(byte(i+1)))
		}
		return r
	}
	var control int
	for _, n := range []int{0, 1, 2, 8, 255} {
		control = b.accept("WIRE-008", fmt.Sprintf("%d addresses", n), encode("v1", "route", route(locals(n)...)))
	}
	for _, n := range []int{256, 257, 300} {
		b.refuse(control, "codec/too-many", "WIRE-008", fmt.Sprintf("%d addresses", n), encode("v1", "route", route(locals(n)...)))
	}
	b.allow("codec/too-many", "WIRE-008", "c09, one address: a message has it not", encode("c09", "route", route(locals(1)...)))
	b.allow("codec/too-many", "WIRE-008", "c010, 6 addresses: a message has not so many", encode("c010", "route", route(locals(6)...)))
	b.accept("WIRE-011", "one of each kind", encode("v1", "route", route(local(1, 2), tcp(4000, 127, 0, 0, 1), udp(4000, 10, 0, 0, 1),
		ipv6("tcp", 9), ipv6("udp", 9), named(80, strings.Repeat("a", 63)+".example"))))
}
