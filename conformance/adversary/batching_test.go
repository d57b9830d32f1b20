package adversary_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/conformance/adversary/adversarytest"
	"ockamtest/conformance/adversary/peers"
	"ockamtest/ref/profile"
)

// A batching link is that of a peer which reads what has come since it last looked at once, and which loses its answers to that if something in
// it ends the connection.
type batching struct {
	conformance.Link
	unread []byte
}

func (l *batching) Send(p []byte) error {
	l.unread = append(l.unread, p...)
	return nil
}

func (l *batching) Receive(wait time.Duration) ([]byte, error) {
	if l.unread != nil {
		if err := l.Link.Send(l.unread); err != nil {
			return nil, err
		}
		l.unread = nil
	}
	var answers []byte
	for {
		p, err := l.Link.Receive(wait)
		switch {
		case err == nil:
			answers = append(answers, p...)
			continue
		case errors.Is(err, conformance.ErrQuiet) && answers != nil:
			return answers, nil
		}
		return nil, err
	}
}

// REC-004: that a peer takes a forged record for right is seen also if the genuine one behind it would take the echo away.
func TestSurvivesInBatches(t *testing.T) {
	all := peers.Broken()
	i := slices.IndexFunc(all, func(f peers.Fault) bool { return f.Name == "tag-last-byte-ignored" })
	if i < 0 {
		t.Fatal("there is no such broken peer")
	}
	for name, program := range map[string]conformance.Program{"correct": peers.Correct(), "broken": all[i].Program} {
		t.Run(name, func(t *testing.T) {
			s, err := adversary.OpenChannel(context.Background(), adversarytest.New(adversarytest.Config{
				Program: program, Role: conformance.Responder, Profile: profile.V1(), Seed: 1,
			}))
			if err != nil {
				t.Fatal(err)
			}
			s.Link = &batching{Link: s.Link}
			if err := s.EchoRandom(20); err != nil {
				t.Fatal(err)
			}
			payload := []byte("forged")
			forged := s.Sending.Seal(s.Inner(payload))
			forged[len(forged)-1] ^= 1
			if err := s.SendRecord(forged); err != nil {
				t.Fatal(err)
			}
			_, err = s.Survives(adversary.Rejected{Requirement: "REC-004", Words: "a forged record", Payload: payload})
			var f *conformance.Failure
			if found := errors.As(err, &f) && f.Requirement == "REC-004"; found != (name == "broken") || !found && err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A pausing link counts how often something was waited for between two writes.
type pausing struct {
	conformance.Link
	writes, unpaused int
	waited           bool
}

func (l *pausing) Send(p []byte) error {
	if l.writes > 0 && !l.waited {
		l.unpaused++
	}
	l.writes++
	l.waited = false
	return l.Link.Send(p)
}

func (l *pausing) Receive(wait time.Duration) ([]byte, error) {
	l.waited = true
	return l.Link.Receive(wait)
}

// TRAN-002: pieces of a frame leave apart, so that no peer reads them at once, and what it answers meanwhile is not lost.
func TestPiecesAreApart(t *testing.T) {
	s, err := adversary.OpenChannel(context.Background(), adversarytest.New(adversarytest.Config{
		Program: peers.Correct(), Role: conformance.Responder, Profile: profile.V1(), Seed: 1,
	}))
	if err != nil {
		t.Fatal(err)
	}
	link := &pausing{Link: s.Link}
	s.Link = link
	s.Cut = adversary.CutAt(1, 2, 10)
	for range 3 {
		if err := s.EchoRandom(40); err != nil {
			t.Fatal(err)
		}
	}
	if link.writes != 12 || link.unpaused != 0 {
		t.Errorf("%d writes, %d without a pause before, want 12 and 0", link.writes, link.unpaused)
	}
	first, second := []byte("answered while the second leaves"), []byte("the second")
	s.Cut = nil
	if err := s.SendPayload(first); err != nil {
		t.Fatal(err)
	}
	s.Cut = adversary.CutAt(1, 2, 10)
	if err := s.SendPayload(second); err != nil {
		t.Fatal(err)
	}
	if err := s.ExpectEchoes([][]byte{first, second}); err != nil {
		t.Error(err)
	}
}
