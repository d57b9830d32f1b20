package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// REC-002: "n is implicit, one counter per direction, starts at 0, and grows by one per message sent." REC-007: "A replayed
// message is not delivered."
func recCounters() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/replay",
		Title:        "A record that is sent again, at once or later, is not delivered again.",
		Requirements: []string{"REC-007"},
		Run:          sealedWith(replayed("a replay of the last record", 0), replayed("a replay of an older record", 5)),
	}, {
		ID:           "rec/counter-reused",
		Title:        "A new record under a counter that was used before is not delivered.",
		Requirements: []string{"REC-007", "REC-002"},
		Profiles:     typed(), // in e09 some counters are never used
		Run: sealedWith(reused("a record under the last counter", 1), reused("a record under an older counter", 3),
			reused("a record under counter 0", 0)),
	}, {
		ID:           "rec/counter-skip",
		Title:        "On a stream, a record under a counter ahead of the next one is not delivered.",
		Requirements: []string{"REC-002"},
		Transports:   streams(),
		Run:          counterSkip,
	}, {
		ID:           "rec/sender-counter",
		Title:        "The peer's records have the counters 0, 1, 2 and so on without a gap, one by one and in a burst.",
		Requirements: []string{"REC-002"},
		Run:          senderCounter,
	}}
}

// replayed sends a genuine record, then others, then the first one again.
func replayed(words string, later int) stimulus {
	return stimulus{requirement: "REC-007", words: words, frame: func(s *adversary.Session) (frame, payload []byte, err error) {
		if payload, err = s.RandomPayload(stimulusSize); err != nil {
			return nil, nil, err
		}
		if err := s.SendPayload(payload); err != nil {
			return nil, nil, err
		}
		frame = s.Envelope(s.Sent)
		if err := s.ExpectEcho(payload, nil); err != nil {
			return nil, nil, err
		}
		return frame, payload, echoes(s, later)
	}}
}

func echoes(s *adversary.Session, n int) error {
	for range n {
		if err := s.EchoRandom(controlSize); err != nil {
			return err
		}
	}
	return nil
}

// reused seals a new payload under a counter that lies back by so many; 0 is the first counter of all.
func reused(words string, back uint64) stimulus {
	return stimulus{requirement: "REC-007", words: words, frame: func(s *adversary.Session) (frame, payload []byte, err error) {
		if err := echoes(s, 3); err != nil {
			return nil, nil, err
		}
		if payload, err = s.RandomPayload(stimulusSize); err != nil {
			return nil, nil, err
		}
		n := uint64(0)
		if back > 0 {
			n = s.Sending.N - back
		}
		return s.Envelope(s.Sending.SealAt(n, s.Inner(payload))), payload, nil
	}}
}

func counterSkip(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if !s.OnStream() { // REC-008
		return datagrams()
	}
	if err := s.Close(); err != nil {
		return err
	}
	ahead := func(words string, by uint64) stimulus {
		return record("REC-002", words, func(s *adversary.Session, inner []byte) []byte {
			return s.Sending.SealAt(s.Sending.N+by, inner)
		})
	}
	return refusedWhenOpen(ctx, env, ahead("a record one counter ahead", 1), ahead("a record two counters ahead", 2),
		ahead("a record 33 counters ahead", 33), ahead("a record 65,536 counters ahead", 1<<16))
}

func senderCounter(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := echoes(s, 40); err != nil {
		return err
	}
	var burst [][]byte
	for range 5 {
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return err
		}
		burst = append(burst, payload)
	}
	if err := s.EchoTogether(burst); err != nil {
		return err
	}
	return s.Close()
}
