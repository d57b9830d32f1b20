package cases

import (
	"context"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// REC-013: "Whether the 1,008 and 1,024 bytes of profile c09 count the 4-byte inner header is not known of all its peers. Here they count
// application bytes". REC-014: "A record that arrives when all counters of its direction are spent is dropped and, on a stream too, does not
// fail the channel."
func recLimits() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/limit-without-header",
		Title:        "Payloads of 1,005 to 1,008 bytes come back: the profile's limit does not count the inner header.",
		Requirements: []string{"REC-013"},
		Profiles:     c09(),
		Run:          limitWithoutHeader,
	}, {
		ID:           "rec/spent-counters",
		Title:        "Records that arrive on a stream when all counters of their direction are spent are dropped, and the connection stays.",
		Requirements: []string{"REC-014", "REC-003"},
		Transports:   streams(),
		Tags:         []string{conformance.TagLong},
		Run:          spentCounters,
	}}
}

func limitWithoutHeader(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	limit := env.Profile().SendLimit
	header := len(s.Inner(nil))
	if err := s.EchoRandom(limit - header); err != nil { // that has to come however limits are counted
		return err
	}
	for n := limit - header + 1; n <= limit; n++ {
		if err := s.EchoRandom(n); err != nil {
			return blame("REC-013", fmt.Sprintf("the echo of a payload of %d bytes", n), err)
		}
	}
	return s.Close()
}

// spentCounters spends the counters with inner messages that do not parse: each uses up its counter and is not answered (REC-009).
func spentCounters(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if !s.OnStream() {
		return datagrams()
	}
	for s.Sending.N < lastCounter {
		if err := s.SendRecord(s.SealInner([]byte{9})); err != nil {
			return err
		}
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return blame("REC-003", fmt.Sprintf("a channel whose counters run to %d", lastCounter), err)
	}
	for _, n := range []uint64{lastCounter + 1, lastCounter + 2, 0, lastCounter} {
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return err
		}
		if err := s.SendRecord(s.Sending.SealAt(n, s.Inner(payload))); err != nil {
			return err
		}
		if err := s.ExpectNothing(env.Quiet(), "REC-003", "a record when all counters are spent"); err != nil {
			return err
		}
		if s.Ended() {
			return adversary.Fail("REC-014", "a channel that outlives a record that comes when all counters are spent", "the end of the connection")
		}
	}
	return s.Close()
}
