package channel_test

import (
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/wire"
)

// NOISE-013: the deadline counts from Start, traffic does not extend it, and it is fatal in every state of the handshake.
func TestDeadline(t *testing.T) {
	if channel.DefaultDeadline != 10e9 || channel.MaxDeadline != 30e9 {
		t.Errorf("got %d, at most %d, want 10 s, at most 30 s", channel.DefaultDeadline, channel.MaxDeadline)
	}
	for _, limit := range []channel.Instant{0, 1, 5e9, channel.MaxDeadline} {
		want10 := limit
		if limit == 0 {
			want10 = channel.DefaultDeadline
		}
		for stage := range 3 {
			i, r := newSide(t, channel.Initiator, deadline(limit)), newSide(t, channel.Responder, deadline(limit))
			i.now, r.now = 1000, 1000
			for _, s := range []*side{i, r} {
				if _, ok := s.c.Wake(); ok {
					t.Error("wakes before it is started")
				}
				s.idle(1 << 60)
			}
			r.start()
			m1 := i.start()
			victim := r
			if stage == 1 {
				victim = i
			}
			late := m1
			if stage == 2 {
				r.now += want10 - 1
				m2 := r.handle(m1) // at the last instant
				late = i.handle(m2)
			}
			at, ok := victim.c.Wake()
			if !ok || at != 1000+want10 {
				t.Errorf("stage %d: wakes at %d, %v; want %d", stage, at, ok, 1000+want10)
			}
			victim.idle(at - 1)
			w := want{channel.ErrDeadline, channel.StepWait, "NOISE-013"}
			victim.now = at
			if stage == 0 { // a message that comes too late finds the channel failed
				victim.fails(late, w)
				continue
			}
			_, err := victim.c.Tick(at, nil)
			victim.isError(err, w)
			victim.dead(w)
			if _, ok := victim.c.Wake(); ok {
				t.Error("a failed channel wakes")
			}
			victim.idle(at)
		}
	}
}

// idle checks that nothing is due.
func (s *side) idle(at channel.Instant) {
	s.t.Helper()
	before := *s.c
	out, err := s.c.Tick(at, []byte("before"))
	if err != nil || string(out) != "before" || *s.c != before {
		s.t.Errorf("at %d: %d bytes, error %v", at, len(out), err)
	}
}

func deadline(d channel.Instant) options {
	return options{change: func(c *channel.Config) { c.Deadline = d }}
}

// An open channel has no deadline.
func TestOpenNeverExpires(t *testing.T) {
	i, r := openPair(t, options{})
	for _, s := range []*side{i, r} {
		if _, ok := s.c.Wake(); ok {
			t.Error("an open channel wakes")
		}
		s.now = 1 << 62
		s.idle(s.now)
	}
	r.delivers(i.write("hello"), "hello")
}

// Cancellation is fatal in every state, wraps the cause, and is the end (CHAN-004).
func TestCancel(t *testing.T) {
	errMine := errors.New("the line is down")
	for name, s := range everyState(t) {
		t.Run(name, func(t *testing.T) {
			if s.c.State() == channel.Closed || s.c.State() == channel.Failed {
				before := *s.c
				s.c.Cancel(errMine)
				if *s.c != before {
					t.Error("the end has changed")
				}
				return
			}
			s.c.Cancel(errMine)
			s.dead(want{errMine, channel.StepWait, ""})
			s.dead(want{channel.ErrCanceled, channel.StepWait, ""})
		})
	}
	i := newSide(t, channel.Initiator, options{})
	i.c.Cancel(nil)
	i.dead(want{channel.ErrCanceled, channel.StepWait, ""})
}

// Close destroys the keys, sends nothing, and is the end (CHAN-004, CHAN-013); a failed channel stays failed.
func TestClose(t *testing.T) {
	for name, s := range everyState(t) {
		t.Run(name, func(t *testing.T) {
			want := channel.Closed
			if s.c.State() == channel.Failed {
				want = channel.Failed
			}
			for range 2 {
				must(t, s.c.Close())
				if s.c.State() != want || s.vault.Live() != 1 || s.c.PeerStatic() != nil || s.c.ChannelBinding() != nil || s.c.Limit() != 0 {
					t.Errorf("state %v, %d secrets live", s.c.State(), s.vault.Live())
				}
			}
			if want == channel.Failed {
				return
			}
			before := *s.c
			_, startError := s.c.Start(0, nil)
			_, _, handleError := s.c.Handle(0, nil, []byte{1, 0, 0, 0})
			_, writeError := s.c.Write(nil, nil)
			for _, err := range []error{startError, handleError, writeError} {
				if !errors.Is(err, channel.ErrClosed) {
					t.Errorf("got error %v, want %v", err, channel.ErrClosed)
				}
			}
			if *s.c != before || s.c.Err() != nil {
				t.Error("a closed channel has changed")
			}
		})
	}
}

