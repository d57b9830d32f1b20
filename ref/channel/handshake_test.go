package channel_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/noise"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/wire"
)

// A defect is something that reaches a channel before open in place of the genuine message.
type defect struct {
	name    string
	message int // the genuine message in whose place it comes: 1, 2, 3
	make    func(t *testing.T, d *defective) []byte
	want    want
	repeat  bool // on datagrams it is no defect but a repeat, and brings the answer to the original (TRAN-014)
}

// defective is what defects are made of.
type defective struct {
	genuine []byte   // the message that should come
	before  [][]byte // the messages that have passed
	stranger
}

// A stranger is another session between the same addresses.
type stranger struct{ m1, m2, m3, record []byte }

func newStranger(t *testing.T, o options) stranger {
	i, r, m1 := newPair(t, options{profile: o.profile, datagrams: o.datagrams})
	m2 := r.handle(m1)
	m3 := i.handle(m2)
	r.handle(m3)
	return stranger{m1, m2, m3, i.write("stranger")}
}

// defects returns what no state of the handshake accepts, over v1 with TCP addresses. The header of a message is 20 bytes with the type.
func defects() []defect {
	const header = 20
	genuine := func(f func(msg []byte) []byte) func(*testing.T, *defective) []byte {
		return func(_ *testing.T, d *defective) []byte { return f(bytes.Clone(d.genuine)) }
	}
	typed := func(t wire.Type) func(*testing.T, *defective) []byte {
		return genuine(func(msg []byte) []byte { msg[header-1] = byte(t); return msg })
	}
	literal := func(b ...byte) func(*testing.T, *defective) []byte {
		return func(*testing.T, *defective) []byte { return b }
	}
	var all []defect
	for n, step := range []channel.Step{channel.StepM1, channel.StepM2, channel.StepM3} {
		message := n + 1
		add := func(name, requirement string, err error, f func(*testing.T, *defective) []byte) {
			all = append(all, defect{name: string(step) + "/" + name, message: message, make: f, want: want{err, step, requirement}})
		}
		add("empty message", "WIRE-005", wire.ErrTruncated, literal())
		add("another version", "WIRE-001", wire.ErrVersion, genuine(func(msg []byte) []byte { msg[0] = 2; return msg }))
		add("unknown type", "WIRE-006", wire.ErrUnknownType, typed(6))
		add("header cut", "WIRE-005", wire.ErrTruncated, genuine(func(msg []byte) []byte { return msg[:header-1] }))
		add("address count lies", "WIRE-005", wire.ErrTruncated, literal(1, 255, 0, 1, 'x'))
		add("payload before open", "CHAN-002", channel.ErrUnexpected, typed(wire.Payload))
		add("plaintext before open", "CHAN-002", channel.ErrUnexpected, literal(1, 0, 0, 2, 1, 0, 0, 2, 'h', 'i'))
		add("empty body", "NOISE-006", noise.ErrMessageLength, genuine(func(msg []byte) []byte { return msg[:header] }))
		add("a byte less", "NOISE-006", noise.ErrMessageLength, genuine(func(msg []byte) []byte { return msg[:len(msg)-1] }))
		add("a byte more", "NOISE-006", key.ErrPayloadRefused, genuine(func(msg []byte) []byte { return append(msg, 0) }))
		add("1,100 bytes", "NOISE-006", key.ErrPayloadRefused, genuine(func(msg []byte) []byte {
			return append(msg, make([]byte, header+1100-len(msg))...)
		}))
		add("stranger's record", "CHAN-002", channel.ErrUnexpected, func(_ *testing.T, d *defective) []byte { return d.record })
		for _, other := range []wire.Type{wire.M1, wire.M2, wire.M3} {
			if other != wire.M1+wire.Type(n) {
				add("as "+other.String(), "CHAN-001", channel.ErrUnexpected, typed(other))
			}
		}
		for k := range n {
			requirement := "CHAN-001" // each is for the other side, or has passed
			add("replay or reflection of m"+string(rune('1'+k)), requirement, channel.ErrUnexpected, func(_ *testing.T, d *defective) []byte {
				return readdress(d.before[k], d.genuine)
			})
			all[len(all)-1].repeat = message == 3 && k == 0
		}
	}
	return append(all, []defect{
		{name: "m1/all-zero key", message: 1, make: genuine(zeroKey), want: want{vault.ErrWeakPublicKey, channel.StepM1, "NOISE-009"}},
		{name: "m2/all-zero key", message: 2, make: genuine(zeroKey), want: want{vault.ErrWeakPublicKey, channel.StepM2, "NOISE-009"}},
		{name: "m2/payload tag", message: 2, make: genuine(func(msg []byte) []byte { return flip(msg, -1) }), want: want{vault.ErrAuthentication, channel.StepM2, "NOISE-005"}},
		{name: "m2/static tag", message: 2, make: genuine(func(msg []byte) []byte { return flip(msg, header+79) }), want: want{vault.ErrAuthentication, channel.StepM2, "NOISE-005"}},
		{name: "m2/reflected e", message: 2, make: func(_ *testing.T, d *defective) []byte {
			copy(d.genuine[header:], d.before[0][header:])
			return d.genuine
		}, want: want{noise.ErrReflection, channel.StepM2, "NOISE-016"}},
		{name: "m2/stranger's", message: 2, make: func(_ *testing.T, d *defective) []byte { return d.m2 }, want: want{vault.ErrAuthentication, channel.StepM2, "NOISE-005"}},
		{name: "m3/payload tag", message: 3, make: genuine(func(msg []byte) []byte { return flip(msg, -1) }), want: want{vault.ErrAuthentication, channel.StepM3, "NOISE-005"}},
		{name: "m3/static key", message: 3, make: genuine(func(msg []byte) []byte { return flip(msg, header) }), want: want{vault.ErrAuthentication, channel.StepM3, "NOISE-005"}},
		{name: "m3/stranger's", message: 3, make: func(_ *testing.T, d *defective) []byte { return d.m3 }, want: want{vault.ErrAuthentication, channel.StepM3, "NOISE-005"}},
	}...)
}

