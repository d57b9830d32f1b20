package channel_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// What reaches an open channel and is not the next record. record is the next record, before it the last one that was delivered.
func recordDefects() []struct {
	name   string
	make   func(before, record []byte) []byte
	want   want
	stream bool // fatal on a stream
} {
	const header = 20
	record := channel.StepRecord
	return []struct {
		name   string
		make   func(before, record []byte) []byte
		want   want
		stream bool
	}{
		{"flipped tag", func(_, r []byte) []byte { return flip(r, -1) }, want{vault.ErrAuthentication, record, "REC-004"}, true},
		{"flipped ciphertext", func(_, r []byte) []byte { return flip(r, header) }, want{vault.ErrAuthentication, record, "REC-004"}, true},
		{"cut by a byte", func(_, r []byte) []byte { return r[:len(r)-1] }, want{vault.ErrAuthentication, record, "REC-004"}, true},
		{"a byte more", func(_, r []byte) []byte { return append(r, 0) }, want{vault.ErrAuthentication, record, "REC-004"}, true},
		{"replay", func(b, _ []byte) []byte { return b }, want{vault.ErrAuthentication, record, "REC-004"}, true},
		{"zeros", func(_, r []byte) []byte { clear(r[header:]); return r }, want{vault.ErrAuthentication, record, "REC-004"}, true},
		{"15 bytes", func(_, r []byte) []byte { return r[:header+15] }, want{vault.ErrShortCiphertext, record, "REC-006"}, true},
		{"no ciphertext", func(_, r []byte) []byte { return r[:header] }, want{vault.ErrShortCiphertext, record, "REC-006"}, true},
		{"plaintext", func(_, _ []byte) []byte { return []byte{1, 0, 0, 2, 1, 0, 0, 2, 'h', 'i'} }, want{vault.ErrShortCiphertext, record, "REC-006"}, true},
		{"empty message", func(_, _ []byte) []byte { return nil }, want{wire.ErrTruncated, record, "WIRE-005"}, false},
		{"another version", func(_, r []byte) []byte { r[0] = 0; return r }, want{wire.ErrVersion, record, "WIRE-001"}, false},
		{"unknown type", func(_, r []byte) []byte { r[header-1] = 6; return r }, want{wire.ErrUnknownType, record, "WIRE-006"}, false},
		{"as m1", func(_, r []byte) []byte { r[header-1] = 3; return r }, want{channel.ErrUnexpected, record, "CHAN-003"}, false},
		{"as m2", func(_, r []byte) []byte { r[header-1] = 4; return r }, want{channel.ErrUnexpected, record, "CHAN-003"}, false},
		{"as m3", func(_, r []byte) []byte { r[header-1] = 5; return r }, want{channel.ErrUnexpected, record, "CHAN-003"}, false},
		{"ping with a body", func(_, r []byte) []byte { r[header-1] = 0; return r }, want{wire.ErrBody, record, "WIRE-009"}, false},
		{"for another", func(_, r []byte) []byte {
			return append([]byte{1, 1, 0, 4, 9, 9, 9, 9, 0, 2}, r[header:]...)
		}, want{channel.ErrNotAddressed, record, "ROUT-001"}, false},
	}
}

// REC-004 to REC-007, CHAN-003: on datagrams each is dropped, nothing has changed, and the genuine record is delivered. On a stream a
// record that does not verify fails the channel (REC-005, as declared), the others are dropped.
func TestDefectsAfterOpen(t *testing.T) {
	tested := 0
	for _, d := range recordDefects() {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream %v", d.name, stream), func(t *testing.T) {
				i, r := openPair(t, options{datagrams: !stream})
				for _, pair := range [][2]*side{{i, r}, {r, i}} {
					from, to := pair[0], pair[1]
					before := from.write("before")
					to.delivers(before, "before")
					record := from.write("genuine")
					bad := d.make(bytes.Clone(before), bytes.Clone(record))
					tested++
					if stream && d.stream {
						to.fails(bad, d.want)
						return
					}
					w := d.want
					if d.name == "replay" { // a receiver that keeps a window knows it for one
						w = want{channel.ErrReplayed, channel.StepRecord, "REC-007"}
					}
					to.rejects(bad, w)
					to.rejects(bad, w)
					to.delivers(record, "genuine")
					to.delivers(from.write("after"), "after")
				}
			})
		}
	}
	if tested < 50 {
		t.Errorf("%d cases, too few to be all", tested)
	}
}

