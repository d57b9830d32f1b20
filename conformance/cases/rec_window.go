package cases

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// REC-008: "On datagrams a receiver tolerates loss and reordering: with N the highest counter that verified (-1 before any), it tries N+1
// to N+W and those of N-W+1 to N-1 not yet received, W from 32 to 1,024." REC-007: "A replayed message is not delivered." REC-012: "A
// message that does not verify costs bounded work, never fails a channel on datagrams, and does not starve other channels."
func recWindow() []conformance.Case {
	all := []conformance.Case{{
		ID:           "rec/window-reorder",
		Title:        "Thirty-two records that arrive in another order are all delivered.",
		Requirements: []string{"REC-008"},
		Run:          windowReorder,
	}, {
		ID:           "rec/window-loss",
		Title:        "When 31 records in a row are lost, the next one is delivered.",
		Requirements: []string{"REC-008"},
		Run:          windowLoss,
	}, {
		ID:           "rec/window-end",
		Title:        "A record 1,025 counters ahead, or 65,536, is not delivered, and the next one is.",
		Requirements: []string{"REC-008", "REC-003"},
		Run:          windowEnd,
	}, {
		ID:           "rec/window-replay",
		Title:        "Records that arrive again, in the window and behind it, in order and out of it, are not delivered again.",
		Requirements: []string{"REC-007"},
		Run:          windowReplay,
	}, {
		ID:           "rec/forged-flood",
		Title:        "Hundreds of forged records do not keep the genuine ones from being delivered.",
		Requirements: []string{"REC-012", "REC-004"},
		Profiles:     everyProfile(),
		Run:          forgedFlood,
	}}
	for i := range all {
		all[i].Transports = overUDP()
		if all[i].Profiles == nil {
			all[i].Profiles = typed() // in e09 there are counters whose records cannot travel
		}
	}
	return append(all, conformance.Case{
		ID:           "rec/forged-beside",
		Title:        "Forged records on one channel after the other do not keep the records of another one from being delivered.",
		Requirements: []string{"REC-012"},
		Roles:        responder(),
		Run:          forgedBeside,
	})
}

// forgedBeside does not judge a peer that serves one connection at a time. What becomes of the other channels is its own affair.
func forgedBeside(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for i := range 8 {
		other, err := beside(ctx, env)
		if err != nil {
			return err
		}
		err = other.Establish()
		var f *conformance.Failure
		switch {
		case errors.As(err, &f) && i == 0 && !s.Packets:
			return alone()
		case err != nil:
			return served(i, "REC-012", err)
		}
		for range 8 {
			forged := other.Sending.Seal(other.Inner(make([]byte, stimulusSize)))
			forged[len(forged)-1] ^= 1
			if err := other.SendRecord(forged); err != nil {
				return err
			}
		}
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("REC-012", "a channel that echoes whatever comes on others", err)
		}
		if err := other.Close(); err != nil {
			return err
		}
	}
	return s.Close()
}

// minWindow is the least W.
const minWindow = 32

// numberedRecords seals n genuine records without sending them.
func numberedRecords(s *adversary.Session, n int) (records, payloads [][]byte, err error) {
	for range n {
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return nil, nil, err
		}
		records, payloads = append(records, s.SealPayload(payload)), append(payloads, payload)
	}
	return records, payloads, nil
}

// delivered sends a record and tells whether its payload is echoed.
func delivered(env conformance.Env, s *adversary.Session, record, payload []byte) (bool, error) {
	if err := s.SendRecord(record); err != nil {
		return false, err
	}
	answer, err := s.Answer(env.Patience())
	if err != nil || answer == nil {
		return false, err
	}
	return true, s.CheckEcho(answer, payload)
}

// windowReorder sends the last record first: it is as far ahead as any receiver has to look, and then the first one lies as far back.
func windowReorder(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := echoes(s, 3); err != nil {
		return err
	}
	records, payloads, err := numberedRecords(s, minWindow)
	if err != nil {
		return err
	}
	order := []int{minWindow - 1, 0}
	for i := range minWindow - 2 {
		order = append(order, 1+(i*7)%(minWindow-2)) // 7 and 30 have no common factor
	}
	for _, i := range order {
		ok, err := delivered(env, s, records[i], payloads[i])
		if err != nil {
			return blame("REC-008", "each record's own echo", err)
		}
		if !ok {
			return adversary.Fail("REC-008", fmt.Sprintf("the records of %d counters delivered in any order", minWindow),
				fmt.Sprintf("no echo of record %d when record %d had arrived", i, order[0]))
		}
	}
	if err := s.EchoRandom(controlSize); err != nil {
		return err
	}
	return s.Close()
}

