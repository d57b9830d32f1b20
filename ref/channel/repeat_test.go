package channel_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// A conversation is a genuine handshake that has come to some point, and a stranger's beside it.
type conversation struct {
	i, r   *side
	m      [4][]byte // m1, m2, m3; 0 is none
	others stranger
}

// converse lets a handshake go on for so many messages; 4 is a record of the responder, which the initiator takes.
func converse(t *testing.T, o options, messages int) *conversation {
	t.Helper()
	c := &conversation{others: newStranger(t, o)}
	c.i, c.r, c.m[1] = newPair(t, o)
	to := c.r
	for n := 1; n <= messages && n <= 3; n++ {
		next := to.handle(c.m[n])
		if n < 3 {
			c.m[n+1] = next
		}
		to = map[*side]*side{c.i: c.r, c.r: c.i}[to]
	}
	if messages == 4 {
		record, err := c.r.c.WriteRouted(nil, []byte("hi"), onwardOf(o.profile), nil)
		must(t, err)
		c.i.delivers(record, "hi")
	}
	return c
}

// TRAN-014, CHAN-001, CHAN-003: what each handshake message brings in each state, the one that came before and any other. A repeat brings the
// same answer; nothing changes, whatever comes and how often. Profiles that do not repeat m1 know no repeats.
func TestRepeats(t *testing.T) {
	rejected := map[int]want{
		1: {channel.ErrUnexpected, channel.StepM1, "CHAN-001"}, 2: {channel.ErrUnexpected, channel.StepM2, "CHAN-001"},
		3: {channel.ErrUnexpected, channel.StepM3, "CHAN-001"}, 4: {channel.ErrUnexpected, channel.StepRecord, "CHAN-003"},
		5: {vault.ErrAuthentication, channel.StepM2, "NOISE-005"}, 6: {vault.ErrAuthentication, channel.StepM3, "NOISE-005"},
	}
	tests := []struct {
		role     channel.Role
		after    int    // messages
		answers  [4]int // to m1, m2, m3 of this handshake: the number of the message, 0 if it is rejected
		rejected [4]int // the verdict on those that are not answered; on [0] none
		others   [4]int // the verdict on a stranger's
	}{
		{channel.Responder, 1, [4]int{1: 2}, [4]int{0, 3, 3, 0}, [4]int{0, 3, 3, 6}},
		{channel.Responder, 3, [4]int{}, [4]int{0, 4, 4, 4}, [4]int{0, 4, 4, 4}},
		{channel.Initiator, 0, [4]int{}, [4]int{0, 2, 0, 2}, [4]int{0, 2, 5, 2}},
		{channel.Initiator, 2, [4]int{2: 3}, [4]int{0, 4, 4, 4}, [4]int{0, 4, 4, 4}},
		{channel.Initiator, 3, [4]int{2: 3}, [4]int{0, 4, 4, 4}, [4]int{0, 4, 4, 4}},
		{channel.Initiator, 4, [4]int{}, [4]int{0, 4, 4, 4}, [4]int{0, 4, 4, 4}},
	}
	answered := 0
	for _, p := range []profile.Profile{profile.V1(), profile.C010()} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s/%v after %d", p.Name, tt.role, tt.after), func(t *testing.T) {
				c := converse(t, options{profile: p, datagrams: true}, tt.after)
				s := []*side{c.i, c.r}[tt.role]
				strangers := [4][]byte{1: c.others.m1, 2: c.others.m2, 3: c.others.m3}
				for range 3 {
					for n := 1; n <= 3; n++ {
						if answer := tt.answers[n]; answer > 0 && p.RepeatM1 {
							before, xx, live := *s.c, *s.xx, s.vault.Live()
							equalBytes(t, "answer", s.handle(c.m[n]), c.m[answer])
							if *s.c != before || *s.xx != xx || s.vault.Live() != live {
								t.Error("a repeat has changed something")
							}
							answered++
						} else if c.m[n] != nil && tt.rejected[n] > 0 {
							s.rejects(c.m[n], rejected[tt.rejected[n]])
						}
						s.rejects(strangers[n], rejected[tt.others[n]])
					}
				}
			})
		}
	}
	if answered != 9 {
		t.Errorf("%d repeats were answered, want 9", answered)
	}
}