// CHAN-005: every length from 0 to 2,048 and around the limit arrives as it was sent, both ways, in every profile.
func TestLengths(t *testing.T) {
	for _, p := range profile.All() {
		t.Run(p.Name, func(t *testing.T) {
			o := options{profile: p, known: true}
			i, r := openPair(t, o)
			onward := onwardOf(p)
			limit := i.c.Limit() - 5*len(onward)
			payload := make([]byte, limit+6)
			for n := range payload {
				payload[n] = byte(n>>8) ^ byte(n)
			}
			lengths := []int{limit, limit - 1}
			for n := range min(2049, limit+1) {
				lengths = append(lengths, n)
			}
			lost := 0
			for _, n := range lengths {
				for _, initiator := range []bool{true, false} {
					from, to := i, r
					if !initiator {
						from, to = r, i
					}
					if !from.carries(to, payload[:n], onward) {
						lost++
						i, r = openPair(t, o)
					}
				}
			}
			if untyped := !p.TransportTypeByte && p.TransportHeader; untyped != (lost > 0) || lost > len(lengths)/10 {
				t.Errorf("%d of %d payloads could not travel", lost, 2*len(lengths)) // e09: what begins like a type byte
			}
			before := *i.xx
			_, err := i.c.WriteRouted(nil, payload[:limit+1], onward, nil)
			i.isError(err, want{channel.ErrTooLong, channel.StepWrite, "REC-010"})
			if *i.xx != before {
				t.Error("a write that was refused has used a counter")
			}
		})
	}
}

// onwardOf is the inner onward route that the profile wants, 5 bytes if any.
func onwardOf(p profile.Profile) wire.Route {
	if p.InnerOnwardNeeded {
		return wire.Route{wire.LocalAddress([]byte("app"))}
	}
	return nil
}

// carries sends payload, which has to arrive; false if the profile has no encoding for it.
func (s *side) carries(to *side, payload []byte, onward wire.Route) bool {
	s.t.Helper()
	record, err := s.c.WriteRouted(nil, payload, onward, nil)
	if errors.Is(err, channel.ErrCannotTravel) {
		return false
	}
	must(s.t, err)
	if limit := 65535; len(record) > limit {
		s.t.Fatalf("message of %d bytes", len(record))
	}
	_, ev, err := to.c.Handle(0, nil, record)
	must(s.t, err)
	if ev.Kind != channel.Delivered || !bytes.Equal(ev.Payload, payload) || !ev.Onward.Equal(onward) {
		s.t.Fatalf("%d bytes sent, %d bytes delivered to %v", len(payload), len(ev.Payload), ev.Onward)
	}
	return true
}

// REC-010: Limit is what fits in a message with the headers of the channel, no more and no less.
func TestLimit(t *testing.T) {
	below := func(limit int) func(*channel.Config) { return func(c *channel.Config) { c.MessageLimit = limit } }
	const udp4Header, udp6Header = 20, 44
	tests := []struct {
		name  string
		o     options
		want  int
		local int // bytes of a local address in the initiator's onward route
	}{
		{"v1 over TCP", options{}, 65535 - 20 - 4 - 16, 0},
		{"v1 over UDP and IPv4", overUDP(udp4), 65507 - udp4Header - 4 - 16, 0},
		{"v1 over UDP and IPv6", overUDP(udp6), 65527 - udp6Header - 4 - 16, 0},
		{"v1 without addresses", options{change: noAddresses}, 65535 - 4 - 4 - 16, 0},
		{"v1 below a limit", options{change: below(1000)}, 1000 - 20 - 4 - 16, 0},
		{"v1 in a channel", options{change: func(c *channel.Config) { noAddresses(c); c.MessageLimit = 65511 }}, 65511 - 24, 0},
		{"c09", options{profile: profile.C09()}, 1008, 0},
		{"c09 below a limit", options{profile: profile.C09(), change: below(200)}, 200 - 20, 0},
		{"c010", options{profile: profile.C010()}, 32767 - 20 - 4 - 16, 0},
		{"e09", options{profile: profile.E09(), known: true}, 8192 - 19 - 3 - 16, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i, r, m1 := newPair(t, tt.o)
			if got := i.c.Limit(); got != 0 {
				t.Errorf("before open: %d, want 0", got)
			}
			r.handle(i.handle(r.handle(m1)))
			if got, want := i.c.Limit(), tt.want-tt.local; got != want {
				t.Errorf("initiator: got %d, want %d", got, want)
			}
			if got := r.c.Limit(); got != tt.want {
				t.Errorf("responder: got %d, want %d", got, tt.want)
			}
			onward := onwardOf(tt.o.profile)
			longest := i.c.Limit() - 5*len(onward)
			if !i.carries(r, make([]byte, longest), onward) {
				t.Error("the longest payload did not travel")
			}
			before, xx := *i.c, *i.xx
			_, err := i.c.WriteRouted(nil, make([]byte, longest+1), onward, nil)
			i.isError(err, want{channel.ErrTooLong, channel.StepWrite, "REC-010"})
			if *i.c != before || *i.xx != xx {
				t.Error("a write that was refused has changed something")
			}
		})
	}
}

