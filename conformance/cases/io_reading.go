package cases

import (
	"context"
	"fmt"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// IO-002: "A read into a buffer shorter than the pending message fills the buffer and returns its length with the distinct status more data;
// following reads continue the same message; the part that completes the message returns success. No byte is lost, repeated, or merged with
// the next message." IO-006: "A pending read can be given up (deadline or cancellation) without losing a message that arrives later." The
// application is told to read so; if that works, its echoes are what they always are.
func ioReading() []conformance.Case {
	all := []conformance.Case{{
		ID:           "io/short-buffer",
		Title:        "An application that reads into a buffer of seven bytes echoes payloads of every length whole, one for one.",
		Requirements: []string{"IO-002"},
		Run:          reading(conformance.Reading{Buffer: shortBuffer}, shortReads),
	}, {
		ID:           "io/read-given-up",
		Title:        "An application that gives up reading again and again echoes what arrives later, also the rest of a frame.",
		Requirements: []string{"IO-006"},
		Run:          reading(conformance.Reading{GiveUp: givenUpAfter}, readsGivenUp),
	}}
	for i := range all {
		all[i].Needs = conformance.NeedsReading
	}
	return all
}

const (
	shortBuffer  = 7
	givenUpAfter = 10 * time.Millisecond
	giveUps      = 5 // that there are at least in a pause
)

// A readingEnv makes sessions in which the peer's application reads in a way of its own.
type readingEnv struct {
	conformance.ReadingEnv
	how conformance.Reading
}

// Open implements conformance.Env.
func (e readingEnv) Open(ctx context.Context) (conformance.Link, error) {
	return e.OpenReading(ctx, e.how)
}

// reading runs a check on an open channel in which the application reads so. What it does when it reads as it likes, the control has shown.
func reading(how conformance.Reading, check func(conformance.Env, *adversary.Session) error) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		teller, ok := env.(conformance.ReadingEnv)
		if !ok {
			return &conformance.Inapplicable{Reason: "the peer cannot be told how its application reads"}
		}
		env = readingEnv{teller, how}
		s, err := adversary.OpenChannel(ctx, env)
		if err != nil {
			return err
		}
		if err := check(env, s); err != nil {
			return err
		}
		return s.Close()
	}
}

func shortReads(env conformance.Env, s *adversary.Session) error {
	const want = "whole echoes from an application that reads into a short buffer"
	for _, size := range []int{0, 1, shortBuffer - 1, shortBuffer, shortBuffer + 1, 2*shortBuffer - 1, 2 * shortBuffer, 2*shortBuffer + 1, 100, 1000} {
		if err := s.EchoRandom(size); err != nil {
			return blame("IO-002", fmt.Sprintf("%s, of %d bytes", want, size), err)
		}
	}
	if s.Packets {
		return blame("IO-002", want, s.ExpectNothing(env.Quiet(), "IO-002", "payloads that were all echoed"))
	}
	s.Hold()
	sent, err := sendSeveral(s, 20, shortBuffer, 0, 50, 1)
	if err != nil {
		return err
	}
	if err := s.Release(); err != nil {
		return err
	}
	if err := s.ExpectEchoes(sent); err != nil {
		return blame("IO-002", want+", one for each of five payloads", err)
	}
	return s.ExpectNothing(env.Quiet(), "IO-002", "payloads that were all echoed")
}

func readsGivenUp(env conformance.Env, s *adversary.Session) error {
	const want = "an echo from an application that has given up reading before"
	pause := max(env.Quiet(), giveUps*givenUpAfter)
	for _, size := range []int{controlSize, 0, 300} {
		if err := s.ExpectNothing(pause, "IO-006", "a pause"); err != nil {
			return err
		}
		if err := s.EchoRandom(size); err != nil {
			return blame("IO-006", want, err)
		}
	}
	if s.Packets {
		return nil
	}
	for _, cut := range []int{1, 2, 10} {
		s.Hold()
		sent, err := sendSeveral(s, controlSize)
		if err != nil {
			return err
		}
		frame := s.Take()
		if err := s.SendRaw(frame[:cut]); err != nil {
			return err
		}
		if err := s.ExpectNothing(pause, "IO-006", "a part of a frame"); err != nil {
			return err
		}
		if err := s.SendRaw(frame[cut:]); err != nil {
			return err
		}
		if err := s.ExpectEchoes(sent); err != nil {
			return blame("IO-006", want+", in the middle of a frame", err)
		}
	}
	return nil
}