// everyState returns a side in each state of each role.
func everyState(t *testing.T) map[string]*side {
	t.Helper()
	states := map[string]*side{}
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		add := func(name string, s *side) { states[role.String()+"/"+name] = s }
		of := func(i, r *side) *side {
			if role == channel.Initiator {
				return i
			}
			return r
		}
		add("fresh", newSide(t, role, options{}))
		i, r, _ := newPair(t, options{})
		add("started", of(i, r))
		i, r, m1 := newPair(t, options{})
		r.handle(m1)
		add("sent", of(i, r))
		i, r = openPair(t, options{})
		add("open", of(i, r))
		i, r = openPair(t, options{})
		must(t, of(i, r).c.Close())
		add("closed", of(i, r))
		i, r, _ = newPair(t, options{})
		if _, _, err := of(i, r).c.Handle(0, nil, nil); err == nil {
			t.Fatal("an empty message was accepted")
		}
		add("failed", of(i, r))
	}
	if len(states) != 12 {
		t.Fatalf("%d states, want 12", len(states))
	}
	return states
}

// A channel starts once, and nothing works before.
func TestStart(t *testing.T) {
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		s := newSide(t, role, options{})
		before := *s.c
		s.refuses([]byte{1, 0, 0, 3}, want{channel.ErrNotStarted, map[channel.Role]channel.Step{0: channel.StepM2, 1: channel.StepM1}[role], ""})
		if *s.c != before {
			t.Error("a message before Start has changed the channel")
		}
		s.start()
		before = *s.c
		_, err := s.c.Start(5, nil)
		s.isError(err, want{channel.ErrStarted, channel.StepM1, ""})
		if *s.c != before {
			t.Error("a second Start has changed the channel")
		}
	}
}

// A Config that makes no channel is refused, and the agreement stays the caller's.
func TestConfig(t *testing.T) {
	local := wire.LocalAddress([]byte("x"))
	named := wire.TCPAddressDNS("example.com", 4000)
	for _, tt := range []struct {
		name   string
		change func(*channel.Config)
	}{
		{"no profile", func(c *channel.Config) { c.Profile = profile.Profile{} }},
		{"no agreement", func(c *channel.Config) { c.Agreement = nil }},
		{"no role", func(c *channel.Config) { c.Role = 7 }},
		{"negative deadline", func(c *channel.Config) { c.Deadline = -1 }},
		{"deadline above 30 s", func(c *channel.Config) { c.Deadline = channel.MaxDeadline + 1 }},
		{"negative limit", func(c *channel.Config) { c.MessageLimit = -1 }},
		{"one address", func(c *channel.Config) { c.Local = wire.Address{} }},
		{"local address as transport", func(c *channel.Config) { c.Remote = local }},
		{"name as transport", func(c *channel.Config) { c.Remote = named }},
		{"address that is never sent to", func(c *channel.Config) { c.Remote = c.Remote.WithPort(0) }},
		{"transport address as own", func(c *channel.Config) { c.Stream = false; c.Address = named }},
		{"window below 32", func(c *channel.Config) { c.Window = 31 }},
		{"window above 1,024", func(c *channel.Config) { c.Window = 1025 }},
		{"negative time to the first repeat", func(c *channel.Config) { c.RepeatAfter = -1 }},
		{"first repeat after any deadline", func(c *channel.Config) { c.RepeatAfter = channel.MaxDeadline + 1 }},
		{"negative window", func(c *channel.Config) { c.Window = -1 }},
		{"transport address of a listener", func(c *channel.Config) { c.Role = channel.Responder; c.Listener = c.Local }},
		{"listener of an initiator", func(c *channel.Config) { c.Listener = local }},
		{"e09 responder without address", func(c *channel.Config) { c.Profile = profile.E09(); c.Role = channel.Responder }},
		{"e09 m1 to the node", func(c *channel.Config) { c.Profile = profile.E09() }},
		{"e09 m1 to a transport address", func(c *channel.Config) { c.Profile = profile.E09(); c.Route = wire.Route{c.Remote, c.Local} }},
		{"c010 m1 to a local address", func(c *channel.Config) { c.Profile = profile.C010(); c.Route = wire.Route{c.Remote, local} }},
		{"c010 listener with an address", func(c *channel.Config) {
			c.Profile, c.Role, c.Listener = profile.C010(), channel.Responder, local
		}},
		{"route elsewhere", func(c *channel.Config) { c.Route = wire.Route{c.Local} }},
		{"route of a responder", func(c *channel.Config) { c.Role = channel.Responder; c.Route = wire.Route{c.Remote} }},
		{"malformed route", func(c *channel.Config) { c.Stream = false; c.Route = wire.Route{c.Remote, {}} }},
		{"route without routes", func(c *channel.Config) { c.Profile = profile.C09(); c.Route = wire.Route{c.Remote} }},
		{"own address without routes", func(c *channel.Config) { c.Profile = profile.C09(); c.Stream = false; c.Address = local }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSide(t, channel.Initiator, options{})
			cfg := channel.Config{Profile: profile.V1(), Agreement: s.xx, Stream: true, Local: initiatorAddress(), Remote: responderAddress()}
			if _, err := channel.New(cfg); err != nil {
				t.Fatal(err)
			}
			tt.change(&cfg)
			xx := *s.xx
			c, err := channel.New(cfg)
			if c != nil || !errors.Is(err, channel.ErrConfig) {
				t.Errorf("got error %v, want %v", err, channel.ErrConfig)
			}
			if *s.xx != xx {
				t.Error("the agreement was touched")
			}
		})
	}
}

