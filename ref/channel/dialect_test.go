package channel_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// Addresses of section 12 on the wire: hosts 1 and 3, with IPv4 and IPv6, and local addresses.
const (
	hostI, hostR           = "02000a000001a10f", "02000a000003a30f"
	hostI6                 = "0201 20010db8000000000000000000000001 a10f"
	hostR6                 = "0201 20010db8000000000000000000000003 a30f"
	hostI6Little           = "0201 0120b80d000000000000000000000100 a10f"
	hostR6Little           = "0201 0120b80d000000000000000000000300 a30f"
	localI, localR, appRte = "00040a0b0c0d", "000401020304", "01 0003617070"
)

// sealed is the record of counter n, made by the standard library: the oracle of this file.
func sealed(t *testing.T, k, h []byte, n byte, inner ...string) string {
	t.Helper()
	block, err := aes.NewCipher(k)
	must(t, err)
	gcm, err := cipher.NewGCM(block)
	must(t, err)
	return hex.EncodeToString(gcm.Seal(nil, []byte{11: n}, unhex(t, inner...), h))
}

// An exchange is the genuine conversation of a profile over UDP, as it is on the wire.
type exchange struct {
	name         string
	o            options
	known        keytest.Known
	m1, m2, m3   []string // headers
	fromI, fromR []string // headers of records
	inner        []string // what records hold, "hello" for onward
	onward       wire.Route
}

// exchanges are those of c010 and e09, as initiator and responder write them: section 11 beside the bytes of section 12.
func exchanges(t *testing.T) []exchange {
	p256, x25519 := known(t, profile.P256AES128()), known(t, profile.X25519AES256())
	dialect := func(p profile.Profile, host func(byte, uint16) wire.Address, address bool) options {
		o := overUDP(host)
		addresses := o.change
		o.profile, o.known = p, true
		o.change = func(c *channel.Config) {
			addresses(c)
			if c.Role == channel.Initiator && p.Listener == profile.ResponderOnly {
				c.Route = wire.Route{c.Remote, listenerAddress()}
			}
			if c.Role == channel.Initiator && address {
				c.Address = wire.LocalAddress([]byte{0x0a, 0x0b, 0x0c, 0x0d})
			}
		}
		return o
	}
	app := wire.Route{wire.LocalAddress([]byte("app"))}
	hello, innerE09 := []string{"01 00 00 02 68656c6c6f"}, []string{"01", appRte, "00 68656c6c6f"}
	return []exchange{
		{"c010", dialect(profile.C010(), udp4, false), p256,
			[]string{"01 01", hostR, "01", hostI, "03"}, []string{"01 01", hostI, "01", hostR, "04"}, []string{"01 01", hostR, "01", hostI, "05"},
			[]string{"01 01", hostR, "01", hostI, "02"}, []string{"01 01", hostI, "01", hostR, "02"}, hello, nil},
		{"c010 with IPv6 and an address", dialect(profile.C010(), udp6, true), p256,
			[]string{"01 01", hostR6, "02", hostI6, localI, "03"}, []string{"01 02", hostI6, localI, "01", hostR6, "04"},
			[]string{"01 01", hostR6, "02", hostI6, localI, "05"},
			[]string{"01 01", hostR6, "01", hostI6, "02"}, []string{"01 02", hostI6, localI, "01", hostR6, "02"}, hello, nil},
		{"e09", dialect(profile.E09(), udp4, false), x25519,
			[]string{"01 02", hostR, localR, "01", hostI}, []string{"01 01", hostI, "02", hostR, localR}, []string{"01 02", hostR, localR, "01", hostI},
			[]string{"01 02", hostR, localR, "01", hostI}, []string{"01 01", hostI, "01", hostR}, innerE09, app},
		{"e09 with IPv6 and an address", dialect(profile.E09(), udp6, true), x25519,
			[]string{"01 02", hostR6Little, localR, "02", hostI6Little, localI}, []string{"01 02", hostI6Little, localI, "02", hostR6Little, localR},
			[]string{"01 02", hostR6Little, localR, "02", hostI6Little, localI},
			[]string{"01 02", hostR6Little, localR, "01", hostI6Little}, []string{"01 02", hostI6Little, localI, "01", hostR6Little},
			innerE09, app},
	}
}

