package generate

import (
	"fmt"
	"slices"

	"ockamtest/vectors"
)

// The hop of section 12, and its two ends.
func hopI() vectors.Address { return udp(4001, 10, 0, 0, 1) }
func hopH() vectors.Address { return udp(4002, 10, 0, 0, 2) }
func hopR() vectors.Address { return udp(4003, 10, 0, 0, 3) }

func forward(source vectors.Address, message vectors.Hex, bound ...vectors.Address) *vectors.Forward {
	if bound == nil {
		bound = []vectors.Address{hopH()}
	}
	return &vectors.Forward{ForwardInput: vectors.ForwardInput{Bound: bound, Source: source, Message: message, Allow: true}}
}

func hopOfSection12(b *builder) {
	b.group(vectors.KindForward, "the hop of section 12")
	m1 := "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
	for _, m := range []struct {
		name  string
		from  vectors.Address
		bytes string
	}{
		{"m1", hopI(), "01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03" + m1},
		{"m2", hopR(), "01 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 02 02000a000003a30f 000401020304 04" + m1},
		{"m3", hopI(), "01 03 02000a000002a20f 02000a000003a30f 000401020304 02 02000a000001a10f 00040a0b0c0d 05" + m1},
		{"data", hopI(), "01 03 02000a000002a20f 02000a000003a30f 000401020304 01 02000a000001a10f 02 5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11"},
		{"ping through a hop", hopI(), "01 02 02000a000002a20f 02000a000003a30f 01 02000a000001a10f 00"},
	} {
		b.accept("ROUT-002 ROUT-003 ROUT-004", m.name, forward(m.from, bytesOf(m.bytes)))
	}
}

// routed is a message through the hop to R.
func routed(onward []vectors.Address, back []vectors.Address) vectors.Hex {
	v := encode("v1", "message", message(vectors.Message{Version: 1, Onward: onward, Return: back, Type: new(2), Body: vectors.Hex("body")}))
	out := &builder{last: map[vectors.Kind]int{}}
	out.group(vectors.KindCodec, "")
	out.accept("WIRE-001", "", v)
	if out.err != nil {
		panic(out.err) // a scenario's mistake
	}
	return v.Bytes
}

func hopsForward(b *builder) {
	b.group(vectors.KindForward, "what a hop makes of both routes")
	to := []vectors.Address{hopH(), hopR(), local(9)}
	for _, r := range []struct {
		name string
		back []vectors.Address
	}{
		{"an empty return route", nil}, {"the source, as the sender wrote it", []vectors.Address{hopI()}}, {"another address of that kind: replaced", []vectors.Address{udp(99, 10, 9, 9, 9)}},
		{"an address of another kind: kept", []vectors.Address{tcp(99, 10, 9, 9, 9)}}, {"a local address: kept", []vectors.Address{local(7)}},
		{"several hops", []vectors.Address{hopI(), udp(5, 10, 0, 0, 5), local(7)}},
	} {
		b.accept("ROUT-003 ROUT-004", r.name, forward(hopI(), routed(to, r.back)))
	}
	bound := []vectors.Address{tcp(4002, 10, 0, 0, 2), hopH()}
	b.accept("ROUT-004 ROUT-010", "from TCP to UDP", forward(tcp(5555, 10, 0, 0, 1), routed([]vectors.Address{tcp(4002, 10, 0, 0, 2), hopR(), local(9)}, []vectors.Address{tcp(4001, 10, 0, 0, 1), local(7)}), bound...))
	b.accept("ROUT-004 ROUT-010", "from UDP to TCP", forward(hopI(), routed([]vectors.Address{hopH(), tcp(4003, 10, 0, 0, 3), local(9)}, []vectors.Address{hopI(), local(7)}), bound...))
	b.accept("ROUT-002", "the first address is another of this hop's names", forward(hopI(), routed([]vectors.Address{udp(1, 192, 168, 0, 9), hopR()}, []vectors.Address{hopI()})))
	b.accept("ROUT-002", "the first address is of another kind", forward(hopI(), routed([]vectors.Address{tcp(1, 192, 168, 0, 9), hopR()}, []vectors.Address{hopI()})))
	mapped := slices.Concat(bytesOf("01 02 02000a000002a20f 0201 00000000000000000000ffff0a000003 a30f 00 02"), []byte("body"))
	b.accept("WIRE-015", "IPv4-mapped IPv6 leaves as IPv4", forward(hopI(), mapped))
	for n := 3; n <= 7; n++ {
		back := []vectors.Address{hopI()}
		for i := range n {
			back = append(back, udp(100+i, 10, 1, 0, byte(i+1)))
		}
		b.accept("ROUT-010", fmt.Sprintf("after %d hops", n), forward(hopI(), routed(to, back)))
	}
}

