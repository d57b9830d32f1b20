package play_test

import (
	"errors"
	"testing"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/fuzz/term"
	"ockamtest/fuzz/term/play"
	"ockamtest/ref/profile"
)

// run plays a text against the correct responder.
func run(t *testing.T, text string) ([]play.Observation, error) {
	t.Helper()
	trace, err := term.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	world := adversarytest.New(adversarytest.Config{Program: peers.Correct(), Role: conformance.Responder, Profile: profile.V1(), Seed: 1})
	return play.Run(t.Context(), world, trace)
}

// What differs from a trace is told with its step.
func TestMismatch(t *testing.T) {
	const m1 = "peer responder\nopen 3\nsend 3 frame(message(3, 3, m1(3, ephemeral(0), 0x)))\n"
	for _, c := range []struct {
		name, text string
		want       play.MismatchError
	}{
		{"another message", m1 + "expect 3 m1", play.MismatchError{Step: 3, Session: 3, Want: term.IsM1, Got: term.IsM2}},
		{"a message instead of silence", m1 + "expect 3 quiet", play.MismatchError{Step: 3, Session: 3, Want: term.IsQuiet, Got: term.IsM2}},
		{"a message instead of an end", m1 + "expect 3 end", play.MismatchError{Step: 3, Session: 3, Want: term.IsEnd, Got: term.IsM2}},
		{"a rejection that does not come", m1 + "expect 3 rejected", play.MismatchError{Step: 3, Session: 3, Want: term.IsRejected, Got: term.IsM2}},
		{"silence instead of a message", "peer responder\nopen 0\nexpect 0 message", play.MismatchError{Step: 2, Want: term.IsMessage, Got: term.IsQuiet}},
		{"an end instead of a message", "peer responder\nopen 0\nsend 0 frame(0x)\nexpect 0 message", play.MismatchError{Step: 3, Want: term.IsMessage, Got: term.IsEnd}},
		{"no echo", m1 + "wait 3\nsend 3 frame(message(3, 5, m3(3, static, 0x)))\necho 3 0x", play.MismatchError{Step: 5, Session: 3, Want: term.IsRecord, Got: term.IsQuiet}},
		{"another echo", m1 + "wait 3\nsend 3 concat(frame(message(3, 5, m3(3, static, 0x))), frame(message(3, 2, record(3, inner(3, \"abc\")))))\necho 3 \"abcd\"",
			play.MismatchError{Step: 5, Session: 3, Want: term.IsRecord, Got: term.IsRecord, Payload: true, WantBytes: 4, GotBytes: 3}},
		{"not the same", "peer responder\nsame hash(0x00) 0x00", play.MismatchError{Step: 1, Compared: true, WantBytes: 32, GotBytes: 1}},
		{"no difference", "peer responder\ndiffer 0x00 slice(0x0001, 0, 1)", play.MismatchError{Step: 1, Compared: true, WantBytes: 1, GotBytes: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, c.text)
			var m *play.MismatchError
			if !errors.As(err, &m) {
				t.Fatalf("got %v, want a *MismatchError", err)
			}
			if *m != c.want {
				t.Errorf("got %+v, want %+v", *m, c.want)
			}
		})
	}
}

// What is seen is told, in its order.
func TestObservations(t *testing.T) {
	seen, err := run(t, "peer responder\nopen 0\nsend 0 frame(message(0, 3, m1(0, ephemeral(0), 0x)))\nwait 0\nsend 0 frame(0x)\nexpect 0 anything\n")
	want := []play.Observation{
		{Step: 3, Kind: term.IsM2, Size: 116}, {Step: 3, Kind: term.IsQuiet}, {Step: 5, Kind: term.IsEnd},
	}
	if err != nil || len(seen) != len(want) {
		t.Fatalf("got %+v, %v, want %+v", seen, err, want)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Errorf("%d: got %+v, want %+v", i, seen[i], want[i])
		}
	}
}

// What cannot be played is no fault of the peer's.
func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"another role", "peer initiator\nopen 0\n", term.ErrInvalid},
		{"no session", "peer responder\nexpect 0 m1\n", term.ErrSession},
		{"send without session", "peer responder\nsend 0 0x\n", term.ErrSession},
		{"close without session", "peer responder\nclose 0\n", term.ErrSession},
		{"opened twice", "peer responder\nopen 0\nopen 0\n", term.ErrSession},
		{"a term that says nothing yet", "peer responder\nopen 0\nsend 0 m3(0, static, 0x)\n", term.ErrAbsent},
		{"made of nothing", "peer responder\nmake record(0, 0x)\n", term.ErrSession},
		{"an echo of nothing", "peer responder\nopen 0\necho 0 received(0, 0, whole)\n", term.ErrAbsent},
		{"sent after the end", "peer responder\nopen 0\nreset 0\nsend 0 0x00\n", conformance.ErrLinkClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, c.text)
			var m *play.MismatchError
			if !errors.Is(err, c.want) || errors.As(err, &m) {
				t.Errorf("got %v, want an error that wraps %v", err, c.want)
			}
		})
	}
}

// Repeats of handshake messages on datagrams are passed over, unless they are wanted (TRAN-014).
func TestRepeats(t *testing.T) {
	for _, c := range []struct {
		name, text string
		role       conformance.Role
		want       *play.MismatchError
	}{
		{"passed over", "peer initiator\nopen 0\nexpect 0 m1\nexpect 0 record\n", conformance.Initiator,
			&play.MismatchError{Step: 3, Want: term.IsRecord, Got: term.IsQuiet}},
		{"wanted", "peer initiator\nopen 0\nexpect 0 m1\nexpect 0 m1\nexpect 0 m1\n", conformance.Initiator, nil},
		{"wanted late", "peer responder\nopen 0\nsend 0 frame(message(0, 3, m1(0, ephemeral(0), 0x)))\nexpect 0 m2\nmake m3(0, static, 0x)\n" +
			"send 0 sent(0, 0, whole)\nexpect 0 m2\n", conformance.Responder, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			trace, err := term.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			world := adversarytest.New(adversarytest.Config{
				Program: peers.Correct(), Role: c.role, Profile: profile.V1(), Transport: conformance.UDP, Seed: 1,
			})
			_, err = play.Run(t.Context(), world, trace)
			var m *play.MismatchError
			if errors.As(err, &m) != (c.want != nil) || m != nil && *m != *c.want || m == nil && err != nil {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// A trace is for a channel on the transport.
func TestNoTunnel(t *testing.T) {
	world := adversarytest.New(adversarytest.Config{
		Program: peers.Correct(), Role: conformance.Responder, Profile: profile.V1(), Depth: 2, Seed: 1,
	})
	if _, err := play.Run(t.Context(), world, term.Trace{}); !errors.Is(err, term.ErrInvalid) || world.Links() > 0 {
		t.Errorf("got %v and %d links, want ErrInvalid and none", err, world.Links())
	}
}
