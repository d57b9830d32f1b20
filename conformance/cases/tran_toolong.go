package cases

import (
	"context"
	"errors"
	"fmt"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-005: "A message longer than 65535 bytes, or than the profile's limit, is refused with an error before any byte is sent. The length is
// never truncated." REC-010: "A longer one is refused by the sender with an error, without using a counter value." A peer can be made to
// want to send one: it writes more addresses than the kit, and so the echo of the longest payload does not fit.
func tranTooLong() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/too-long-to-send",
		Title:        "An echo that is longer than a message may be is not sent, not even in part, and takes no counter.",
		Requirements: []string{"TRAN-005", "REC-010"},
		Run:          tooLongToSend,
	}}
}

// tooLongToSend does not judge an application that ends its channel when a write is refused.
func tooLongToSend(ctx context.Context, env conformance.Env) error {
	for i := range 2 {
		s, err := adversary.OpenChannel(ctx, env)
		if err != nil {
			return served(i, "TRAN-005", err)
		}
		if err := s.EchoRandom(controlSize); err != nil {
			return err
		}
		least, greatest, ok := s.Unanswerable()
		if !ok {
			return &conformance.Inapplicable{Reason: "the peer's messages are as short as the kit's: it sends whatever it receives"}
		}
		if err := echoesLongest(env, s, s.MaxPayload()); err != nil {
			return err
		}
		if err := notSent(s, []int{least, greatest}[i]); err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
	return nil
}

// notSent sends a payload of n bytes, whose echo is too long, and then one whose echo has the next counter, if it comes.
func notSent(s *adversary.Session, n int) error {
	words := fmt.Sprintf("a payload of %d bytes, whose echo is too long", n)
	payload, err := s.RandomPayload(n)
	if err != nil {
		return err
	}
	if err := s.SendFrame(s.Bare(s.SealPayload(payload))); err != nil {
		return err
	}
	genuine, err := s.RandomPayload(controlSize)
	if err != nil {
		return err
	}
	if err := s.SendPayload(genuine); err != nil {
		return err
	}
	answer, err := s.Answer(s.Patience())
	switch {
	case err != nil:
		return s.NoAnswer("TRAN-005", words, nil, err)
	case answer == nil, s.Echoes(answer, s.Receiving, genuine):
		return nil
	}
	err = s.CheckEcho(answer, genuine)
	var f *conformance.Failure
	if errors.As(err, &f) && (f.Requirement == "REC-002" || f.Requirement == "REC-003") {
		return blame("REC-010", "after "+words+", the next echo under the next counter", err)
	}
	return blame("TRAN-005", "no answer to "+words, err)
}