func hopsDrop(b *builder) {
	b.group(vectors.KindForward, "what a hop drops")
	back := []vectors.Address{hopI()}
	good := routed([]vectors.Address{hopH(), hopR(), local(9)}, back)
	control := b.accept("ROUT-007", "forwarded", forward(hopI(), good))
	drop := func(class, requirements, comment string, m vectors.Hex) {
		b.refuse(control, class, requirements, comment, forward(hopI(), m))
	}
	relay := forward(hopI(), good)
	relay.Allow = false
	b.refuse(control, "router/not-allowed", "ROUT-007", "an end point is no open relay", relay)
	drop("router/loop", "ROUT-005", "the next address is its own", routed([]vectors.Address{hopH(), hopH(), hopR()}, back))
	drop("router/not-first", "ROUT-005", "the first address is local", routed([]vectors.Address{local(1), hopR()}, back))
	drop("router/not-first", "ROUT-005", "no onward route", routed(nil, back))
	drop("router/no-next", "ROUT-007", "no further hop", routed([]vectors.Address{hopH()}, back))
	drop("router/unknown", "ROUT-001 ROUT-006", "an unknown local address", routed([]vectors.Address{hopH(), local(5)}, back))
	drop("router/unreachable", "ROUT-006", "a transport that it does not have", routed([]vectors.Address{hopH(), tcp(4003, 10, 0, 0, 3)}, back))
	for _, next := range []vectors.Address{udp(0, 10, 0, 0, 3), udp(4003, 0, 0, 0, 0), udp(4003, 224, 0, 0, 1), udp(4003, 255, 255, 255, 255),
		{Type: "udp", IPv6: bytesOf("fe800000000000000000000000000001"), Port: 4003}, {Type: "udp", IPv6: make(vectors.Hex, 16), Port: 4003},
		{Type: "udp", IPv6: bytesOf("ff020000000000000000000000000001"), Port: 4003}} {
		drop("router/unusable", "WIRE-013", fmt.Sprintf("%x%x, port %d", []byte(next.IPv4), []byte(next.IPv6), next.Port), routed([]vectors.Address{hopH(), next}, back))
	}
	for n := range 8 {
		drop("codec/truncated", "WIRE-005", fmt.Sprintf("%d bytes", 2*n), good[:2*n])
	}
	drop("codec/version", "WIRE-001", "version 2", append(vectors.Hex{2}, good[1:]...))
	drop("codec/type", "WIRE-006", "an unknown type", slices.Concat(good[:len(good)-5], vectors.Hex{9}, good[len(good)-4:]))
	for _, n := range []int{14, 20} {
		var many []vectors.Address
		for i := range n {
			many = append(many, local(byte(i)))
		}
		b.allow("router/too-many", "ROUT-011", fmt.Sprintf("%d addresses", n+3), forward(hopI(), routed([]vectors.Address{hopH(), hopR(), local(9)}, many)))
	}
	long := routed([]vectors.Address{hopH(), hopR()}, nil)
	long = slices.Concat(long, make([]byte, 65535-len(long)))
	drop("router/too-long", "REC-010", "its own address makes the message too long", long)
}
