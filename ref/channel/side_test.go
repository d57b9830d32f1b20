package channel_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/key/keytest"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
)

// A side is a channel under test with what is below it.
type side struct {
	t      testing.TB
	role   channel.Role
	vault  *keytest.Vault
	static vault.Secret
	xx     *key.XX
	c      *channel.Channel
	now    channel.Instant

	address wire.Address // its local one
}

// options tell how the sides of a test differ from the default: v1 with fresh keys, TCP addresses, on a stream.
type options struct {
	profile   profile.Profile
	known     bool // the keys of section 12
	datagrams bool
	policy    key.Policy
	change    func(*channel.Config)
}

func newSide(t testing.TB, role channel.Role, o options) *side {
	t.Helper()
	if o.profile.Name == "" {
		o.profile = profile.V1()
	}
	if o.policy == nil {
		o.policy = key.AnyKey()
	}
	sw, err := software.New(software.Config{})
	must(t, err)
	s := &side{t: t, role: role, vault: keytest.NewVault(sw)}
	s.xx, s.static = newXX(t, s.vault, role, o)
	cfg := channel.Config{
		Role: role, Profile: o.profile, Agreement: s.xx, Stream: !o.datagrams,
		Local: initiatorAddress(), Remote: responderAddress(),
	}
	if o.profile.Listener == profile.ResponderOnly {
		cfg.Route = wire.Route{cfg.Remote, listenerAddress()}
	}
	if role == channel.Responder {
		cfg.Local, cfg.Remote = cfg.Remote, cfg.Local
		if len(cfg.Route) > 0 {
			cfg.Route, cfg.Address = nil, listenerAddress()
		}
	}
	if o.change != nil {
		o.change(&cfg)
	}
	s.address = cfg.Address
	s.c, err = channel.New(cfg)
	must(t, err)
	return s
}

func newXX(t testing.TB, v vault.Vault, role channel.Role, o options) (*key.XX, vault.Secret) {
	t.Helper()
	cfg := key.XXConfig{Vault: v, Suite: o.profile.Suite, Policy: o.policy, AssociatedData: o.profile.AssociatedData}
	a := vault.Attributes{Type: vault.X25519PrivateKey}
	if o.profile.Suite.P256 {
		a.Type = vault.P256PrivateKey
	}
	var err error
	if o.known {
		static, ephemeral := keytest.PrivateKeys(role == channel.Initiator)
		cfg.Static, err = v.Import(a, static)
		must(t, err)
		cfg.UnsafeEphemeral, err = v.Import(a, ephemeral)
	} else {
		cfg.Static, err = v.Generate(a)
	}
	must(t, err)
	xx, err := key.NewXX(cfg)
	must(t, err)
	return xx, cfg.Static
}

func initiatorAddress() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 54321) }
func responderAddress() wire.Address { return wire.TCPAddress4([4]byte{127, 0, 0, 1}, 4000) }

// listenerAddress is the local address of responders in profiles in which they have one always.
func listenerAddress() wire.Address { return wire.LocalAddress([]byte{1, 2, 3, 4}) }

func udp4(last byte, port uint16) wire.Address {
	return wire.UDPAddress4([4]byte{10, 0, 0, last}, port)
}

func udp6(last byte, port uint16) wire.Address {
	return wire.UDPAddress6([16]byte{0: 0x20, 1: 1, 2: 0x0d, 3: 0xb8, 15: last}, port)
}

// overUDP are v1 over UDP: the initiator is host 1 with port 4001, the responder host 3 with port 4003, as in section 12.
func overUDP(host func(last byte, port uint16) wire.Address) options {
	return options{datagrams: true, change: func(c *channel.Config) {
		c.Local, c.Remote = host(1, 4001), host(3, 4003)
		if c.Role == channel.Responder {
			c.Local, c.Remote = c.Remote, c.Local
		}
	}}
}

// newPair makes both sides and starts them; m1 is under way.
func newPair(t testing.TB, o options) (i, r *side, m1 []byte) {
	t.Helper()
	i, r = newSide(t, channel.Initiator, o), newSide(t, channel.Responder, o)
	r.start()
	return i, r, i.start()
}

// openPair makes two open channels.
func openPair(t testing.TB, o options) (i, r *side) {
	t.Helper()
	i, r, m1 := newPair(t, o)
	m3 := i.handle(r.handle(m1))
	r.handle(m3)
	for _, s := range []*side{i, r} {
		if s.c.State() != channel.Open {
			t.Fatalf("state %v after the handshake", s.c.State())
		}
	}
	return i, r
}

func (s *side) start() []byte {
	s.t.Helper()
	out, err := s.c.Start(s.now, nil)
	must(s.t, err)
	return out
}

