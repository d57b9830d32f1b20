package generate

import (
	"fmt"
	"slices"

	"ockamtest/vectors"
)

// bodyOf is a body that fits a message type.
func bodyOf(kind int) []byte {
	switch kind {
	case 2:
		return []byte("hello")
	case 3:
		return pattern(32)
	case 4:
		return pattern(96)
	case 5:
		return pattern(64)
	}
	return nil
}

func messagesByType(b *builder) {
	b.group(vectors.KindCodec, "messages of each type, with routes of each length")
	for kind := range 6 {
		for _, n := range []int{0, 1, 2, 3, 7, 8} {
			m := slices.Concat([]byte{1}, localRoute(n), localRoute(8-n), []byte{byte(kind)}, bodyOf(kind))
			b.accept("WIRE-001 WIRE-011", fmt.Sprintf("type %d, %d addresses onward, %d return", kind, n, 8-n), decode("v1", "message", m))
		}
	}
	for _, n := range []int{0, 1, 2, 127, 128, 255, 256, 1024} {
		b.accept("WIRE-011", fmt.Sprintf("a payload of %d bytes", n), decode("v1", "message", slices.Concat(bytesOf("01000002"), pattern(n))))
	}
	for kind := 3; kind < 6; kind++ { // what is in the body is for the layer above
		b.accept("WIRE-005", fmt.Sprintf("type %d with an empty body", kind), decode("v1", "message", []byte{1, 0, 0, byte(kind)}))
		b.accept("WIRE-005", fmt.Sprintf("type %d with a body of one byte", kind), decode("v1", "message", []byte{1, 0, 0, byte(kind), 9}))
	}
}

func versions(b *builder) {
	b.group(vectors.KindCodec, "versions other than 1, whatever follows")
	for _, rest := range []string{"000002 68656c6c6f", "000000", "01 00040a0b0c0d 00 02 68", "01 01007f000001a00f 01 01007f00000131d4 03 0102"} {
		control := b.accept("WIRE-001", "version 1", decode("v1", "message", bytesOf("01"+rest)))
		for _, version := range []string{"00", "02", "03", "40", "7f", "8001", "8101", "ff7f"} {
			b.refuse(control, "codec/version", "WIRE-001", "version "+version, decode("v1", "message", bytesOf(version+rest)))
		}
		b.refuse(control, "codec/high-bit", "WIRE-003", "version 8180", decode("v1", "message", bytesOf("8180"+rest)))
		b.allow("codec/not-shortest", "WIRE-004", "version 1 in two bytes", decode("v1", "message", bytesOf("8100"+rest)))
	}
}

func typesUnknown(b *builder) {
	b.group(vectors.KindCodec, "unknown message types")
	control := b.accept("WIRE-006", "type 2", decode("v1", "message", bytesOf("01000002 0102")))
	for _, kind := range []byte{6, 7, 8, 16, 32, 127, 128, 130, 255} {
		b.refuse(control, "codec/type", "WIRE-006", fmt.Sprintf("type %d", kind), decode("v1", "message", []byte{1, 0, 0, kind, 1, 2}))
		b.refuse(control, "codec/type", "WIRE-006", fmt.Sprintf("type %d without a body", kind), decode("v1", "message", []byte{1, 0, 0, kind}))
	}
}

func pingBodies(b *builder) {
	b.group(vectors.KindCodec, "ping and pong have no body")
	for kind, name := range []string{"ping", "pong"} {
		for _, routes := range []string{"0000", "01 02000a000003a30f 01 02000a000001a10f", "00 01 00040a0b0c0d"} {
			head := slices.Concat([]byte{1}, bytesOf(routes), []byte{byte(kind)})
			control := b.accept("WIRE-009", name, decode("v1", "message", head))
			for _, body := range []string{"00", "01", "68656c6c6f"} {
				b.refuse(control, "codec/ping-body", "WIRE-009", name+" with a body "+body, decode("v1", "message", slices.Concat(head, bytesOf(body))))
			}
		}
	}
}

func messagesCut(b *builder) {
	b.group(vectors.KindCodec, "each strict prefix of version, routes, and type")
	for _, m := range []struct{ name, head string }{
		{"m1 over a hop", "01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03"},
		{"payload with IPv6 and a name", "01 01 010120010db8000000000000000000000001a00f 01 0202036f6e65a00f 02"},
		{"ping", "01 01 02000a000003a30f 01 02000a000001a10f 00"},
	} {
		head := bytesOf(m.head)
		control := b.accept("WIRE-005", m.name, decode("v1", "message", head))
		for n := range head {
			b.refuse(control, "codec/truncated", "WIRE-005", fmt.Sprintf("%s, the first %d bytes", m.name, n), decode("v1", "message", head[:n]))
		}
	}
	control := b.accept("WIRE-005", "empty routes", decode("v1", "message", bytesOf("01000002")))
	for _, lie := range []string{"01ff0002", "0100ff02", "01ff00", "01ff000100", "010100ff02"} {
		b.refuse(control, "codec/truncated", "WIRE-005", "a count or length that is not true: "+lie, decode("v1", "message", bytesOf(lie)))
	}
	for _, lie := range []string{"01 01 0000 00 02", "01 00 01 0000 02"} {
		b.refuse(control, "codec/local-length", "WIRE-012", "a local address of no bytes", decode("v1", "message", bytesOf(lie)))
	}
	for _, lie := range []string{"01 01 03 00 00 02", "01 00 01 81 00 02"} {
		b.refuse(control, "codec/address-type", "WIRE-006", "an unknown address type", decode("v1", "message", bytesOf(lie)))
	}
}

