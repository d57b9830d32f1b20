package selftest_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"ockamtest/ref/channel"
	"ockamtest/ref/key"
	"ockamtest/ref/profile"
	"ockamtest/ref/vault"
	"ockamtest/ref/vault/software"
	"ockamtest/ref/wire"
	"ockamtest/vectors"
)

// What the transcripts of the vectors say of ref/channel beyond what is sent and delivered: states, errors and their requirements, limits, time.

// A transcript is a channel vector, to be played on a channel of ref.
type transcript struct {
	t *testing.T
	v *vectors.Channel
}

func transcripts(t *testing.T, do func(transcript)) {
	t.Helper()
	n := 0
	for _, f := range embedded(t) {
		for _, each := range f.All() {
			if v, ok := each.(*vectors.Channel); ok {
				n++
				do(transcript{t, v})
			}
		}
	}
	if n < 150 {
		t.Errorf("%d transcripts, want 150 at least", n)
	}
}

// config is what the vector says. limit is that of messages, 0 for none.
func (x transcript) config(limit int) channel.Config {
	x.t.Helper()
	v, err := software.New(software.Config{})
	p, ok := profile.Lookup(x.v.Profile)
	if err != nil || !ok {
		x.t.Fatalf("%d: profile %s: %v", x.v.TcID, x.v.Profile, err)
	}
	x.t.Cleanup(func() { _ = v.Close() })
	kind := vault.X25519PrivateKey
	if p.Suite.P256 {
		kind = vault.P256PrivateKey
	}
	xx := key.XXConfig{Vault: v, Suite: p.Suite, AssociatedData: p.AssociatedData, Policy: key.AnyKey()}
	if x.v.PeerKey != nil {
		xx.Policy = key.ExactKey(x.v.PeerKey)
	}
	var errs [3]error
	xx.Static, errs[0] = v.Import(vault.Attributes{Type: kind}, x.v.Static)
	xx.UnsafeEphemeral, errs[1] = v.Import(vault.Attributes{Type: kind}, x.v.Ephemeral)
	agreement, err := key.NewXX(xx)
	if err := errors.Join(append(errs[:], err)...); err != nil {
		x.t.Fatalf("%d: %v", x.v.TcID, err)
	}
	cfg := channel.Config{Profile: p, Agreement: agreement, Stream: x.v.Local == nil, MessageLimit: limit}
	if x.v.Own != nil {
		cfg.Local, cfg.Remote = addressOf(*x.v.Own), addressOf(*x.v.Peer)
	}
	if x.v.Local != nil {
		cfg.Address = wire.LocalAddress(x.v.Local)
	}
	listener := wire.LocalAddress(x.v.Listener)
	if x.v.Role == vectors.Responder {
		cfg.Role = channel.Responder
		if x.v.Listener != nil && listener != cfg.Address {
			cfg.Listener = listener
		}
	} else if x.v.Listener != nil {
		cfg.Route = wire.Route{cfg.Remote, listener}
	}
	return cfg
}

func (x transcript) channel(limit int) *channel.Channel {
	x.t.Helper()
	c, err := channel.New(x.config(limit))
	if err != nil {
		x.t.Fatalf("%d: %v", x.v.TcID, err)
	}
	return c
}

// step does one step of the vector.
func (x transcript) step(c *channel.Channel, a vectors.Action) (out []byte, ev channel.Event, err error) {
	switch a.Do {
	case "start":
		out, err = c.Start(0, []byte("dst"))
	case "write":
		var onward wire.Route
		if x.v.Service != nil {
			onward = wire.Route{wire.LocalAddress(x.v.Service)}
		}
		out, err = c.WriteRouted([]byte("dst"), a.Data, onward, nil)
	default:
		out, ev, err = c.Handle(0, append(make([]byte, 0, 3), "dst"...), slices.Clone(a.Data))
	}
	if err == nil && !bytes.HasPrefix(out, []byte("dst")) {
		x.t.Errorf("%d: %s: %q is not behind what was there", x.v.TcID, a.Do, out)
	}
	return bytes.TrimPrefix(out, []byte("dst")), ev, err
}

// play takes a channel to the state before step n.
func (x transcript) play(c *channel.Channel, n int) {
	if x.v.Role == vectors.Responder && (len(x.v.Steps) == 0 || x.v.Steps[0].Do != "start") {
		_, _ = c.Start(0, nil) // the vectors leave it out
	}
	for _, a := range x.v.Steps[:n] {
		_, _, _ = x.step(c, a) // TestReferenceOfTranscripts looks at it
	}
}

func sameState(s string, c *channel.Channel) bool {
	states := map[channel.State]string{
		channel.Start: "start", channel.SentM1: "sent", channel.SentM2: "sent", channel.Open: "open", channel.Failed: "failed",
	}
	return states[c.State()] == s
}

