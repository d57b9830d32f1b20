package adversary_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/ref/profile"
)

// A swapping link lets datagrams overtake each other: of every two, the second comes first.
type swapping struct {
	conformance.Link
	held, early []byte
}

func (l *swapping) Send(p []byte) error {
	if l.held == nil {
		l.held = p
		return nil
	}
	first := l.held
	l.held = nil
	return errors.Join(l.Link.Send(p), l.Link.Send(first))
}

func (l *swapping) Receive(wait time.Duration) ([]byte, error) {
	if p := l.early; p != nil {
		l.early = nil
		return p, nil
	}
	first, err := l.Link.Receive(wait)
	if err != nil {
		return nil, err
	}
	second, err := l.Link.Receive(wait)
	if err != nil {
		return first, nil //nolint:nilerr // there is no second one
	}
	l.early = first
	return second, nil
}

func numbered(n int) [][]byte {
	var all [][]byte
	for i := range n {
		all = append(all, fmt.Appendf(nil, "payload %d", i))
	}
	return all
}

// Payloads that are sent together are all echoed, whatever way and order there is; datagrams may overtake each other where the kit sends
// several.
func TestEchoTogether(t *testing.T) {
	ran := 0
	for _, p := range profile.All() {
		for _, transport := range []conformance.Transport{conformance.TCP, conformance.UDP} {
			for _, swapped := range []bool{false, true} {
				v1 := transport == conformance.UDP && len(p.ForbiddenBodies) == 0
				if transport == conformance.TCP && !slices.Contains(p.Transports, profile.TCP) || swapped && !v1 {
					continue
				}
				ran++
				t.Run(fmt.Sprintf("%s/%s/%v", p.Name, transport, swapped), func(t *testing.T) {
					env := adversarytest.New(adversarytest.Config{
						Program: peers.Correct(), Role: conformance.Responder, Profile: p, Transport: transport, Seed: 1,
					})
					s, err := adversary.OpenChannel(context.Background(), env)
					if err != nil {
						t.Fatal(err)
					}
					if swapped {
						s.Link = &swapping{Link: s.Link}
					}
					for range 40 { // in e09 some records of so many cannot travel
						if err := s.EchoTogether(numbered(8)); err != nil {
							t.Fatal(err)
						}
					}
					if s.Receiving.N < 320 {
						t.Errorf("the next counter is %d, want 320 or more", s.Receiving.N)
					}
				})
			}
		}
	}
	if ran != 9 {
		t.Errorf("%d runs, want 9", ran)
	}
}

// An echo that is altered, and one that is lost, is found over datagrams too; one that comes twice may have been duplicated on its way.
func TestEchoTogetherFinds(t *testing.T) {
	for name, test := range map[string]struct {
		link func(conformance.Link) conformance.Link
		want string
	}{
		"lost":    {func(l conformance.Link) conformance.Link { return &filter{Link: l, drop: 2} }, "CHAN-005"},
		"altered": {func(l conformance.Link) conformance.Link { return &filter{Link: l, alter: 2} }, "REC-001"},
		"twice":   {func(l conformance.Link) conformance.Link { return &filter{Link: l, repeat: 2} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			env := adversarytest.New(adversarytest.Config{
				Program: peers.Correct(), Role: conformance.Responder, Profile: profile.V1(), Transport: conformance.UDP, Seed: 1,
			})
			s, err := adversary.OpenChannel(context.Background(), env)
			if err != nil {
				t.Fatal(err)
			}
			s.Link = test.link(s.Link)
			var f *conformance.Failure
			err = s.EchoTogether(numbered(8))
			if test.want == "" && err == nil {
				return
			}
			if !errors.As(err, &f) || f.Requirement != test.want {
				t.Errorf("got %v, want a failure of %s", err, test.want)
			}
		})
	}
}

// A filter alters what is received: its nth datagram, from 1.
type filter struct {
	conformance.Link
	drop, alter, repeat int
	n                   int
	again               []byte
}

func (l *filter) Receive(wait time.Duration) ([]byte, error) {
	if p := l.again; p != nil {
		l.again = nil
		return p, nil
	}
	p, err := l.Link.Receive(wait)
	if err != nil {
		return nil, err
	}
	switch l.n++; l.n {
	case l.drop:
		return l.Receive(wait)
	case l.alter:
		p[len(p)-1] ^= 1
	case l.repeat:
		l.again = append([]byte(nil), p...)
	}
	return p, nil
}
