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

// A losing link loses what is sent first.
type losing struct {
	conformance.Link
	lose, sent int
}

func (l *losing) Send(p []byte) error {
	if l.sent++; l.sent <= l.lose {
		return nil
	}
	return l.Link.Send(p)
}

// TRAN-014: as initiator the kit repeats m1 in v1 on datagrams, at growing intervals, and nowhere else.
func TestM1IsRepeated(t *testing.T) {
	tests := []struct {
		name      string
		profile   profile.Profile
		transport conformance.Transport
		mute      bool
		lose      int
		sent      int // messages until m2 has come, or nothing more is tried
		ok        bool
	}{
		{"nothing lost", profile.V1(), conformance.UDP, false, 0, 1, true},
		{"one lost", profile.V1(), conformance.UDP, false, 1, 2, true},
		{"three lost", profile.V1(), conformance.UDP, false, 3, 4, true},
		{"all lost", profile.V1(), conformance.UDP, false, 99, 4, false}, // after 0, 0.5, 1.5, and 3.5 s of 5 s
		{"muted", profile.V1(), conformance.UDP, true, 1, 1, false},
		{"another profile", profile.C09(), conformance.UDP, false, 1, 1, false},
		{"a stream", profile.V1(), conformance.TCP, false, 1, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env := adversarytest.New(adversarytest.Config{
				Program: peers.Correct(), Role: conformance.Responder, Profile: tt.profile, Transport: tt.transport, Seed: 1,
			})
			s, err := adversary.Dial(context.Background(), env)
			if err != nil {
				t.Fatal(err)
			}
			link := &losing{Link: s.Link, lose: tt.lose}
			if s.Link = link; tt.mute {
				s.Mute()
			}
			err = s.Begin()
			var f *conformance.Failure
			if tt.ok != (err == nil) || !tt.ok && !errors.As(err, &f) {
				t.Errorf("got %v, want success %v", err, tt.ok)
			}
			if link.sent != tt.sent {
				t.Errorf("%d messages sent, want %d", link.sent, tt.sent)
			}
			if err := s.ExpectNothing(time.Millisecond, "TRAN-015", "m1"); err != nil {
				t.Error(err)
			}
		})
	}
}

// A record that comes again byte for byte is passed over on datagrams, and breaks REC-002 on a stream: it is no second use of a counter.
func TestCopiesOfRecords(t *testing.T) {
	for _, transport := range []conformance.Transport{conformance.UDP, conformance.TCP} {
		env := adversarytest.New(adversarytest.Config{
			Program: peers.Correct(), Role: conformance.Responder, Profile: profile.V1(), Transport: transport, Seed: 1,
		})
		s, err := adversary.OpenChannel(context.Background(), env)
		if err != nil {
			t.Fatal(err)
		}
		s.Link = &filter{Link: s.Link, repeat: 1}
		if err := s.EchoRandom(24); err != nil {
			t.Fatal(err)
		}
		err = s.EchoRandom(25)
		var f *conformance.Failure
		if transport == conformance.UDP && err != nil || transport == conformance.TCP && (!errors.As(err, &f) || f.Requirement != "REC-002") {
			t.Errorf("%s: got %v", transport, err)
		}
	}
}