// Both ends of each exchange write and read exactly these bytes. They are on datagrams: a record that is lost, and one that comes twice, do
// no harm.
func TestKnownExchanges(t *testing.T) {
	for _, x := range exchanges(t) {
		t.Run(x.name, func(t *testing.T) {
			k := x.known
			with := func(header []string, body string) []byte { return unhex(t, append(slices.Clone(header), body)...) }
			i, r, m1 := newPair(t, x.o)
			equalBytes(t, "m1", m1, with(x.m1, hex.EncodeToString(k.M1)))
			m2 := r.handle(m1)
			equalBytes(t, "m2", m2, with(x.m2, hex.EncodeToString(k.M2)))
			m3 := i.handle(m2)
			equalBytes(t, "m3", m3, with(x.m3, hex.EncodeToString(k.M3)))
			r.handle(m3)
			equalBytes(t, "h", r.c.ChannelBinding(), k.H)
			for n := range byte(3) {
				record, err := i.c.WriteRouted(nil, []byte("hello"), x.onward, nil)
				must(t, err)
				equalBytes(t, "initiator's record", record, with(x.fromI, sealed(t, k.K2, k.H, n, x.inner...)))
				if n != 1 {
					r.delivers(record, "hello")
					r.rejects(record, want{channel.ErrReplayed, channel.StepRecord, "REC-007"})
				}
				record, err = r.c.WriteRouted(nil, []byte("hello"), x.onward, nil)
				must(t, err)
				equalBytes(t, "responder's record", record, with(x.fromR, sealed(t, k.K1, k.H, n, x.inner...)))
				if n != 1 {
					ev := i.delivers(record, "hello")
					if !ev.Onward.Equal(x.onward) {
						t.Errorf("for %v, want %v", ev.Onward, x.onward)
					}
				}
			}
			if i.c.Stream() || r.c.Stream() {
				t.Error("on a stream")
			}
		})
	}
}

// c010, section 11: at most 5 addresses in a route and one return address in transport messages; what has more is refused, on both ways, and
// harms nothing. A channel's own messages carry its transport address alone.
func TestAddressesOfC010(t *testing.T) {
	p := profile.C010()
	hop := udp4(2, 4002)
	tooMany := want{wire.ErrTooMany, channel.StepM1, "WIRE-008"}
	long := options{profile: p, datagrams: true, change: func(c *channel.Config) {
		if c.Role == channel.Initiator {
			c.Route = slices.Repeat(wire.Route{c.Remote}, 6)
		}
	}}
	i := newSide(t, channel.Initiator, long)
	_, err := i.c.Start(0, nil)
	i.isError(err, tooMany)

	o := overUDP(udp4)
	o.profile = p
	i, r, m1 := newPair(t, o)
	hops := slices.Repeat(wire.Route{hop}, 6)
	r.rejects(rerouted(t, m1, nil, hops), tooMany)
	other := append(wire.Route{wire.TCPAddress4([4]byte{10, 0, 0, 2}, 4002)}, hops[:4]...) // with the source they are 6
	r.rejects(rerouted(t, m1, nil, other), tooMany)
	m3 := i.handle(rerouted(t, r.handle(rerouted(t, m1, nil, hops[:5])), nil, nil))
	tooMany.step = channel.StepM3
	r.rejects(rerouted(t, m3, nil, other), tooMany)
	r.handle(rerouted(t, m3, nil, hops[:5]))
	record := r.write("hello")
	if m := parse(t, record); len(m.Onward) != 5 || len(m.Return) != 1 {
		t.Errorf("routes %v %v", m.Onward, m.Return)
	}
	tooMany.step = channel.StepRecord
	i.rejects(rerouted(t, record, nil, hops[:2]), tooMany)
	i.delivers(rerouted(t, record, nil, hops[:1]), "hello")
	r.delivers(rerouted(t, i.write("hello"), nil, nil), "hello")
}

