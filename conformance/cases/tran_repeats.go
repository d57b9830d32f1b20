package cases

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// TRAN-014: "On datagrams the initiator repeats m1 until m2 is accepted, and m3 until a transport message verifies or it was repeated 5
// times, byte for byte, at growing intervals (default 500 ms, doubling) within NOISE-013. A repeated m2 is answered with the same m3."
// TRAN-015: "On datagrams a responder sends m2 once for an m1 and, before open, once for each repeat of it, byte for byte, by the route of
// the first, never by timer." TRAN-016: "Profiles that do not repeat m1 do not repeat m3 by timer".
func tranRepeats() []conformance.Case {
	all := []conformance.Case{{
		ID:           "tran/m1-repeated",
		Title:        "An initiator that gets no m2 repeats m1, byte for byte, at growing intervals, and no longer when m2 has come.",
		Requirements: []string{"TRAN-014"},
		Roles:        initiator(),
		Profiles:     v1(),
		Run:          m1Repeated,
	}, {
		ID:           "tran/m3-repeated",
		Title:        "An initiator that gets no transport message repeats m3, byte for byte, at most 5 times, and no longer when one has come.",
		Requirements: []string{"TRAN-014"},
		Roles:        initiator(),
		Profiles:     v1(),
		Run:          m3Repeated,
	}, {
		ID:           "tran/m2-repeated",
		Title:        "An initiator answers a repeated m2 with the same m3.",
		Requirements: []string{"TRAN-014"},
		Roles:        initiator(),
		Profiles:     v1(),
		Run:          m2Repeated,
	}, {
		ID:           "tran/m1-repeat-answered",
		Title:        "A responder answers each repeat of m1 with one m2, the same, by the route of the first m1.",
		Requirements: []string{"TRAN-015"},
		Roles:        responder(),
		Profiles:     v1(),
		Run:          m1RepeatAnswered,
	}, {
		ID:           "tran/m2-not-by-timer",
		Title:        "A responder that gets no m3 does not send m2 again by itself.",
		Requirements: []string{"TRAN-015"},
		Roles:        responder(),
		Run:          m2NotByTimer,
	}, {
		ID:           "tran/no-repeats",
		Title:        "In a profile that does not repeat m1, an initiator repeats neither m1 nor m3.",
		Requirements: []string{"TRAN-016", "TRAN-014"},
		Roles:        initiator(),
		Profiles:     unrepeated(),
		Run:          noRepeats,
	}}
	for i := range all {
		all[i].Transports = overUDP()
	}
	return all
}

// maxRepeats is how often m3 is repeated at most.
const maxRepeats = 5

// slice is how precisely the time of a repeat is measured. It is counted, not taken from a clock: in process time is virtual.
const slice = 50 * time.Millisecond

// repeatTime is how long repeats are listened for: as long as the handshake may take, but no longer than the first few.
func repeatTime(env conformance.Env) time.Duration {
	if d := env.HandshakeDeadline(); d > 0 {
		return min(d, maxRepeatTime)
	}
	return maxRepeatTime
}

const maxRepeatTime = 4 * time.Second

// listen waits and returns what arrives, each with when it did.
func listen(s *adversary.Session, d time.Duration) (frames [][]byte, at []time.Duration, err error) {
	for now := time.Duration(0); now < d; {
		frame, err := s.ReceiveFrame(slice)
		switch {
		case adversary.Absent(err):
			now += slice
		case err != nil:
			return nil, nil, err
		default:
			frames, at = append(frames, frame), append(at, now)
		}
	}
	return frames, at, nil
}

// repeatsOf tells what is wrong with repeats of a message.
func repeatsOf(name string, message []byte, frames [][]byte, at []time.Duration) error {
	want := name + " repeated byte for byte at growing intervals"
	if len(frames) == 0 {
		return adversary.Fail("TRAN-014", want, "no repeat")
	}
	if slices.ContainsFunc(frames, func(f []byte) bool { return !bytes.Equal(f, message) }) {
		return adversary.Fail("TRAN-014", want, "another message")
	}
	if n := len(at); n >= 3 && at[n-1]-at[n-2] <= at[0] {
		return adversary.Fail("TRAN-014", want, fmt.Sprintf("%d repeats of which the last came %v after the one before, and the first after %v",
			n, at[n-1]-at[n-2], at[0]))
	}
	return nil
}

// raw waits for the next datagram as it is.
func raw(s *adversary.Session, want string) ([]byte, error) {
	frame, err := s.ReceiveFrame(s.Patience())
	if adversary.Absent(err) {
		return nil, adversary.Fail("CHAN-001", want, "no answer")
	}
	return frame, err
}

func m1Repeated(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	if err := s.ReadM1(); err != nil {
		return err
	}
	m1 := s.Frame
	frames, at, err := listen(s, repeatTime(env))
	if err != nil {
		return err
	}
	if err := repeatsOf("m1", m1, frames, at); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = adversary.OpenChannel(ctx, env); err != nil {
		return err
	}
	return noMore(env, s, "m1 after m2 was accepted", func(frame []byte) bool { return bytes.HasSuffix(frame, s.Noise.RE) })
}