// handle delivers a copy of msg, which has to be accepted, and returns the reply.
func (s *side) handle(msg []byte) []byte {
	s.t.Helper()
	out, _, err := s.c.Handle(s.now, nil, bytes.Clone(msg))
	must(s.t, err)
	return out
}

func (s *side) write(payload string) []byte {
	s.t.Helper()
	out, err := s.c.Write(nil, []byte(payload))
	must(s.t, err)
	return out
}

// delivers checks that msg brings exactly this payload.
func (s *side) delivers(msg []byte, payload string) channel.Event {
	s.t.Helper()
	out, ev, err := s.c.Handle(s.now, nil, bytes.Clone(msg))
	must(s.t, err)
	if len(out) != 0 || ev.Kind != channel.Delivered || string(ev.Payload) != payload {
		s.t.Errorf("got event %d, payload %q, reply of %d bytes; want payload %q", ev.Kind, ev.Payload, len(out), payload)
	}
	return ev
}

// A want is what a refusal looks like.
type want struct {
	err         error
	step        channel.Step
	requirement string
}

// rejects checks that msg is rejected with the given error and that nothing has changed: channel, agreement, vault.
func (s *side) rejects(msg []byte, w want) {
	s.t.Helper()
	before, xx, live := *s.c, *s.xx, s.vault.Live()
	s.refuses(msg, w)
	if *s.c != before {
		s.t.Errorf("the channel has changed: state %v, was %v", s.c.State(), before.State())
	}
	if *s.xx != xx {
		s.t.Error("the key agreement has changed")
	}
	if got := s.vault.Live(); got != live {
		s.t.Errorf("%d secrets live, want %d", got, live)
	}
}

// fails checks that msg is fatal with the given error: nothing is sent, delivered, or accepted any more, and no key is left.
func (s *side) fails(msg []byte, w want) {
	s.t.Helper()
	s.refuses(msg, w)
	s.dead(w)
}

// dead checks that the channel has failed for good (CHAN-004, NOISE-007).
func (s *side) dead(w want) {
	s.t.Helper()
	s.isError(s.c.Err(), w)
	if got := s.c.State(); got != channel.Failed {
		s.t.Errorf("got state %v, want failed", got)
	}
	if got := s.vault.Live(); got != 1 {
		s.t.Errorf("%d secrets live, want the static key alone", got)
	}
	before := *s.c
	for _, msg := range [][]byte{nil, {1, 0, 0, 0}, {1, 0, 0, 2, 'p'}, {1, 0, 0, 3}} {
		out, ev, err := s.c.Handle(s.now, nil, msg)
		if out != nil || ev.Kind != channel.None || !errors.Is(err, channel.ErrFailed) || !errors.Is(err, w.err) {
			s.t.Errorf("failed channel: got %d bytes, event %d, error %v", len(out), ev.Kind, err)
		}
	}
	if out, err := s.c.Write(nil, nil); out != nil || !errors.Is(err, channel.ErrFailed) {
		s.t.Errorf("write on a failed channel: got %d bytes, error %v", len(out), err)
	}
	if out, err := s.c.Start(s.now, nil); out != nil || !errors.Is(err, channel.ErrFailed) {
		s.t.Errorf("start of a failed channel: got %d bytes, error %v", len(out), err)
	}
	s.c.Cancel(errors.New("too late"))
	if *s.c != before || s.c.PeerStatic() != nil || s.c.ChannelBinding() != nil || s.c.Limit() != 0 {
		s.t.Error("a failed channel has changed")
	}
}

func (s *side) refuses(msg []byte, w want) {
	s.t.Helper()
	dst := []byte("before")
	out, ev, err := s.c.Handle(s.now, dst, bytes.Clone(msg))
	s.isError(err, w)
	if out != nil || ev.Kind != channel.None || ev.Payload != nil || string(dst) != "before" {
		s.t.Errorf("refused message: reply of %d bytes, event %d with %d bytes", len(out), ev.Kind, len(ev.Payload))
	}
}

func (s *side) isError(err error, w want) {
	s.t.Helper()
	var e *channel.Error
	if !errors.As(err, &e) || !errors.Is(err, w.err) || e.Step != w.step || e.Requirement != w.requirement {
		s.t.Errorf("got error %v, want %v in %s (%s)", err, w.err, w.step, w.requirement)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unhex decodes a message of the specification: hex with spaces.
func unhex(t testing.TB, parts ...string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(parts, ""), " ", ""))
	must(t, err)
	return b
}

func equalBytes(t testing.TB, name string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %x, want %x", name, got, want)
	}
}

// flip returns msg with one bit changed; a negative byte counts from the end.
func flip(msg []byte, at int) []byte {
	out := slices.Clone(msg)
	if at < 0 {
		at += len(out)
	}
	out[at] ^= 1
	return out
}