func zeroKey(msg []byte) []byte {
	clear(msg[20:52])
	return msg
}

// readdress gives msg the routes of like, so that it reaches whom like reaches.
func readdress(msg, like []byte) []byte {
	out := bytes.Clone(msg)
	copy(out[:19], like[:19])
	return out
}

// On a stream every defect is fatal: typed error, nothing sent or delivered then or later, no key left, and the genuine message
// comes too late (CHAN-001, NOISE-007). On datagrams it is rejected, nothing at all has changed, and the genuine message is accepted
// (NOISE-017).
func TestDefectsBeforeOpen(t *testing.T) {
	all := defects()
	if len(all) < 40 {
		t.Fatalf("%d defects, too few to be all", len(all))
	}
	for _, datagrams := range []bool{false, true} {
		name := "stream/"
		if datagrams {
			name = "datagrams/"
		}
		for _, d := range all {
			t.Run(name+d.name, func(t *testing.T) { d.try(t, options{datagrams: datagrams}) })
		}
	}
}

func (d *defect) try(t *testing.T, o options) {
	i, r, msg := newPair(t, o)
	var before [][]byte
	for n := 1; n <= 3; n++ {
		to := r
		if n == 2 {
			to = i
		}
		if n == d.message {
			bad := d.make(t, &defective{bytes.Clone(msg), before, newStranger(t, o)})
			if !o.datagrams {
				to.fails(bad, d.want)
				if out, _, err := to.c.Handle(to.now, nil, msg); out != nil || !errors.Is(err, channel.ErrFailed) {
					t.Errorf("the genuine message afterwards: got %d bytes, error %v", len(out), err)
				}
				return
			}
			for range 2 {
				if d.repeat {
					equalBytes(t, "answer to the repeat", to.handle(bad), before[1])
				} else {
					to.rejects(bad, d.want)
				}
			}
		}
		before = append(before, msg)
		msg = to.handle(msg)
	}
	equalBytes(t, "binding", i.c.ChannelBinding(), r.c.ChannelBinding())
	r.delivers(i.write("hello"), "hello")
	i.delivers(r.write("hello"), "hello")
}

// Every strict prefix and, of the encrypted part, every flipped bit of m2 and m3 is rejected on datagrams and changes nothing.
func TestEveryDefectOnDatagrams(t *testing.T) {
	i, r, m1 := newPair(t, options{datagrams: true})
	before := func(s *side, msg []byte) {
		t.Helper()
		for n := range msg {
			s.rejectsAny(msg[:n])
		}
		for bit := 20 * 8; bit < 8*len(msg); bit++ {
			bad := bytes.Clone(msg)
			bad[bit/8] ^= 1 << (bit % 8)
			s.rejectsAny(bad)
		}
	}
	m2 := r.handle(m1)
	before(i, m2)
	m3 := i.handle(m2)
	before(r, m3)
	r.handle(m3)
	r.delivers(i.write("hello"), "hello")
}

// rejectsAny is rejects with whatever error.
func (s *side) rejectsAny(msg []byte) {
	s.t.Helper()
	before, xx, live := *s.c, *s.xx, s.vault.Live()
	out, ev, err := s.c.Handle(s.now, nil, bytes.Clone(msg))
	var e *channel.Error
	if out != nil || ev.Kind != channel.None || !errors.As(err, &e) || e.Requirement == "" {
		s.t.Fatalf("got %d bytes, event %d, error %v", len(out), ev.Kind, err)
	}
	if *s.c != before || *s.xx != xx || s.vault.Live() != live {
		s.t.Fatalf("after %v something has changed", err)
	}
}