func noAddresses(c *channel.Config) { c.Local, c.Remote = wire.Address{}, wire.Address{} }

// A c09 receiver takes what a c09 sender must not send: 1,024 application bytes, and no more (section 11).
func TestReceiveLimitC09(t *testing.T) {
	p := profile.C09()
	p.SendLimit = 2000
	i, r := openPair(t, options{profile: p})
	r.delivers(i.write(strings.Repeat("x", 1024)), strings.Repeat("x", 1024))
	r.refuses(i.write(strings.Repeat("x", 1025)), want{channel.ErrTooLong, channel.StepRecord, ""})
	r.delivers(i.write("next"), "next")
}

// REC-009: an inner message that does not parse, or is no payload, uses up its counter and is dropped; the channel stays open.
func TestInnerMessages(t *testing.T) {
	for _, inner := range [][]byte{
		{}, {1}, {1, 0, 0}, {2, 0, 0, 2}, {1, 0, 0, 6, 1}, {1, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 0, 3, 1, 2, 3}, {1, 255, 0, 2},
		{0x81, 0, 0, 0, 2}, {1, 1, 0, 0, 0, 2},
	} {
		for _, stream := range []bool{true, false} {
			t.Run(fmt.Sprintf("%x/stream %v", inner, stream), func(t *testing.T) {
				i, r := openPair(t, options{datagrams: !stream})
				ciphertext, err := i.xx.Encrypt(make([]byte, 0, 64), inner)
				must(t, err)
				before, record := *r.c, append(unhex(t, "01 00 00 02"), ciphertext...)
				r.refuses(record, want{channel.ErrInner, channel.StepRecord, "REC-009"})
				if stream && *r.c != before || r.c.State() != channel.Open {
					t.Errorf("the channel has changed: state %v", r.c.State())
				}
				if !stream { // its counter is used up
					r.rejects(record, want{channel.ErrReplayed, channel.StepRecord, "REC-007"})
				}
				r.delivers(i.write("next"), "next")
			})
		}
	}
}

