package cases

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// REC-003: "A (key, nonce) pair is never used twice. Counters run from 0 to 65,535 (deployed peers hold 16 bits): the 65,537th
// write in a direction is refused with a distinct error and sends nothing; receivers try no higher counter".
func recRun() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/long-run",
		Title:        "Three hundred payloads are echoed under counters that grow beyond 255.",
		Requirements: []string{"REC-003", "REC-002"},
		Run: func(ctx context.Context, env conformance.Env) error {
			return longRun(ctx, env, 300)
		},
	}, {
		ID:           "rec/counter-65536",
		Title:        "Counters run to 65,535, and the payload after that is not answered.",
		Requirements: []string{"REC-003"},
		Tags:         []string{conformance.TagLong},
		Profiles:     typed(), // in e09 there are counters whose records cannot travel
		Run:          counterLimit,
	}, {
		ID:           "rec/counter-65536-untagged",
		Title:        "Counters run to 65,535 though the records of some cannot travel, and what comes under a higher one, or under 0 again, is not answered.",
		Requirements: []string{"REC-003"},
		Tags:         []string{conformance.TagLong},
		Profiles:     []string{"e09"},
		Run:          untaggedLimit,
	}}
}

// untaggedLimit spends the counters of the kit's direction with inner messages that do not parse, which are not answered (REC-009), and passes
// over those whose records cannot travel (section 11).
func untaggedLimit(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	unparsed := []byte{wire.Version, 0xff} // it begins as every inner message does: of that depends what can travel
	for i := 0; ; i++ {
		record := s.SealInner(unparsed)
		if s.Sending.N > lastCounter+1 {
			break
		}
		if err := s.SendRecord(record); err != nil {
			return err
		}
		if i%window == 0 && s.Sending.N < lastCounter-2*window { // near the end one of its records might be the last
			if err := s.EchoRandom(controlSize); err != nil {
				return blame("REC-003", fmt.Sprintf("counters from 0 to %d", lastCounter), err)
			}
		}
	}
	for _, n := range []uint64{lastCounter + 1, 0} {
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return err
		}
		inner := s.Inner(payload)
		for slices.Contains(env.Profile().ForbiddenBodies, s.Sending.SealAt(n, inner)[0]) {
			n++
		}
		if err := s.SendRecord(s.Sending.SealAt(n, inner)); err != nil {
			return err
		}
		answer, err := s.Answer(env.Quiet())
		if err := s.NoAnswer("REC-003", fmt.Sprintf("a record under counter %d when all are spent", n), answer, err); err != nil {
			return err
		}
	}
	return s.Close()
}

// window is how many payloads are on their way at once.
const window = 16

// lastCounter is the highest counter (REC-003).
const lastCounter = 65535

func longRun(ctx context.Context, env conformance.Env, n int) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	const wraps = 256 // where a counter of 8 bits ends; before, an error is another's
	if err := run(s, 0, wraps-window); err != nil {
		return err
	}
	if err := run(s, wraps-window, n); err != nil {
		return blame("REC-003", "counters that go on beyond 255", err)
	}
	return s.Close()
}

// run exchanges the payloads numbered from first to before end, several at once.
func run(s *adversary.Session, first, end int) error {
	for ; first < end; first += window {
		var sent [][]byte
		for i := first; i < min(first+window, end); i++ {
			sent = append(sent, binary.BigEndian.AppendUint32(nil, uint32(i)))
		}
		if err := s.EchoTogether(sent); err != nil {
			return err
		}
	}
	return nil
}

func counterLimit(ctx context.Context, env conformance.Env) error {
	return counterEnd(ctx, env, lastCounter)
}

// counterEnd uses up the counters to last, and sends one payload more. A responder has no counter left to receive it with: it may wrongly
// go on counting, or begin at 0 again, as a counter of 16 bits does. An initiator, whose first payload took a counter, has none to answer.
func counterEnd(ctx context.Context, env conformance.Env, last int) error {
	next := []uint64{uint64(last) + 1, 0}
	if env.Role() == conformance.Initiator {
		next = []uint64{uint64(last)}
	}
	for _, n := range next {
		if err := payloadAfter(ctx, env, last, n); err != nil {
			return err
		}
	}
	return nil
}

// payloadAfter sends a payload under counter n on a channel whose counters are used up.
func payloadAfter(ctx context.Context, env conformance.Env, last int, n uint64) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	// The peer's counter may be ahead: an initiator has sent a payload of its own.
	if err := run(s, 0, last+1-int(max(s.Receiving.N, s.Sending.N))); err != nil {
		return blame("REC-003", fmt.Sprintf("counters from 0 to %d", last), err)
	}
	payload, err := s.RandomPayload(controlSize)
	if err != nil {
		return err
	}
	if err := s.SendRecord(s.Sending.SealAt(n, s.Inner(payload))); err != nil {
		return err
	}
	answer, err := s.LastAnswer()
	if err := s.NoAnswer("REC-003", "a payload for whose echo, or for which itself, no counter is left", answer, err); err != nil {
		return err
	}
	return s.Close()
}