func windowLoss(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for _, lost := range []int{1, minWindow - 1, minWindow - 1} {
		s.Sending.N += uint64(lost)
		payload, err := s.RandomPayload(controlSize)
		if err != nil {
			return err
		}
		ok, err := delivered(env, s, s.SealPayload(payload), payload)
		if err != nil {
			return err
		}
		if !ok {
			return adversary.Fail("REC-008", fmt.Sprintf("the record delivered that follows %d lost ones", lost), "no echo")
		}
	}
	return s.Close()
}

func windowEnd(ctx context.Context, env conformance.Env) error {
	ahead := func(requirement, words string, by uint64) stimulus {
		return record(requirement, words, func(s *adversary.Session, inner []byte) []byte {
			return s.Sending.SealAt(s.Sending.N+by, inner)
		})
	}
	return refusedWhenOpen(ctx, env, ahead("REC-008", "a record 1,025 counters ahead", 1025),
		ahead("REC-003", "a record 65,536 counters ahead", 1<<16))
}

// windowReplay sends records in order, one of them later than those behind it, and then all of them again.
func windowReplay(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	records, payloads, err := numberedRecords(s, 80)
	if err != nil {
		return err
	}
	late, arrived := 60, map[int]bool{}
	order := make([]int, 0, len(records))
	for i := range records {
		if i != late {
			order = append(order, i)
		}
		if i == late+5 {
			order = append(order, late)
		}
	}
	for _, i := range order {
		ok, err := delivered(env, s, records[i], payloads[i])
		if err != nil {
			return err
		}
		if !ok && i < late {
			return adversary.Fail("CHAN-005", "the echo of a record that arrives in order", "no answer")
		}
		if !ok { // no window, or a peer that is no longer what it was: REC-008 is another case's
			break
		}
		arrived[i] = true
	}
	if len(arrived) == len(records) {
		if err := everyDistance(s, records, payloads); err != nil {
			return err
		}
		return s.Close()
	}
	for n := range records {
		i := (late + n) % len(records)           // the late one first: each may move the window on
		if !arrived[i] || (i%9 != 0 && i < 40) { // of old ones, some
			continue
		}
		if err := s.SendRecord(records[i]); err != nil {
			return err
		}
		answer, err := s.Answer(env.Quiet())
		if err := s.NoAnswer("REC-007", "a record that has been delivered before", answer, err); err != nil {
			return err
		}
	}
	return s.Close()
}

// everyDistance sends records that have all been delivered again, the newest first, so that one comes from each distance behind the highest
// counter, up to 63: a window may forget just one of them. Genuine payloads between them are echoed, and nothing before those.
func everyDistance(s *adversary.Session, records, payloads [][]byte) error {
	const batches, batch = 4, 16
	for n := range batches { // each moves the window on by one
		newest := len(records) - 1 - n*(batch-1)
		for i := newest; i > newest-batch; i-- {
			if err := s.SendRecord(records[i]); err != nil {
				return err
			}
		}
		rejected := adversary.Rejected{
			Requirement: "REC-007", Words: "records that have been delivered before", Payload: payloads[newest], Other: "REC-007",
		}
		if _, err := s.Survives(rejected); err != nil {
			return err
		}
	}
	return nil
}

func forgedFlood(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	for i := range 320 {
		forged := s.Sending.SealAt(s.Sending.N+uint64(i%7), s.Inner(make([]byte, i)))
		forged[len(forged)-1-i%adversary.TagSize] ^= 1
		if err := s.SendRecord(forged); err != nil {
			return err
		}
		if i%20 != 19 { // no more at once than a receive buffer holds
			continue
		}
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("REC-012", fmt.Sprintf("the echo of a genuine payload behind %d forged records", i+1), err)
		}
	}
	return s.Close()
}