// noMore requires that no repeat of a kind comes on an open channel, and closes it.
func noMore(env conformance.Env, s *adversary.Session, words string, is func(frame []byte) bool) error {
	frames, _, err := listen(s, repeatTime(env)*3/4)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(frames, is) {
		return adversary.Fail("TRAN-014", "no repeat of "+words, "one")
	}
	return s.Close()
}

func m3Repeated(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := s.ReadM3(); err != nil {
		return err
	}
	m3 := s.Frame
	s.Open()
	if _, err := s.ReceivePayload(); err != nil {
		return err
	}
	frames, at, err := listen(s, repeatTime(env))
	if err != nil {
		return err
	}
	if err := repeatsOf("m3", m3, frames, at); err != nil {
		return err
	}
	if len(frames) > maxRepeats {
		return adversary.Fail("TRAN-014", fmt.Sprintf("m3 repeated at most %d times", maxRepeats), fmt.Sprintf("%d repeats", len(frames)))
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	return noMore(env, s, "m3 after a transport message has verified", func(frame []byte) bool { return bytes.Equal(frame, m3) })
}

func m2Repeated(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := s.ReadM3(); err != nil {
		return err
	}
	m3 := s.Frame
	s.Open()
	if _, err := s.ReceivePayload(); err != nil {
		return err
	}
	for range 2 {
		if err := s.SendMessage(l.kind, l.bytes); err != nil {
			return err
		}
		frame, err := s.ReceiveFrame(min(s.Patience(), firstRepeat))
		switch {
		case adversary.Absent(err):
			return adversary.Fail("TRAN-014", "the same m3 in answer to a repeated m2", "no answer")
		case err != nil:
			return err
		case !bytes.Equal(frame, m3):
			return adversary.Fail("TRAN-014", "the same m3 in answer to a repeated m2", s.Describe(frame))
		}
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	return s.Close()
}

// firstRepeat is less than the time after which m3 is repeated anyway.
const firstRepeat = 400 * time.Millisecond

func m1RepeatAnswered(ctx context.Context, env conformance.Env) error {
	const want = "one m2 in answer to each repeat of m1, the same, by the route of the first"
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	m1 := s.MakeM1()
	if err := s.SendMessage(wire.M1, m1); err != nil {
		return err
	}
	first, err := raw(s, "m2 in answer to m1")
	if err != nil {
		return err
	}
	home := s.Return
	for range 3 {
		// The route of a repeat is that of somebody who has seen m1. Inside another channel nothing has a route.
		if len(home) > 0 {
			s.Return = append(slices.Clone(home), adversary.LocalAddress("elsewhere"))
		}
		if err := s.SendMessage(wire.M1, m1); err != nil {
			return err
		}
		again, err := s.ReceiveFrame(s.Patience())
		switch {
		case adversary.Absent(err):
			return adversary.Fail("TRAN-015", want, "no answer to a repeat")
		case err != nil:
			return err
		case !bytes.Equal(first, again):
			return adversary.Fail("TRAN-015", want, "another message: "+s.Describe(again))
		}
		if more, err := s.ReceiveFrame(env.Quiet()); err == nil {
			return adversary.Fail("TRAN-015", want, "a second answer: "+s.Describe(more))
		} else if !adversary.Absent(err) {
			return err
		}
	}
	s.Return = home
	if err := s.TakeM2(first); err != nil {
		return err
	}
	if err := s.SendMessage(s.Last()); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return err
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("TRAN-015", "a channel that opens after repeats of m1 as without", err)
	}
	return s.Close()
}

func m2NotByTimer(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	s.Mute() // else an m2 may have been asked for
	if err := s.Begin(); err != nil {
		return err
	}
	frames, _, err := listen(s, repeatTime(env)*3/4)
	if err != nil {
		return err
	}
	if len(frames) > 0 {
		return adversary.Fail("TRAN-015", "no m2 that nobody has asked for again", s.Describe(frames[0]))
	}
	return s.Close()
}

func noRepeats(ctx context.Context, env conformance.Env) error {
	s, _, err := begun(ctx, env)
	if err != nil {
		return err
	}
	frames, _, err := listen(s, repeatTime(env)*3/4)
	if err != nil {
		return err
	}
	if len(frames) > 0 {
		return adversary.Fail("TRAN-014", "no repeat of m1 in profile "+env.Profile().Name, s.Describe(frames[0]))
	}
	if err := s.Close(); err != nil {
		return err
	}
	return noRepeatOfM3(ctx, env)
}

func noRepeatOfM3(ctx context.Context, env conformance.Env) error {
	s, l, err := begun(ctx, env)
	if err != nil {
		return err
	}
	if err := s.SendMessage(l.kind, l.bytes); err != nil {
		return err
	}
	if err := s.Finish(); err != nil {
		return err
	}
	frames, _, err := listen(s, repeatTime(env))
	if err != nil {
		return err
	}
	if len(frames) > 0 {
		return adversary.Fail("TRAN-016", "no repeat of m3 in profile "+env.Profile().Name, s.Describe(frames[0]))
	}
	return s.Close()
}