// TRAN-014: a repeat has the same Noise bytes and whatever routes, over whatever link. The answer is the same, byte for byte, by the route
// and the link of the first.
func TestRepeatsByTheRouteOfTheFirst(t *testing.T) {
	local := wire.LocalAddress([]byte("elsewhere"))
	first, other := udpLink(3, 1), udpLink(3, 9)
	i, r, m1 := newPair(t, overUDP(udp4))
	m2, ev, err := r.c.HandleFrom(0, first, nil, m1)
	must(t, err)
	if ev.Link != first {
		t.Errorf("m2 leaves over %v, want %v", ev.Link, first)
	}
	again := func(s *side, msg, answer []byte, leaves wire.Link) {
		t.Helper()
		before := *s.c
		for _, returned := range []wire.Route{nil, {other.Remote}, {other.Remote, local}} {
			out, ev, err := s.c.HandleFrom(0, other, []byte("before"), rerouted(t, msg, nil, returned))
			must(t, err)
			equalBytes(t, "answer", out, append([]byte("before"), answer...))
			if ev.Kind != channel.None || ev.Link != leaves || *s.c != before {
				t.Errorf("event %d over %v, want %v", ev.Kind, ev.Link, leaves)
			}
		}
	}
	again(r, m1, m2, first)
	first = udpLink(1, 2)
	m3, ev, err := i.c.HandleFrom(0, first, nil, m2)
	must(t, err)
	if ev.Link != first || ev.Kind != channel.Opened {
		t.Errorf("m3 leaves over %v, want %v", ev.Link, first)
	}
	again(i, m2, m3, first)
	r.handle(m3)
	r.delivers(i.write("hello"), "hello")
}

// udpLink is the link between two hosts of section 12.
func udpLink(local, remote byte) wire.Link {
	return wire.Link{Local: udp4(local, 4000+uint16(local)), Remote: udp4(remote, 4000+uint16(remote))}
}

// timeline lets an owner that is in time tick until nothing is due, and returns when something was sent; every message is sent.
func (s *side) timeline(sent []byte) (at []channel.Instant, err error) {
	s.t.Helper()
	for range 100 {
		wake, ok := s.c.Wake()
		if !ok {
			return at, nil
		}
		if wake > s.now {
			s.idle(wake - 1)
		}
		s.now = max(s.now, wake)
		out, err := s.c.Tick(s.now, []byte("before"))
		if err != nil {
			return at, err
		}
		if !bytes.Equal(out, append([]byte("before"), sent...)) {
			s.t.Errorf("at %d: %x, want %x", s.now, out, sent)
		}
		at = append(at, s.now)
	}
	s.t.Error("it never ends")
	return at, nil
}

// after makes a change after another, which may be nil.
func after(first, second func(*channel.Config)) func(*channel.Config) {
	return func(c *channel.Config) {
		if first != nil {
			first(c)
		}
		second(c)
	}
}