// REC-003: 65,536 writes, and no more. The 65,537th is refused, uses no counter, and sends nothing; receivers try no higher counter; the
// other direction goes on, on a stream too.
func TestCounters(t *testing.T) {
	i, r := openPair(t, options{})
	var record []byte
	var err error
	for n := range key.MaxCounter + 1 {
		if record, err = i.c.Write(record[:0], []byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, ev, err := r.c.Handle(0, nil, record); err != nil || ev.Kind != channel.Delivered {
			t.Fatalf("record %d: %v", n, err)
		}
	}
	before, xx := *i.c, *i.xx
	for range 2 {
		out, err := i.c.Write(nil, []byte("x"))
		i.isError(err, want{key.ErrCounterExhausted, channel.StepWrite, "REC-003"})
		if out != nil || *i.c != before || *i.xx != xx {
			t.Errorf("%d bytes were sent, or something has changed", len(out))
		}
	}
	r.rejects(append(unhex(t, "01 00 00 02"), make([]byte, 40)...), want{key.ErrCounterExhausted, channel.StepRecord, "REC-003"})
	i.delivers(r.write("the other direction"), "the other direction")
}

// CHAN-002: before open a write is refused.
func TestWriteBeforeOpen(t *testing.T) {
	i, r := newSide(t, channel.Initiator, options{}), newSide(t, channel.Responder, options{})
	refused := func() {
		t.Helper()
		for _, s := range []*side{i, r} {
			if s.c.State() == channel.Open {
				continue
			}
			before, xx := *s.c, *s.xx
			out, err := s.c.Write(nil, []byte("early"))
			s.isError(err, want{channel.ErrNotOpen, channel.StepWrite, "CHAN-002"})
			if out != nil || *s.c != before || *s.xx != xx {
				t.Errorf("%d bytes were sent, or something has changed", len(out))
			}
		}
	}
	refused()
	r.start()
	m1 := i.start()
	refused()
	m2 := r.handle(m1)
	refused()
	m3 := i.handle(m2)
	refused()
	r.handle(m3)
	r.delivers(i.write("in time"), "in time")
}

// Inner routes arrive as they were set; what does not fit or cannot be encoded is refused without using a counter (REC-010, REC-011).
func TestInnerRoutes(t *testing.T) {
	local := func(s string) wire.Address { return wire.LocalAddress([]byte(s)) }
	long := make(wire.Route, 256)
	for n := range long {
		long[n] = local("x")
	}
	i, r := openPair(t, options{})
	limit := i.c.Limit()
	for _, tt := range []struct {
		name             string
		onward, returned wire.Route
		payload          int
		want             error
	}{
		{"both", wire.Route{local("app")}, wire.Route{local("me"), responderAddress()}, 5, nil},
		{"255 addresses", long[:255], long[:255], 5, nil},
		{"256 addresses", long, nil, 5, channel.ErrCannotTravel},
		{"empty address", wire.Route{{}}, nil, 5, channel.ErrCannotTravel},
		{"no room", wire.Route{local("app")}, nil, limit, channel.ErrTooLong},
		{"just room", wire.Route{local("app")}, nil, limit - 5, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := *i.xx
			out, err := i.c.WriteRouted(nil, make([]byte, tt.payload), tt.onward, tt.returned)
			if tt.want != nil {
				if !errors.Is(err, tt.want) || out != nil || *i.xx != before {
					t.Errorf("got %d bytes and error %v, want %v", len(out), err, tt.want)
				}
				return
			}
			must(t, err)
			ev := r.delivers(out, string(make([]byte, tt.payload)))
			if !ev.Onward.Equal(tt.onward) || !ev.Return.Equal(tt.returned) {
				t.Errorf("got routes %v %v, want %v %v", ev.Onward, ev.Return, tt.onward, tt.returned)
			}
		})
	}
}

// REC-003: a counter that was spent in vain is fatal on a stream, where the peer would wait for it for ever; on datagrams it is a loss, though
// the IO be a stream.
func TestVaultFailsInRecords(t *testing.T) {
	addressed := func(c *channel.Config) {
		if c.Role == channel.Responder {
			c.Address = listenerAddress()
		}
	}
	for name, o := range map[string]options{"stream": {}, "datagrams": {datagrams: true}, "datagrams over a stream": {change: addressed}} {
		t.Run(name, func(t *testing.T) {
			i, _ := openPair(t, o)
			i.vault.FailAt(1)
			out, err := i.c.Write(nil, []byte("lost"))
			w := want{key.ErrVault, channel.StepWrite, ""}
			i.isError(err, w)
			if out != nil {
				t.Errorf("%d bytes beside an error", len(out))
			}
			if name == "stream" {
				i.dead(w)
			} else if i.c.State() != channel.Open {
				t.Errorf("state %v", i.c.State())
			}
			i, r := openPair(t, o)
			record := i.write("hello")
			r.vault.FailAt(1)
			w.step = channel.StepRecord
			if name == "stream" {
				r.fails(record, w)
				return
			}
			r.rejects(record, w)
			r.delivers(record, "hello")
		})
	}
}

// REC-010: inner routes take room, what dst holds does not: a message of exactly the limit is written, and one more byte is refused before a
// counter is used.
func TestRoutedWriteOfTheLimit(t *testing.T) {
	i, r := openPair(t, options{change: func(c *channel.Config) { c.MessageLimit = 200 }})
	route := wire.Route{wire.LocalAddress([]byte("application"))}
	dst, room := []byte("before"), i.c.Limit()-13 // type, length, address
	if _, err := i.c.WriteRouted(dst, make([]byte, room+1), route, nil); !errors.Is(err, channel.ErrTooLong) {
		t.Errorf("got error %v, want %v", err, channel.ErrTooLong)
	}
	out, err := i.c.WriteRouted(dst, make([]byte, room), route, nil)
	if err != nil || len(out)-len(dst) != 200 {
		t.Fatalf("got %d bytes, %v, want 200", len(out)-len(dst), err)
	}
	r.delivers(out[len(dst):], string(make([]byte, room)))
}
