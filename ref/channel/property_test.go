package channel_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"

	"ockamtest/fuzz/gen"
	"ockamtest/ref/channel"
)

// newSystem starts a pair; plant may put a fault into each side.
func newSystem(t testing.TB, stream bool, count *counts, plant func(endpoint) endpoint) *system {
	i, r, m1 := newPair(t, options{datagrams: !stream})
	return &system{
		end: [2]endpoint{plant(i.c), plant(r.c)}, log: [][]byte{m1}, from: []channel.Role{channel.Initiator}, count: count,
	}
}

// pairCommands are the commands over pairs of channels.
func pairCommands(t testing.TB, count *counts, plant func(endpoint) endpoint) commands.Commands {
	return &commands.ProtoCommands{
		NewSystemUnderTestFunc: func(state commands.State) commands.SystemUnderTest {
			return newSystem(t, state.(model).stream, count, plant)
		},
		InitialStateGen: func(p *gopter.GenParameters) *gopter.GenResult {
			return gopter.NewGenResult(newModel(p.NextBool()), gopter.NoShrinker)
		},
		GenCommandFunc: genMove,
	}
}

// Any sequence of sending, delivering, losing, reordering, replaying, reflecting, forging, waiting, and closing brings what the model
// says: CHAN-001 to CHAN-005, REC-004, REC-005, REC-007, REC-008, NOISE-007, NOISE-017, TRAN-014.
func TestModel(t *testing.T) {
	var count counts
	gen.Check(t, commands.Prop(pairCommands(t, &count, func(e endpoint) endpoint { return e })))
	t.Logf("%+v", count)
	if count.opened < 300 || count.delivered < 1000 || count.refused < 300 || count.failed < 50 || count.repeated < 50 {
		t.Errorf("saw %+v, too little of something", count)
	}
}

// The model finds each planted fault.
func TestModelFindsFaults(t *testing.T) {
	for name, plant := range plantedFaults() {
		t.Run(name, func(t *testing.T) {
			p := gen.Parameters(t)
			result := commands.Prop(pairCommands(t, new(counts), plant)).Check(p)
			if result.Passed() || result.Status != gopter.TestFailed {
				t.Fatalf("not found in %d sequences", result.Succeeded)
			}
			var example []string
			for _, arg := range result.Args {
				example = append(example, arg.String())
			}
			t.Logf("found after %d sequences: %s", result.Succeeded, strings.Join(example, " "))
		})
	}
}

// plantedFaults are endpoints that break one rule.
func plantedFaults() map[string]func(endpoint) endpoint {
	return map[string]func(endpoint) endpoint{
		"delivers a replay":            func(e endpoint) endpoint { return &replaying{endpoint: e} },
		"takes plaintext after a fail": func(e endpoint) endpoint { return &swallowing{e} },
		"writes before open":           func(e endpoint) endpoint { return &early{e} },
		"forgets the deadline":         func(e endpoint) endpoint { return &patient{e} },
		"answers a rejected message":   func(e endpoint) endpoint { return &talkative{e} },
		"loses every fifth message":    func(e endpoint) endpoint { return &losing{endpoint: e} },
		"sends m2 by timer":            func(e endpoint) endpoint { return &repeating{endpoint: e} },
		"answers no repeat":            func(e endpoint) endpoint { return &curt{endpoint: e} },
	}
}

// replaying delivers once more what it has delivered last (REC-007).
type replaying struct {
	endpoint
	last, payload []byte
}

func (r *replaying) Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error) {
	original := bytes.Clone(msg)
	if r.State() == channel.Open && r.last != nil && bytes.Equal(msg, r.last) {
		return dst, channel.Event{Kind: channel.Delivered, Payload: r.payload}, nil
	}
	out, ev, err := r.endpoint.Handle(now, dst, msg)
	if ev.Kind == channel.Delivered {
		r.last, r.payload = original, bytes.Clone(ev.Payload)
	}
	return out, ev, err
}

// swallowing goes on as if nothing were wrong when it has failed (NOISE-007).
type swallowing struct{ endpoint }

func (s *swallowing) Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error) {
	if s.State() == channel.Failed {
		return dst, channel.Event{Kind: channel.Delivered, Payload: msg}, nil
	}
	return s.endpoint.Handle(now, dst, msg)
}

// early sends plaintext before open (CHAN-002).
type early struct{ endpoint }

func (e *early) Write(dst, payload []byte) ([]byte, error) {
	if e.State() < channel.Open {
		return append(append(dst, 1, 0, 0, 2), payload...), nil
	}
	return e.endpoint.Write(dst, payload)
}

// patient has no deadline (NOISE-013).
type patient struct{ endpoint }

func (p *patient) Tick(_ channel.Instant, dst []byte) ([]byte, error) { return dst, nil }

// talkative answers what it rejects (section 6).
type talkative struct{ endpoint }

func (v *talkative) Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error) {
	out, ev, err := v.endpoint.Handle(now, dst, msg)
	if err != nil {
		return append(dst, 1, 0, 0, 1), ev, err
	}
	return out, ev, nil
}

// losing does not deliver every fifth message that verifies (CHAN-005).
type losing struct {
	endpoint
	n int
}

func (l *losing) Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error) {
	out, ev, err := l.endpoint.Handle(now, dst, msg)
	if ev.Kind == channel.Delivered {
		if l.n++; l.n%5 == 0 {
			ev = channel.Event{}
		}
	}
	return out, ev, err
}

// repeating sends its last handshake message whenever it is asked for the time (TRAN-014).
type repeating struct {
	endpoint
	last []byte
}

func (r *repeating) Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error) {
	out, ev, err := r.endpoint.Handle(now, dst, msg)
	if len(out) > 0 {
		r.last = bytes.Clone(out)
	}
	return out, ev, err
}

func (r *repeating) Tick(now channel.Instant, dst []byte) ([]byte, error) {
	out, err := r.endpoint.Tick(now, dst)
	if err == nil && len(out) == 0 && r.State() == channel.SentM2 {
		out = r.last
	}
	return out, err
}

// curt rejects repeats (TRAN-014).
type curt struct {
	endpoint
	answered []byte
}

func (c *curt) Handle(now channel.Instant, dst, msg []byte) ([]byte, channel.Event, error) {
	if c.answered != nil && bytes.Equal(msg, c.answered) {
		return nil, channel.Event{}, channel.ErrUnexpected
	}
	original := bytes.Clone(msg)
	out, ev, err := c.endpoint.Handle(now, dst, msg)
	if len(out) > 0 {
		c.answered = original
	}
	return out, ev, err
}