// TRAN-014: the initiator alone repeats by timer, after 500 ms and then at doubled intervals, within the deadline; m3 at most 5 times. On a
// stream and in profiles that do not repeat m1 nobody does.
func TestTimer(t *testing.T) {
	const ms = 1e6
	within := func(o options, d channel.Instant) options {
		o.change = after(o.change, func(c *channel.Config) { c.Deadline = d })
		return o
	}
	udp := overUDP(udp4)
	c010, e09, c09 := overUDP(udp4), options{profile: profile.E09(), known: true, datagrams: true}, overUDP(udp4)
	c010.profile, c09.profile = profile.C010(), profile.C09()
	early := overUDP(udp4)
	early.change = after(early.change, func(c *channel.Config) { c.RepeatAfter = 60 * ms })
	for _, tt := range []struct {
		name   string
		o      options
		m1, m3 []channel.Instant // in ms after m1 and m3
	}{
		{"10 s", udp, []channel.Instant{500, 1500, 3500, 7500}, []channel.Instant{500, 1500, 3500, 7500}},
		{"30 s", within(udp, 30e9), []channel.Instant{500, 1500, 3500, 7500, 15500}, []channel.Instant{500, 1500, 3500, 7500, 15500}},
		{"500 ms", within(udp, 500*ms), nil, nil},
		{"500 ms and a bit", within(udp, 500*ms+1), []channel.Instant{500}, []channel.Instant{500}},
		{"first after 60 ms", early, []channel.Instant{60, 180, 420, 900, 1860, 3780, 7620}, []channel.Instant{60, 180, 420, 900, 1860}},
		{"stream", options{}, nil, nil},
		{"datagrams over TCP", options{datagrams: true}, []channel.Instant{500, 1500, 3500, 7500}, []channel.Instant{500, 1500, 3500, 7500}},
		{"c010", c010, nil, nil},
		{"e09", e09, nil, nil},
		{"c09", c09, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			check := func(name string, at, want []channel.Instant) {
				t.Helper()
				for n := range at {
					at[n] /= ms
				}
				if !slices.Equal(at, want) {
					t.Errorf("%s is repeated at %v, want %v", name, at, want)
				}
			}
			expired := want{channel.ErrDeadline, channel.StepWait, "NOISE-013"}
			i, r, m1 := newPair(t, tt.o)
			at, err := i.timeline(m1)
			i.isError(err, expired)
			check("m1", at, tt.m1)
			i.dead(expired)

			r.handle(m1)
			at, err = r.timeline(nil)
			r.isError(err, expired)
			check("m2", at, nil)

			i, r, m1 = newPair(t, tt.o)
			m3 := i.handle(r.handle(m1))
			at, err = i.timeline(m3)
			must(t, err)
			check("m3", at, tt.m3)
			if i.c.State() != channel.Open {
				t.Errorf("state %v", i.c.State())
			}
			i.idle(1 << 60)
			r.handle(m3)
			if _, ok := r.c.Wake(); ok {
				t.Error("an open responder wakes")
			}
		})
	}
}

// Intervals count from the time at which m3 was sent, and end with the first transport message that verifies, not with one that does not.
func TestTimerEnds(t *testing.T) {
	o := overUDP(udp4)
	i, r, m1 := newPair(t, o)
	m2 := r.handle(m1)
	i.now = 3e9
	m3 := i.handle(m2)
	r.handle(m3)
	if at, ok := i.c.Wake(); !ok || at != 3.5e9 {
		t.Fatalf("wakes at %d, %v", at, ok)
	}
	first, inner := r.write("hello"), r.write("second")
	i.rejects(flip(first, -1), want{vault.ErrAuthentication, channel.StepRecord, "REC-004"})
	i.now = 3.5e9
	out, err := i.c.Tick(i.now, nil)
	must(t, err)
	equalBytes(t, "m3 again", out, m3)
	i.delivers(inner, "second")
	if at, ok := i.c.Wake(); ok {
		t.Errorf("wakes at %d", at)
	}
	i.idle(9e9)
	i.delivers(first, "hello")
}

// An owner that is late gets one repeat, and none after the deadline.
func TestLateTick(t *testing.T) {
	i, r, m1 := newPair(t, overUDP(udp4))
	out, err := i.c.Tick(8e9, nil)
	must(t, err)
	equalBytes(t, "m1", out, m1)
	if at, ok := i.c.Wake(); !ok || at != 9e9 {
		t.Errorf("wakes at %d, %v", at, ok)
	}
	i.idle(8e9)
	i.now = 8.4e9
	i.handle(r.handle(m1))
	out, err = i.c.Tick(10e9, nil)
	must(t, err)
	if at, ok := i.c.Wake(); ok || len(out) > 0 {
		t.Errorf("%d bytes after the deadline, wakes at %d", len(out), at)
	}
	i.idle(11e9)
}