func messagesOfE09(b *builder) {
	b.group(vectors.KindCodec, "e09 has no type byte")
	for _, body := range []string{"", "02", "0268", "06", "68656c6c6f", "0001", "0100", "ff"} {
		b.accept("WIRE-011", "body "+body, decode("e09", "message", bytesOf("01 00 00"+body)))
		control := b.accept("WIRE-011", "body "+body+", encoded", encode("e09", "message",
			message(vectors.Message{Version: 1, Onward: []vectors.Address{}, Return: []vectors.Address{local(1)}, Body: bytesOf(body)})))
		for _, first := range []string{"03", "04", "05"} {
			b.refuse(control, "codec/cannot-travel", "WIRE-006", "a body that begins with "+first, encode("e09", "message",
				message(vectors.Message{Version: 1, Onward: []vectors.Address{}, Return: []vectors.Address{}, Body: bytesOf(first + body)})))
		}
	}
	control := b.accept("WIRE-010", "a ping", decode("e09", "message", bytesOf("01 03 0001ff 0100010203042823 02010120b80d0000000000000000000001002823 01 00040a0b0c0d 00")))
	b.accept("WIRE-010", "a pong", decode("e09", "message", bytesOf("01 00 00 01")))
	b.refuse(control, "codec/version", "WIRE-001", "version 2", decode("e09", "message", bytesOf("02 00 00 68")))
	b.refuse(control, "codec/truncated", "WIRE-005", "one route", decode("e09", "message", bytesOf("01 00")))
	for _, body := range []string{"00", "01"} {
		b.refuse(control, "codec/cannot-travel", "WIRE-006", "the body "+body+" alone", encode("e09", "message",
			message(vectors.Message{Version: 1, Onward: []vectors.Address{}, Return: []vectors.Address{}, Body: bytesOf(body)})))
	}
}

func messagesOfC09(b *builder) {
	b.group(vectors.KindCodec, "c09: both counts are 0")
	for kind := 2; kind < 6; kind++ {
		control := b.accept("WIRE-008", fmt.Sprintf("type %d", kind), decode("c09", "message", slices.Concat([]byte{1, 0, 0, byte(kind)}, bodyOf(kind))))
		for _, routes := range []string{"01 000101 00", "00 01 000101", "01 000101 01 000102"} {
			b.refuse(control, "codec/too-many", "WIRE-008", "an address", decode("c09", "message", slices.Concat([]byte{1}, bytesOf(routes), []byte{byte(kind)}, bodyOf(kind))))
		}
	}
}

func messagesOfC010(b *builder) {
	b.group(vectors.KindCodec, "c010: at most 5 addresses in a route")
	for _, n := range []int{0, 1, 5} {
		control := b.accept("WIRE-008", fmt.Sprintf("%d addresses", n), decode("c010", "message", slices.Concat([]byte{1}, localRoute(n), localRoute(5-n), []byte{2, 9})))
		b.refuse(control, "codec/too-many", "WIRE-008", "6 onward", decode("c010", "message", slices.Concat([]byte{1}, localRoute(6), localRoute(n), []byte{2, 9})))
		b.refuse(control, "codec/too-many", "WIRE-008", "6 return", decode("c010", "message", slices.Concat([]byte{1}, localRoute(n), localRoute(6), []byte{2, 9})))
	}
}

func messagesEncoded(b *builder) {
	b.group(vectors.KindCodec, "messages, encoded")
	m := func(kind int, body []byte) vectors.Value {
		return message(vectors.Message{Version: 1, Onward: []vectors.Address{tcp(4000, 127, 0, 0, 1)}, Return: []vectors.Address{local(1, 2, 3, 4)}, Type: &kind, Body: body})
	}
	var control int
	for kind := range 6 {
		control = b.accept("WIRE-001 WIRE-011", fmt.Sprintf("type %d", kind), encode("v1", "message", m(kind, bodyOf(kind))))
	}
	for _, kind := range []int{6, 7, 255} {
		b.refuse(control, "codec/type", "WIRE-006", fmt.Sprintf("type %d", kind), encode("v1", "message", m(kind, nil)))
	}
	for kind := range 2 {
		b.refuse(control, "codec/ping-body", "WIRE-009", fmt.Sprintf("type %d with a body", kind), encode("v1", "message", m(kind, []byte{1})))
	}
}

func knownMessages(b *builder) {
	b.group(vectors.KindCodec, "the messages of section 12")
	for _, m := range []struct{ name, profile, bytes string }{
		{"m1 over TCP", "v1", "01 01 01007f000001a00f 01 01007f00000131d4 03 358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"},
		{"m1 of c09", "c09", "01000003 358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"},
		{"data over a hop", "v1", "01 03 02000a000002a20f 02000a000003a30f 000401020304 01 02000a000001a10f 02 5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11"},
		{"inner routes", "v1", "01 01 0003617070 01 00026d65 02 68656c6c6f"},
		{"ping", "v1", "01 01 02000a000003a30f 01 02000a000001a10f 00"},
		{"pong", "v1", "01 01 02000a000001a10f 01 02000a000003a30f 01"},
		{"routed ping", "v1", "01 03 0001ff 01 00 01020304 2823 02 01 20010db8000000000000000000000001 2823 01 00040a0b0c0d 00"},
		{"routed ping of e09", "e09", "01 03 0001ff 01 00 01020304 2823 02 01 0120b80d 0000000000000000 00000100 2823 01 00040a0b0c0d 00"},
	} {
		v := decode(m.profile, "message", bytesOf(m.bytes))
		b.accept("WIRE-011", m.name, v)
		b.accept("WIRE-011", m.name+", encoded", encode(m.profile, "message", *v.Value))
	}
}