// The peer's key: on a stream a refused key is fatal; on datagrams an m2 may be anybody's and is rejected, an m3 is not (section 6).
func TestRefusedPeer(t *testing.T) {
	for _, tt := range []struct {
		name      string
		datagrams bool
		role      channel.Role
		fatal     bool
	}{
		{"m2 on a stream", false, channel.Initiator, true},
		{"m3 on a stream", false, channel.Responder, true},
		{"m2 on datagrams", true, channel.Initiator, false},
		{"m3 on datagrams", true, channel.Responder, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var allowed []byte
			policy := func(static []byte) error {
				if bytes.Equal(static, allowed) {
					return nil
				}
				return key.ErrUnknownPeer
			}
			o := options{datagrams: tt.datagrams}
			picky := func(role channel.Role) *side {
				o := o
				if role == tt.role {
					o.policy = policy
				}
				s := newSide(t, role, o)
				return s
			}
			i, r := picky(channel.Initiator), picky(channel.Responder)
			r.start()
			m2 := r.handle(i.start())
			w := want{key.ErrPeerRefused, channel.StepM2, "NOISE-011"}
			if tt.role == channel.Initiator {
				if tt.fatal {
					i.fails(m2, w)
					return
				}
				i.rejects(m2, w)
				allowed = r.public()
				r.handle(i.handle(m2))
				r.delivers(i.write("hello"), "hello")
				return
			}
			w.step = channel.StepM3
			r.fails(i.handle(m2), w)
		})
	}
}

// public is the side's static public key.
func (s *side) public() []byte {
	s.t.Helper()
	public, err := s.vault.PublicKey(make([]byte, 0, vault.P256PublicKeySize), s.static)
	must(s.t, err)
	return public
}

// An m3 that fails is not followed by anything: neither the plaintext nor the record that come next are delivered.
func TestFailedM3FollowedByPlaintext(t *testing.T) {
	i, r, m1 := newPair(t, options{})
	m3 := i.handle(r.handle(m1))
	r.fails(flip(m3, -1), want{vault.ErrAuthentication, channel.StepM3, "NOISE-005"})
	for _, msg := range [][]byte{{1, 0, 0, 2, 'h', 'i'}, {1, 0, 0, 2, 1, 0, 0, 2, 'h', 'i'}, i.write("hello"), m3} {
		out, ev, err := r.c.Handle(r.now, nil, msg)
		if out != nil || ev.Kind != channel.None || !errors.Is(err, channel.ErrFailed) {
			t.Errorf("got %d bytes, event %d, error %v", len(out), ev.Kind, err)
		}
	}
}

// The vault fails at its k-th operation, for every k of a handshake: that is fatal also on datagrams (section 6), and no secret is left.
// Only a secret that could not be destroyed disturbs nothing.
func TestVaultFailsAtEveryOperation(t *testing.T) {
	for _, role := range []channel.Role{channel.Initiator, channel.Responder} {
		t.Run(role.String(), func(t *testing.T) {
			var failed []string
			for k := 1; ; k++ {
				i, r := newSide(t, channel.Initiator, options{datagrams: true}), newSide(t, channel.Responder, options{datagrams: true})
				victim := i
				if role == channel.Responder {
					victim = r
				}
				victim.vault.FailAt(k)
				err := shakeUntilError(i, r)
				operation := victim.vault.Failed()
				if operation == "" {
					must(t, err)
					break
				}
				failed = append(failed, operation)
				if operation == "Destroy" {
					must(t, err)
				} else if !errors.Is(err, key.ErrVault) || victim.c.State() != channel.Failed {
					t.Errorf("%s: got error %v in state %v, want %v and failed", operation, err, victim.c.State(), key.ErrVault)
				}
				must(t, victim.c.Close())
				if got := victim.vault.Live(); got != 1 {
					t.Errorf("%s: %d secrets left", operation, got-1)
				}
			}
			if len(failed) < 25 || !slices.Contains(failed, "Open") {
				t.Errorf("%d operations failed, too few", len(failed))
			}
		})
	}
}

func shakeUntilError(i, r *side) error {
	if _, err := r.c.Start(0, nil); err != nil {
		return err
	}
	msg, err := i.c.Start(0, nil)
	for _, s := range []*side{r, i, r} {
		if err != nil {
			return err
		}
		msg, _, err = s.c.Handle(0, nil, msg)
	}
	return err
}

// Both sides of a handshake tell when it is open, and what they know then.
func TestOpened(t *testing.T) {
	for _, p := range []profile.Profile{profile.V1(), profile.C09(), profile.C010(), profile.E09()} {
		t.Run(p.Name, func(t *testing.T) {
			i, r := openPair(t, options{profile: p, known: true})
			for _, s := range []*side{i, r} {
				if s.c.Err() != nil {
					t.Error(s.c.Err())
				}
			}
			equalBytes(t, "initiator's peer", i.c.PeerStatic(), r.public())
			equalBytes(t, "responder's peer", r.c.PeerStatic(), i.public())
			if h := i.c.ChannelBinding(); len(h) != 32 || !bytes.Equal(h, r.c.ChannelBinding()) {
				t.Errorf("bindings %x and %x", h, r.c.ChannelBinding())
			}
		})
	}
}
