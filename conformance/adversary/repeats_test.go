package adversary_test

import (
	"bytes"
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

// A babbler is a link on which nothing comes any more but the first datagram, again and again.
type babbler struct {
	conformance.Link
	first []byte
	times int
}

func (b *babbler) Receive(time.Duration) ([]byte, error) {
	b.times++
	return bytes.Clone(b.first), nil
}

// Repeats are passed over, and do not make a wait longer: it ends though they do not (TRAN-014, NOISE-013).
func TestRepeatsDoNotProlongAWait(t *testing.T) {
	for _, test := range []struct {
		name string
		wait func(s *adversary.Session) error
	}{
		{"silence", func(s *adversary.Session) error {
			frame, err := s.Answer(10 * time.Millisecond)
			if frame != nil {
				t.Errorf("got %x, want no answer", frame)
			}
			return err
		}},
		{"a message that is awaited", func(s *adversary.Session) error {
			s.Hurry(int(s.Patience() / (10 * time.Millisecond)))
			err := s.ReadM3()
			var f *conformance.Failure
			if !errors.As(err, &f) || f.Requirement != "CHAN-001" || !s.Silent() {
				t.Errorf("got %v, silent %t, want a Failure of CHAN-001, because nothing came", err, s.Silent())
			}
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := adversary.Dial(context.Background(), adversarytest.New(adversarytest.Config{
				Program: peers.Correct(), Role: conformance.Initiator, Profile: profile.V1(), Transport: conformance.UDP, Seed: 1,
			}))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.ReadM1(); err != nil {
				t.Fatal(err)
			}
			link := &babbler{Link: s.Link, first: s.Frame}
			s.Link = link
			if err := test.wait(s); err != nil {
				t.Error(err)
			}
			if link.times < 2 {
				t.Errorf("%d repeats, want some", link.times)
			}
		})
	}
}
