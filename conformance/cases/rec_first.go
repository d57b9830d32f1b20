package cases

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// REC-004: "A message whose tag does not verify is not delivered, not even in part, and does not advance the receive counter." REC-005: "On
// datagrams it is dropped and genuine messages still get through." REC-007: "A replayed message is not delivered."
func recFirst() []conformance.Case {
	return []conformance.Case{{
		ID:           "rec/first-record-forged",
		Title:        "The first record is delivered once, though a forgery of it comes before, and another one and a replay behind it.",
		Requirements: []string{"REC-004", "REC-007"},
		Transports:   overUDP(),
		Run:          firstRecordForged,
	}, {
		ID:           "rec/forged-datagrams",
		Title:        "Records that do not verify, of every likely kind, are dropped, and genuine ones still get through.",
		Requirements: []string{"REC-005"},
		Transports:   overUDP(),
		Run:          forgedDatagrams,
	}}
}

func firstRecordForged(ctx context.Context, env conformance.Env) error {
	s, err := adversary.OpenChannel(ctx, env)
	if err != nil {
		return err
	}
	if err := s.Sacrifice(); err != nil {
		return err
	}
	payload, err := s.RandomPayload(stimulusSize)
	if err != nil {
		return err
	}
	record := s.SealPayload(payload)
	if err := s.SendRecord(forgeryOf(record)); err != nil {
		return err
	}
	if err := s.SendRecord(record); err != nil {
		return err
	}
	answer, err := s.Answer(s.Patience())
	switch {
	case err != nil:
		return s.NoAnswer("REC-004", "a forgery of the first record", nil, err)
	case answer == nil:
		return undelivered(s)
	}
	if err := s.CheckEcho(answer, payload); err != nil {
		return err
	}
	for _, again := range [][]byte{forgeryOf(record), record, forgeryOf(record), record} {
		if err := s.SendRecord(again); err != nil {
			return err
		}
	}
	replay := adversary.Rejected{Requirement: "REC-007", Words: "a forgery and a replay of the first record", Payload: payload}
	if _, err := s.Survives(replay); err != nil {
		return err
	}
	return s.Close()
}

// forgeryOf is a record with one bit of its tag changed.
func forgeryOf(record []byte) []byte {
	forged := append([]byte(nil), record...)
	forged[len(forged)-1] ^= 1
	return forged
}

// undelivered is the Failure of a peer that does not deliver a genuine record behind a forgery of it: it has counted the forgery, or has
// given up the channel.
func undelivered(s *adversary.Session) error {
	s.Sending.N++ // the peer may have counted the forgery and the genuine record behind it
	err := s.EchoRandom(controlSize)
	var f *conformance.Failure
	switch {
	case err == nil:
		return adversary.Fail("REC-004", "the echo of the first record, a forgery of which came before", "only the echo of the record after it")
	case errors.As(err, &f):
		return adversary.Fail("REC-005", "the echo of the first record behind a forgery, which is dropped on datagrams", "no answer to it, nor to the next")
	}
	return err
}

func forgedDatagrams(ctx context.Context, env conformance.Env) error {
	kind := func(words string, seal func(s *adversary.Session, inner []byte) []byte) stimulus {
		return record("REC-005", words, seal)
	}
	return refusedWhenOpen(ctx, env,
		kind("a record whose tag was changed", func(s *adversary.Session, inner []byte) []byte { return forgeryOf(s.Sending.Seal(inner)) }),
		kind("a record whose first byte was changed", func(s *adversary.Session, inner []byte) []byte {
			forged := s.Sending.Seal(inner)
			forged[0] ^= 0x80
			return forged
		}),
		kind("a record under another key", func(s *adversary.Session, inner []byte) []byte {
			key := append([]byte(nil), s.Sending.Key...)
			key[0] ^= 1
			return adversary.Seal(key, s.Sending.N, s.Sending.AD, inner)
		}),
		kind("a record under the peer's own key", func(s *adversary.Session, inner []byte) []byte {
			return adversary.Seal(s.Receiving.Key, s.Sending.N, s.Sending.AD, inner)
		}),
		kind("a record with other associated data", func(s *adversary.Session, inner []byte) []byte {
			return adversary.Seal(s.Sending.Key, s.Sending.N, []byte("other"), inner)
		}),
		kind("a record of 16 bytes", func(s *adversary.Session, _ []byte) []byte { return forgeryOf(s.Sending.Seal(nil)) }))
}