// c010, section 11: an end point ignores its leading address, whatever it is; what follows has to be the channel's, if that has an address.
func TestLeadingAddressOfC010(t *testing.T) {
	own, other := listenerAddress(), wire.LocalAddress([]byte("other"))
	i, r := openPair(t, options{profile: profile.C010(), datagrams: true, change: func(c *channel.Config) {
		if c.Role == channel.Responder {
			c.Address = own
		}
	}})
	w := want{channel.ErrNotAddressed, channel.StepRecord, "ROUT-001"}
	for _, onward := range []wire.Route{{own}, {other, own}, {responderAddress(), own}, {own, own}} {
		record := i.write("hello")
		for _, bad := range []wire.Route{nil, {responderAddress()}, {other}, {other, other}} {
			r.rejects(rerouted(t, record, bad, nil), w)
		}
		r.delivers(rerouted(t, record, onward, nil), "hello")
	}
}

// c010, section 11: a peer's inner return address arrives, one at most; a local one, which deployed peers misread, is not written.
func TestInnerRoutesOfC010(t *testing.T) {
	i, r := openPair(t, options{profile: profile.C010(), datagrams: true})
	for _, tt := range []struct {
		name     string
		returned wire.Route
		want     error
	}{
		{"none", nil, nil},
		{"transport", wire.Route{udp4(9, 9)}, nil},
		{"local", wire.Route{listenerAddress()}, channel.ErrCannotTravel},
		{"two", wire.Route{udp4(9, 9), udp4(8, 8)}, channel.ErrCannotTravel},
	} {
		out, err := i.c.WriteRouted(nil, []byte("x"), nil, tt.returned)
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if err == nil {
			if ev := r.delivers(out, "x"); !ev.Return.Equal(tt.returned) {
				t.Errorf("%s: returns to %v", tt.name, ev.Return)
			}
		}
	}
}

// e09, section 11: a ciphertext that begins like a type byte cannot travel. Its counter is spent (REC-003), which a receiver on datagrams takes
// for a loss; the application writes again.
func TestForbiddenCiphertexts(t *testing.T) {
	app := onwardOf(profile.E09())
	i, r := openPair(t, options{profile: profile.E09(), known: true, datagrams: true})
	lost := 0
	for range 2000 {
		record, err := i.c.WriteRouted(nil, []byte("hello"), app, nil)
		if errors.Is(err, channel.ErrCannotTravel) {
			lost++
			if record != nil {
				t.Error("it was sent all the same")
			}
			continue
		}
		must(t, err)
		r.delivers(record, "hello")
	}
	if lost < 5 || lost > 60 { // 3 of 256
		t.Errorf("%d of 2,000 could not travel", lost)
	}
}

// e09, section 11: handshakes are told by the state alone. What comes in the wrong state or role is rejected, whatever it would be elsewhere.
func TestUntypedHandshake(t *testing.T) {
	o := options{profile: profile.E09(), known: true, datagrams: true}
	i, r, m1 := newPair(t, o)
	m2 := r.handle(m1)
	for name, msg := range map[string][]byte{"m1": m1, "m2": m2} {
		if _, ev, err := r.c.Handle(0, nil, slices.Clone(msg)); err == nil || ev.Kind != channel.None || r.c.State() != channel.SentM2 {
			t.Errorf("%s to a responder in %v: %v", name, r.c.State(), err)
		}
	}
	m3 := i.handle(m2)
	for name, msg := range map[string][]byte{"m1": m1, "m2": m2, "m3": m3} {
		if _, ev, err := i.c.Handle(0, nil, slices.Clone(msg)); err == nil || ev.Kind != channel.None || i.c.State() != channel.Open {
			t.Errorf("%s to an initiator in %v: %v", name, i.c.State(), err)
		}
	}
	r.handle(m3)
	record, err := r.c.WriteRouted(nil, []byte("hello"), onwardOf(o.profile), nil)
	must(t, err)
	i.delivers(record, "hello")
}