// A limit that a handshake message does not fit ends the handshake (REC-010).
func TestHandshakeTooLong(t *testing.T) {
	tight := options{change: func(c *channel.Config) { c.MessageLimit = 20 + 95 }}
	_, r, m1 := newPair(t, tight)
	r.fails(m1, want{channel.ErrTooLong, channel.StepM1, "REC-010"})
	tight.change = func(c *channel.Config) { c.MessageLimit = 20 + 31 }
	i := newSide(t, channel.Initiator, tight)
	_, err := i.c.Start(0, nil)
	w := want{channel.ErrTooLong, channel.StepM1, "REC-010"}
	i.isError(err, w)
	i.dead(w)

	tight.change = func(c *channel.Config) { c.MessageLimit = 20 + 96 } // m2, with nothing to spare
	_, r, m1 = newPair(t, tight)
	dst := []byte("before") // does not count
	if out, _, err := r.c.Handle(0, dst, m1); err != nil || len(out)-len(dst) != 20+96 {
		t.Errorf("m2 of %d bytes, %v", len(out)-len(dst), err)
	}
}

// Over an IO without addresses nothing is addressed, also in profiles whose responders have an address.
func TestNoAddressesOfE09(t *testing.T) {
	o := options{profile: profile.E09(), known: true, datagrams: true, change: func(c *channel.Config) {
		c.Local, c.Remote, c.Route, c.Address = wire.Address{}, wire.Address{}, nil, wire.Address{}
	}}
	i, r := openPair(t, o)
	record, err := i.c.WriteRouted(nil, []byte("hello"), onwardOf(o.profile), nil)
	must(t, err)
	r.delivers(record, "hello")
}

// An unwilling agreement lets go of its keys when it is closed for the third time.
type unwilling struct {
	key.Agreement
	closed int
}

var errUnwilling = errors.New("a key that is not destroyed")

func (u *unwilling) Close() error {
	if u.closed++; u.closed < 3 {
		return errUnwilling
	}
	return u.Agreement.Close()
}

// Close has the error of keys that are not destroyed, and tries again each time, also when the channel had failed before.
func TestCloseFails(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		u := &unwilling{}
		i, _ := openPair(t, options{change: func(c *channel.Config) {
			if c.Role == channel.Initiator {
				u.Agreement, c.Agreement = c.Agreement, u
			}
		}})
		state := channel.Closed
		if cancelled {
			i.c.Cancel(nil)
			state = channel.Failed
		}
		if !cancelled && !errors.Is(i.c.Close(), errUnwilling) || !errors.Is(i.c.Close(), errUnwilling) {
			t.Error("Close: no error")
		}
		if err := i.c.Close(); err != nil || u.closed != 3 || i.c.State() != state || i.vault.Live() != 1 {
			t.Errorf("got %v, closed %d times, %v, %d secrets live", err, u.closed, i.c.State(), i.vault.Live())
		}
	}
}

// A pong that does not fit is not sent (REC-010).
func TestPongTooLong(t *testing.T) {
	_, r, _ := newPair(t, options{change: func(c *channel.Config) { c.MessageLimit = 150 }})
	hops := slices.Repeat(wire.Route{wire.LocalAddress([]byte("12345678"))}, 14)
	before := *r.c
	r.refuses(message(t, nil, hops, wire.Ping, nil), want{channel.ErrTooLong, channel.StepM1, "REC-010"})
	if *r.c != before {
		t.Error("the channel has changed")
	}
	dst := []byte("before") // does not count
	if pong, _, err := r.c.Handle(0, dst, message(t, nil, hops[:13], wire.Ping, nil)); err != nil || len(pong)-len(dst) != 150 {
		t.Errorf("pong of %d bytes, %v, want 150", len(pong)-len(dst), err)
	}
}

// A received message that is longer than the profile's limit is rejected (REC-010).
func TestReceivedTooLong(t *testing.T) {
	for _, p := range profile.All() {
		limit := p.MessageLimit
		if limit == 0 {
			limit = 65535
		}
		_, r, _ := newPair(t, options{profile: p, datagrams: true, known: true})
		r.rejects(make([]byte, limit+1), want{channel.ErrTooLong, channel.StepM1, "REC-010"})
	}
}

// Names of roles and states are those of the specification.
func TestNames(t *testing.T) {
	var got []string
	for s := channel.Start; s <= channel.Failed+1; s++ {
		got = append(got, s.String())
	}
	for r := channel.Initiator; r <= channel.Responder+1; r++ {
		got = append(got, r.String())
	}
	want := []string{"start", "sent m1", "sent m2", "open", "closed", "failed", "invalid state", "initiator", "responder", "invalid role"}
	for n := range want {
		if got[n] != want[n] {
			t.Errorf("got %q, want %q", got[n], want[n])
		}
	}
}
