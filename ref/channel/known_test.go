package channel_test

import (
	"encoding/hex"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// known returns the handshake of section 12 in a suite.
func known(t testing.TB, suite profile.Suite) keytest.Known {
	t.Helper()
	all := keytest.KnownAnswers()
	i := slices.IndexFunc(all, func(k keytest.Known) bool { return k.Suite == suite && k.Payloads[0] == nil })
	if i < 0 {
		t.Fatal("no known answer")
	}
	return all[i]
}

// The complete v1 messages of section 12 over TCP, without the frame length.
func TestKnownTCP(t *testing.T) {
	k := known(t, profile.X25519AES256())
	i, r, m1 := newPair(t, options{known: true})
	const toResponder, toInitiator = "01 01 01007f000001a00f 01 01007f00000131d4", "01 01 01007f00000131d4 01 01007f000001a00f"
	equalBytes(t, "m1", m1, unhex(t, toResponder, "03", hex.EncodeToString(k.M1)))
	m2 := r.handle(m1)
	equalBytes(t, "m2", m2, unhex(t, toInitiator, "04", hex.EncodeToString(k.M2)))
	m3 := i.handle(m2)
	equalBytes(t, "m3", m3, unhex(t, toResponder, "05", hex.EncodeToString(k.M3)))
	r.handle(m3)
	equalBytes(t, "initiator's h", i.c.ChannelBinding(), k.H)
	equalBytes(t, "responder's h", r.c.ChannelBinding(), k.H)

	hello := r.write("hello")
	equalBytes(t, "responder n=0", hello, unhex(t, toInitiator, "02 e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99"))
	i.delivers(hello, "hello")
	last := unhex(t, toResponder, "02 0e2905aac9ef4158a22bf8dd93c0362660e4211270c305d952")
	for n, ciphertext := range []string{
		"02 5309337ef3c0aadc399f648b360b89cf45a3ec086cfa7e7639",
		"02 260bc6994207fd5bf31ac649573262faaa4f9743e1048d2cd8",
	} {
		hello := i.write("hello")
		equalBytes(t, "initiator n="+string(rune('0'+n)), hello, unhex(t, toResponder, ciphertext))
		r.delivers(hello, "hello")
	}
	for n := 2; n < 65535; n++ {
		r.delivers(i.write(""), "")
	}
	hello = i.write("hello")
	equalBytes(t, "initiator n=65535", hello, last)
	r.delivers(hello, "hello")
}

// The c09 messages of section 12 over TCP, without the frame length; its first records carry an inner header.
func TestKnownC09(t *testing.T) {
	k := known(t, profile.X25519AES256())
	i, r, m1 := newPair(t, options{known: true, profile: profile.C09()})
	equalBytes(t, "m1", m1, append(unhex(t, "01000003"), k.M1...))
	m2 := r.handle(m1)
	equalBytes(t, "m2", m2, append(unhex(t, "01000004"), k.M2...))
	m3 := i.handle(m2)
	equalBytes(t, "m3", m3, append(unhex(t, "01000005"), k.M3...))
	r.handle(m3)
	// The transport message is the ciphertext: as long as the application bytes, the inner header, and the tag.
	record := i.write("hello")
	if got, want := len(record), 5+4+16; got != want {
		t.Errorf("record of %d bytes, want %d", got, want)
	}
	r.delivers(record, "hello")
	i.delivers(r.write(""), "")
}

// The UDP messages of section 12 over one hop, as the two ends write and read them.
func TestKnownHop(t *testing.T) {
	k := known(t, profile.X25519AES256())
	udp := func(last byte, port uint16) wire.Address { return wire.UDPAddress4([4]byte{10, 0, 0, last}, port) }
	hop, responder := udp(2, 4002), udp(3, 4003)
	i := newSide(t, channel.Initiator, options{known: true, datagrams: true, change: func(c *channel.Config) {
		c.Local, c.Remote, c.Route = udp(1, 4001), hop, wire.Route{hop, responder}
		c.Address = wire.LocalAddress([]byte{0x0a, 0x0b, 0x0c, 0x0d})
	}})
	r := newSide(t, channel.Responder, options{known: true, datagrams: true, change: func(c *channel.Config) {
		c.Local, c.Remote = responder, hop
		c.Address = wire.LocalAddress([]byte{1, 2, 3, 4})
	}})
	r.start()
	const I, H, R, localI, localR = "02000a000001a10f", "02000a000002a20f", "02000a000003a30f", "00040a0b0c0d", "000401020304"
	m1, m2, m3 := hex.EncodeToString(k.M1), hex.EncodeToString(k.M2), hex.EncodeToString(k.M3)

	equalBytes(t, "m1 I-H", i.start(), unhex(t, "01 02", H, R, "02", I, localI, "03", m1))
	equalBytes(t, "m2 R-H", r.handle(unhex(t, "01 01", R, "03", H, I, localI, "03", m1)),
		unhex(t, "01 03", H, I, localI, "02", R, localR, "04", m2))
	equalBytes(t, "m3 I-H", i.handle(unhex(t, "01 02", I, localI, "03", H, R, localR, "04", m2)),
		unhex(t, "01 03", H, R, localR, "02", I, localI, "05", m3))
	r.handle(unhex(t, "01 02", R, localR, "03", H, I, localI, "05", m3))

	const ciphertext = "5308337ffad5b6b156c620a2c1f4cc10bac95d0b8904a706e62cddfda75c107a8d11"
	app, me := wire.Route{wire.LocalAddress([]byte("app"))}, wire.Route{wire.LocalAddress([]byte("me"))}
	record, err := i.c.WriteRouted(nil, []byte("hello"), app, me)
	must(t, err)
	equalBytes(t, "data I-H", record, unhex(t, "01 03", H, R, localR, "01", I, "02", ciphertext))
	ev := r.delivers(unhex(t, "01 02", R, localR, "02", H, I, "02", ciphertext), "hello")
	if !ev.Onward.Equal(app) || !ev.Return.Equal(me) {
		t.Errorf("inner routes %v %v, want %v %v", ev.Onward, ev.Return, app, me)
	}
	if got, want := r.c.ReplyRoute().String(), (wire.Route{hop, udp(1, 4001), wire.LocalAddress([]byte{0x0a, 0x0b, 0x0c, 0x0d})}).String(); got != want {
		t.Errorf("reply route %s, want %s", got, want)
	}

	ping, pong := unhex(t, "01 01", R, "01", H, "00"), unhex(t, "01 01", H, "01", R, "01")
	equalBytes(t, "pong", r.handle(ping), pong)

	// What the responder writes goes the way back: the inner routes are its application's, H moves itself.
	const answer = "e6c4b670c4adf3e6f76274e8dfd509502dbb02fdc4c9ff4b99"
	equalBytes(t, "data R-H", r.write("hello"), unhex(t, "01 03", H, I, localI, "01", R, "02", answer))
	i.delivers(unhex(t, "01 02", I, localI, "02", H, R, "02", answer), "hello")
	for _, s := range []*side{i, r} {
		if s.c.Stream() {
			t.Errorf("the %v is on a stream", s.role)
		}
	}
}
