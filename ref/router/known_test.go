package router_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"ockamtest/ref/profile"
	"ockamtest/ref/router"
	"ockamtest/ref/wire"
)

// The Noise messages of section 12.
const (
	m1Hex = "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254"
	m2Hex = "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466" +
		"5393019dbd6f438795da206db0886610b26108e424142c2e9b5fd1f7ea70cde8" +
		"767ce62d7e3c0e9bcefe4ab872c0505b9e824df091b74ffe10a2b32809cab21f"
	m3Hex = "e610eadc4b00c17708bf223f29a66f02342fbedf6c0044736544b9271821ae40" +
		"e70144cecd9d265dffdc5bb8e051c3f83db32a425e04d8f510c58a43325fbc56"
	dataHex = "5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11"
)

// The lines of section 12, UDP over one hop: what H receives and what it sends, byte for byte.
func TestKnownHop(t *testing.T) {
	const I, H, R, localI, localR = "02000a000001a10f", "02000a000002a20f", "02000a000003a30f", "00040a0b0c0d", "000401020304"
	for _, k := range []struct {
		name         string
		source, next wire.Address
		in, out      string
	}{
		{"m1", udpI(), udpR(), "01 02" + H + R + "02" + I + localI + "03" + m1Hex, "01 01" + R + "03" + H + I + localI + "03" + m1Hex},
		{"m2", udpR(), udpI(), "01 03" + H + I + localI + "02" + R + localR + "04" + m2Hex,
			"01 02" + I + localI + "03" + H + R + localR + "04" + m2Hex},
		{"m3", udpI(), udpR(), "01 03" + H + R + localR + "02" + I + localI + "05" + m3Hex,
			"01 02" + R + localR + "03" + H + I + localI + "05" + m3Hex},
		{"data", udpI(), udpR(), "01 03" + H + R + localR + "01" + I + "02" + dataHex, "01 02" + R + localR + "02" + H + I + "02" + dataHex},
	} {
		t.Run(k.name, func(t *testing.T) {
			r := newRouter(t, router.Config{Bound: []wire.Address{udpH()}, Allow: anyone})
			in := unhex(t, k.in)
			d := r.Decide(wire.Link{Local: udpH(), Remote: k.source}, in)
			if d.Kind != router.Forward || d.Next != k.next {
				t.Fatalf("got %v (%v) to %v, want to forward to %v", d.Kind, d.Reason, d.Next, k.next)
			}
			out, err := r.AppendForward([]byte("before"), d, udpH())
			if want := append([]byte("before"), unhex(t, k.out)...); err != nil || !bytes.Equal(out, want) {
				t.Errorf("got %x, %v, want %x", out, err, want)
			}
			if !bytes.Equal(in, unhex(t, k.in)) {
				t.Error("the input was changed")
			}
		})
	}
}

// The ping and the pong of section 12.
func TestKnownPing(t *testing.T) {
	var count router.Counters
	r := newRouter(t, router.Config{Metrics: &count})
	link := wire.Link{Local: udpR(), Remote: udpI()}
	d := r.Decide(link, unhex(t, "01 01 02000a000003a30f 01 02000a000001a10f 00"))
	if d.Kind != router.Answer || d.Link != link {
		t.Fatalf("got %v (%v) over %v", d.Kind, d.Reason, d.Link)
	}
	pong, err := r.AppendPong([]byte("before"), d)
	if want := "before" + string(unhex(t, "01 01 02000a000001a10f 01 02000a000003a30f 01")); err != nil || string(pong) != want {
		t.Fatalf("got %x, %v, want %x", pong, err, want)
	}
	initiator := newRouter(t, router.Config{})
	d = initiator.Decide(wire.Link{Local: udpI(), Remote: udpR()}, pong[len("before"):])
	if d.Kind != router.Pong || d.Link.Remote != udpR() { // WIRE-010: it is not answered
		t.Errorf("the pong: got %v (%v) from %v", d.Kind, d.Reason, d.Link.Remote)
	}
	if count.Received != 1 || count.Answered != 1 || count.Waiting() != 0 {
		t.Errorf("counted %+v", count)
	}
}

