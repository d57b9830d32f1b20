package router_test

import (
	"testing"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// FuzzDecide: whatever comes, at most one message leaves, and none for an address that the rules forbid. The first byte chooses the dialect
// and the link.
func FuzzDecide(f *testing.F) {
	for _, s := range []string{
		"01 02 02000a000002a20f 02000a000003a30f 02 02000a000001a10f 00040a0b0c0d 03" + m1Hex,
		"01 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d 02 02000a000003a30f 000401020304 04" + m2Hex,
		"01 01 02000a000002a20f 01 02000a000001a10f 00", "01 00 00 01", "01 00 00 02 68656c6c6f",
		"01 02 02000a000002a20f 020201610900 00 00", "01 02 02000a000002a20f 010100000000000000000000ffff0a00000203e8 00 02",
		"01 03 0001ff 01 00 01020304 2823 02 01 20010db8000000000000000000000001 2823 01 00040a0b0c0d 00",
	} {
		for which := range byte(4) {
			f.Add(which, unhex(f, s))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, msg []byte) {
		p := []profile.Profile{profile.V1(), profile.E09()}[which%2]
		link := wire.Link{Local: udpH(), Remote: udpI()}
		if which&2 != 0 {
			link = wire.Link{Local: tcp(2, 4002), Remote: tcp(1, 54321)}
		}
		obeys(t, p, link, msg, map[router.Kind]int{})
	})
}

// FuzzDecideMessage is FuzzDecide with messages that parse.
func FuzzDecideMessage(f *testing.F) {
	f.Add([]byte("seed"))
	f.Fuzz(func(t *testing.T, data []byte) {
		filler := gen.FromBytes(data)
		p := profile.V1()
		d := wire.Dialect(p.HandshakeEnvelope())
		m := filler.Message(d)
		msg, err := wire.AppendMessage(nil, d, &m)
		if err != nil {
			t.Fatal(err)
		}
		obeys(t, p, wire.Link{Local: udpH(), Remote: udpI()}, msg, map[router.Kind]int{})
	})
}
