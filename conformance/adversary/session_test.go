package adversary_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/ref/profile"
)

// each runs a test in both roles of the correct peer and in both profiles.
func each(t *testing.T, test func(t *testing.T, env *adversarytest.World)) {
	for _, p := range []profile.Profile{profile.V1(), profile.C09()} {
		for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
			t.Run(p.Name+"/"+string(role), func(t *testing.T) {
				test(t, adversarytest.New(adversarytest.Config{Program: peers.Correct(), Role: role, Profile: p, Seed: 1}))
			})
		}
	}
}

func TestEcho(t *testing.T) {
	each(t, func(t *testing.T, env *adversarytest.World) {
		s, err := adversary.OpenChannel(context.Background(), env)
		if err != nil {
			t.Fatal(err)
		}
		if !s.OnStream() {
			t.Error("the channel is not on a stream")
		}
		if err := s.EchoRandom(20); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 255, 256, s.MaxPayload()} {
			if err := s.EchoRandom(n); err != nil {
				t.Errorf("echo of %d bytes: %v", n, err)
			}
		}
		if got, want := s.Sending.N, uint64(6); got != want {
			t.Errorf("sending counter %d, want %d", got, want)
		}
	})
}

func TestSilenceAfterAForgery(t *testing.T) {
	each(t, func(t *testing.T, env *adversarytest.World) {
		s, err := adversary.Dial(context.Background(), env)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Begin(); err != nil {
			t.Fatal(err)
		}
		kind, body := s.Last()
		body[len(body)-1] ^= 1
		if err := s.SendMessage(kind, body); err != nil {
			t.Fatal(err)
		}
		frame, err := s.LastAnswer()
		if err := s.NoAnswer("NOISE-005", "a forged message", frame, err); err != nil {
			t.Error(err)
		}
		var f *conformance.Failure
		if err := s.Finish(); env.Role() == conformance.Initiator && !errors.As(err, &f) {
			t.Errorf("got %v, want a Failure: m3 cannot come", err)
		}
	})
}

// What the kit itself did wrong is no answer and no silence.
func TestAnswerOnAClosedLink(t *testing.T) {
	each(t, func(t *testing.T, env *adversarytest.World) {
		s, err := adversary.OpenChannel(context.Background(), env)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Answer(time.Second); !errors.Is(err, conformance.ErrLinkClosed) {
			t.Errorf("got %v, want ErrLinkClosed", err)
		}
	})
}

// A pinned key that the peer does not prove fails the handshake.
func TestPinnedKey(t *testing.T) {
	for _, role := range []conformance.Role{conformance.Responder, conformance.Initiator} {
		env := adversarytest.New(adversarytest.Config{
			Program: peers.Correct(), Role: role, Profile: profile.V1(), Seed: 1, Pinned: make([]byte, 32),
		})
		_, err := adversary.OpenChannel(context.Background(), env)
		var f *conformance.Failure
		if !errors.As(err, &f) || f.Requirement != "NOISE-012" {
			t.Errorf("%s: got %v, want a Failure of NOISE-012", role, err)
		}
	}
}

// A channel is on datagrams when the peer's return route has a local address (CHAN-011).
func TestOnStream(t *testing.T) {
	tested := 0
	for _, p := range peers.Lawful() {
		if p.Name != "local-address" {
			continue
		}
		for _, role := range p.Roles {
			tested++
			env := adversarytest.New(adversarytest.Config{Program: p, Role: role, Profile: profile.V1(), Seed: 1})
			s, err := adversary.OpenChannel(context.Background(), env)
			if err != nil {
				t.Fatal(err)
			}
			if s.OnStream() || len(s.Onward) != 2 {
				t.Errorf("%s: on a stream with %d addresses learnt, want datagrams and 2", role, len(s.Onward))
			}
			if err := s.EchoRandom(10); err != nil {
				t.Errorf("%s: %v", role, err)
			}
		}
	}
	if tested != 2 {
		t.Errorf("%d roles, want 2", tested)
	}
}