// The routed pings of section 12. Their first address is local, so whoever receives them hands them to that; with the receiver in its
// place they leave for the next address, and both dialects write IPv6 as their own.
func TestKnownRoutedPings(t *testing.T) {
	const next, rest = "01 00 01020304 2823", "01 00040a0b0c0d 00"
	for _, k := range []struct {
		profile profile.Profile
		ip6     string
	}{
		{profile.V1(), "20010db8000000000000000000000001"},
		{profile.E09(), "0120b80d 0000000000000000 00000100"},
	} {
		t.Run(k.profile.Name, func(t *testing.T) {
			r := newRouter(t, router.Config{Profile: k.profile, Allow: anyone})
			link := wire.Link{Local: udpH(), Remote: udpI()}
			last := "02 01" + k.ip6 + "2823"
			d := r.Decide(link, unhex(t, "01 03 0001ff", next, last, rest))
			if d.Kind != router.ToLocal || d.Message.Onward[0] != wire.LocalAddress([]byte{0xff}) || len(d.Message.Onward) != 3 {
				t.Fatalf("got %v (%v), onward %v", d.Kind, d.Reason, d.Message.Onward)
			}
			d = r.Decide(link, unhex(t, "01 03 02000a000002a20f", next, last, rest))
			if want := wire.TCPAddress4([4]byte{1, 2, 3, 4}, 9000); d.Kind != router.Forward || d.Next != want {
				t.Fatalf("got %v (%v) to %v, want to forward to %v", d.Kind, d.Reason, d.Next, want)
			}
			out, err := r.AppendForward(nil, d, tcp(2, 54321))
			want := unhex(t, "01 02", next, last, "03 01000a00000231d4", "02000a000001a10f", "00040a0b0c0d 00")
			if err != nil || !bytes.Equal(out, want) {
				t.Fatalf("got %x, %v, want %x", out, err, want)
			}
			// The next hop sends it on to the IPv6 address, to its end.
			hop := newRouter(t, router.Config{Profile: k.profile, Allow: anyone, Bound: []wire.Address{wire.TCPAddress4([4]byte{1, 2, 3, 4}, 9000)}})
			d = hop.Decide(wire.Link{Local: wire.TCPAddress4([4]byte{1, 2, 3, 4}, 9000), Remote: tcp(2, 54321)}, out)
			end := wire.UDPAddress6([16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: 1}, 9000)
			if d.Kind != router.Forward || d.Next != end {
				t.Fatalf("got %v (%v) to %v, want to forward to %v", d.Kind, d.Reason, d.Next, end)
			}
			out, err = hop.AppendForward(nil, d, udp(9, 9))
			want = unhex(t, "01 01", last, "04 02000a0000090900 01000a00000231d4 02000a000001a10f 00040a0b0c0d 00")
			if err != nil || !bytes.Equal(out, want) {
				t.Fatalf("got %x, %v, want %x", out, err, want)
			}
		})
	}
}

// A handshake message of e09 has no type byte: the hop sees a body and no type.
func TestKnownUntyped(t *testing.T) {
	r := newRouter(t, router.Config{Profile: profile.E09(), Allow: anyone, Bound: []wire.Address{udpH()}})
	in := "01 03 02000a000002a20f 02000a000003a30f 000401020304 02 02000a000001a10f 00040a0b0c0d" + m1Hex
	d := r.Decide(wire.Link{Local: udpH(), Remote: udpI()}, unhex(t, in))
	if d.Kind != router.Forward || d.Message.Type != wire.Untyped || hex.EncodeToString(d.Message.Body) != m1Hex {
		t.Fatalf("got %v (%v), %v", d.Kind, d.Reason, d.Message)
	}
	out, err := r.AppendForward(nil, d, udpH())
	want := unhex(t, "01 02 02000a000003a30f 000401020304 03 02000a000002a20f 02000a000001a10f 00040a0b0c0d", m1Hex)
	if err != nil || !bytes.Equal(out, want) {
		t.Errorf("got %x, %v, want %x", out, err, want)
	}
}