// Each step ends in the state of the vector; what is refused names one of the vector's requirements and changes nothing, unless it fails the
// channel; and what can be asked of a channel fits its state.
func TestReferenceOfTranscripts(t *testing.T) {
	refused, opened := 0, 0
	transcripts(t, func(x transcript) {
		c := x.channel(0)
		x.asked(c)
		if x.v.Role == vectors.Responder || len(x.v.Steps) > 0 && x.v.Steps[0].Do != "start" {
			x.notStarted(c)
		}
		x.play(c, 0)
		for i, a := range x.v.Steps {
			before := *c
			_, ev, err := x.step(c, a)
			if err != nil {
				refused++
				x.refused(c, before, a.Do, err)
				x.misplaced(a.Data, err)
			} else if x.v.Result == vectors.Valid && !sameState(x.v.Expect[i].State, c) {
				t.Errorf("%d: step %d: %v, want %s", x.v.TcID, i+1, c.State(), x.v.Expect[i].State)
			}
			if ev.Kind == channel.Opened {
				opened++
			}
			x.asked(c)
		}
		x.limit(c)
		x.ends(c)
	})
	if refused < 40 || opened < 60 {
		t.Errorf("%d steps refused and %d channels opened, want 40 and 60 at least", refused, opened)
	}
}

func (x transcript) notStarted(c *channel.Channel) {
	if c.State() == channel.Start && x.v.Role == vectors.Responder {
		if _, _, err := c.Handle(0, nil, []byte{1, 0, 0, 3}); !errors.Is(err, channel.ErrNotStarted) {
			x.t.Errorf("%d: before the start: %v", x.v.TcID, err)
		}
	}
}

func (x transcript) refused(c *channel.Channel, before channel.Channel, do string, err error) {
	var e *channel.Error
	switch {
	case !errors.As(err, &e) || e.Step != x.inStep(before.State(), do):
		x.t.Errorf("%d: %v, want step %s", x.v.TcID, err, x.inStep(before.State(), do))
	case before.State() == channel.Open && c.State() == channel.Failed && // REC-005
		(!before.Stream() || !slices.Contains([]string{"REC-004", "REC-006"}, e.Requirement)):
		x.t.Errorf("%d: %v fails an open channel", x.v.TcID, err)
	case e.Requirement != "" && !slices.Contains(x.v.Requirements, e.Requirement) && !related(e.Requirement, x.v.Requirements):
		x.t.Errorf("%d: %v, want one of %v", x.v.TcID, err, x.v.Requirements)
	case strings.HasSuffix(err.Error(), "()") || e.Requirement != "" && !strings.Contains(err.Error(), e.Requirement):
		x.t.Errorf("%d: %q does not name %s", x.v.TcID, err, e.Requirement)
	case c.State() == channel.Failed && !errors.Is(c.Err(), e.Err):
		x.t.Errorf("%d: failed with %v, and says %v", x.v.TcID, err, c.Err())
	case c.State() != channel.Failed && *c != before && !errors.Is(err, channel.ErrInner):
		x.t.Errorf("%d: %v changes the channel", x.v.TcID, err)
	}
}

// inStep is the step in which something is done in a state.
func (x transcript) inStep(s channel.State, do string) channel.Step {
	switch {
	case do == "write":
		return channel.StepWrite
	case s == channel.Open, s == channel.Failed:
		return channel.StepRecord
	case s == channel.Start && do == "start", s == channel.Start && x.v.Role == vectors.Responder:
		return channel.StepM1
	case x.v.Role == vectors.Initiator:
		return channel.StepM2
	}
	return channel.StepM3
}

// related tells of a requirement that says more of a message than those of its vector.
func related(got string, want []string) bool {
	if slices.Contains(want, "NOISE-017") { // whatever is forged
		return true
	}
	more := map[string][]string{
		"CHAN-002": {"CHAN-001"}, "REC-004": {"REC-002", "REC-007", "NOISE-010"}, "ROUT-001": {"CHAN-003"},
	}
	return slices.ContainsFunc(want, func(id string) bool { return slices.Contains(more[got], id) })
}

// misplaced requires CHAN-002 of a payload before open, and CHAN-001 of any other message that is not the next one.
func (x transcript) misplaced(msg []byte, err error) {
	var e *channel.Error
	p, _ := profile.Lookup(x.v.Profile)
	m, malformed := wire.Parse(wire.Dialect(p.HandshakeEnvelope()), msg)
	if malformed == nil && errors.As(err, &e) && errors.Is(err, channel.ErrUnexpected) && e.Step != channel.StepRecord &&
		(e.Requirement == "CHAN-002") != (m.Type == wire.Payload) {
		x.t.Errorf("%d: %v: %v", x.v.TcID, m.Type, err)
	}
}

// asked asks what can be asked in any state.
func (x transcript) asked(c *channel.Channel) {
	open := c.State() == channel.Open
	if got := len(c.PeerStatic()) > 0; got != open {
		x.t.Errorf("%d: %v: a peer's static key: %v", x.v.TcID, c.State(), got)
	}
	if got := len(c.ChannelBinding()) == vault.HashSize; got != open {
		x.t.Errorf("%d: %v: a channel binding: %v", x.v.TcID, c.State(), got)
	}
	if got := c.Limit() > 0; got != open {
		x.t.Errorf("%d: %v: limit %d", x.v.TcID, c.State(), c.Limit())
	}
	if got := c.Err() != nil; got != (c.State() == channel.Failed) {
		x.t.Errorf("%d: %v: error %v", x.v.TcID, c.State(), c.Err())
	}
	if c.ReplyRoute() != nil && !open {
		x.t.Errorf("%d: %v: reply route %v", x.v.TcID, c.State(), c.ReplyRoute())
	}
	before := *c
	if !open {
		_, err := c.Write(nil, []byte("early"))
		want := channel.ErrNotOpen
		if c.State() == channel.Failed {
			want = channel.ErrFailed
		}
		if !errors.Is(err, want) || *c != before {
			x.t.Errorf("%d: %v: write: %v, want %v", x.v.TcID, c.State(), err, want)
		}
	}
	if c.State() != channel.Start {
		if _, err := c.Start(0, nil); err == nil || *c != before {
			x.t.Errorf("%d: %v: started again: %v", x.v.TcID, c.State(), err)
		}
	}
}

// limit writes as much as an open channel says that it takes, and a byte more.
func (x transcript) limit(c *channel.Channel) {
	if c.State() != channel.Open {
		return
	}
	var onward wire.Route
	room := c.Limit()
	if x.v.Service != nil { // the inner route takes room of it
		onward = wire.Route{wire.LocalAddress(x.v.Service)}
		room -= 2 + len(x.v.Service)
	}
	before := *c
	if _, err := c.WriteRouted(nil, make([]byte, room+1), onward, nil); !errors.Is(err, channel.ErrTooLong) || *c != before {
		x.t.Errorf("%d: a byte more than %d: %v", x.v.TcID, room, err)
	}
	for range 20 {
		m, err := c.WriteRouted(nil, make([]byte, room), onward, nil)
		if errors.Is(err, channel.ErrCannotTravel) {
			continue // another counter may
		}
		p, _ := profile.Lookup(x.v.Profile)
		want := min(wire.MaxMessage, c.Link().Remote.MaxMessage())
		if p.MessageLimit > 0 {
			want = min(want, p.MessageLimit)
		}
		if err != nil || p.SendLimit == 0 && len(m) != want {
			x.t.Errorf("%d: %d bytes make a message of %d, want %d: %v", x.v.TcID, room, len(m), want, err)
		}
		if outer, _ := wire.Parse(wire.Dialect(p.TransportEnvelope()), m); !outer.Onward.Equal(c.ReplyRoute()) {
			x.t.Errorf("%d: reply route %v, and the message has %v", x.v.TcID, c.ReplyRoute(), outer.Onward)
		}
		return
	}
	x.t.Errorf("%d: nothing can travel", x.v.TcID)
}

// ends closes a channel, or cancels it: then it is over, and stays so.
func (x transcript) ends(c *channel.Channel) {
	failed := c.Err()
	cause := errors.New("the cable is cut")
	if x.v.TcID%2 == 0 {
		c.Cancel(cause)
		if failed == nil && (!errors.Is(c.Err(), cause) || !errors.Is(c.Err(), channel.ErrCanceled)) {
			x.t.Errorf("%d: canceled: %v", x.v.TcID, c.Err())
		}
		failed = c.Err()
	}
	if err := c.Close(); err != nil {
		x.t.Errorf("%d: close: %v", x.v.TcID, err)
	}
	want := channel.ErrClosed
	if failed != nil {
		want = channel.ErrFailed
	}
	c.Cancel(nil) // it is over
	if err := c.Close(); err != nil || !errors.Is(c.Err(), failed) {
		x.t.Errorf("%d: %v, and closed again: %v, %v", x.v.TcID, failed, c.Err(), err)
	}
	_, _, handled := c.Handle(0, nil, []byte{1, 0, 0, 2})
	_, written := c.Write(nil, nil)
	_, started := c.Start(0, nil)
	for _, err := range []error{handled, written, started} {
		if !errors.Is(err, want) {
			x.t.Errorf("%d: at the end: %v, want %v", x.v.TcID, err, want)
		}
	}
	if b, err := c.Tick(1<<62, []byte("x")); err != nil || string(b) != "x" {
		x.t.Errorf("%d: at the end something is due: %q, %v", x.v.TcID, b, err)
	}
}
