package cases

import (
	"context"
	"fmt"
	"slices"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// TRAN-010: "One message is one datagram, without framing." TRAN-011: "A datagram longer than the receiver's limit is dropped whole,
// never delivered truncated." TRAN-013: "Junk, empty, duplicated, or reordered datagrams never crash, hang, or permanently disable the
// endpoint."
func tranDatagrams() []conformance.Case {
	return []conformance.Case{{
		ID:           "tran/one-message-one-datagram",
		Title:        "A record with a length before it, or two records in one datagram, is no message.",
		Requirements: []string{"TRAN-010"},
		Transports:   overUDP(),
		Run:          oneMessageOneDatagram,
	}, {
		ID:           "tran/datagram-cut",
		Title:        "Datagrams that would be genuine records if a receiver cut them where a buffer of usual size is full are dropped.",
		Requirements: []string{"TRAN-011"},
		Transports:   overUDP(),
		Run:          datagramCut,
	}, {
		ID:           "tran/junk-datagrams",
		Title:        "Junk and empty datagrams before, in, and after the handshake are dropped, and the channel opens and echoes.",
		Requirements: []string{"TRAN-013"},
		Transports:   overUDP(),
		Run:          junkDatagrams,
	}, {
		ID:           "tran/duplicated-datagrams",
		Title:        "A channel opens and echoes each payload once though every datagram of the kit's arrives twice.",
		Requirements: []string{"TRAN-013", "REC-007"},
		Transports:   overUDP(),
		Run:          duplicatedDatagrams,
	}}
}

// whole is a datagram made of a genuine record.
func whole(requirement, words string, alter func(datagram []byte) []byte) stimulus {
	x := record(requirement, words, func(s *adversary.Session, inner []byte) []byte { return s.Sending.Seal(inner) })
	genuine := x.frame
	x.frame = func(s *adversary.Session) (frame, payload []byte, err error) {
		frame, payload, err = genuine(s)
		return alter(frame), payload, err
	}
	return x
}

func oneMessageOneDatagram(ctx context.Context, env conformance.Env) error {
	return refusedWhenOpen(ctx, env,
		whole("TRAN-010", "a record with its length before it", adversary.Frame),
		whole("TRAN-010", "two records in one datagram", func(d []byte) []byte { return slices.Concat(d, d) }),
		whole("TRAN-010", "two records with their lengths in one datagram", func(d []byte) []byte {
			return slices.Concat(adversary.Frame(d), adversary.Frame(d))
		}))
}

// bufferSizes are those that a receiver may have.
func bufferSizes() []int {
	return []int{512, 1024, 1280, 1400, 1472, 1500, 2048, 4096, 8192, 9216, 16384, 32767, 32768, 65000}
}

// datagramCut builds each datagram round a genuine record that is as long as the buffer.
func datagramCut(ctx context.Context, env conformance.Env) error {
	var all []stimulus
	for _, size := range bufferSizes() {
		if p := env.Profile(); p.SendLimit > 0 && size > p.ReceiveLimit || p.MessageLimit > 0 && size > p.MessageLimit {
			continue
		}
		all = append(all, stimulus{
			requirement: "TRAN-011", words: fmt.Sprintf("a datagram whose first %d bytes are a genuine record", size),
			frame: func(s *adversary.Session) (frame, payload []byte, err error) {
				empty := len(s.Envelope(s.Sending.Seal(s.Inner(nil))))
				if payload, err = s.RandomPayload(size - empty); err != nil {
					return nil, nil, err
				}
				return append(s.Envelope(s.Sending.Seal(s.Inner(payload))), make([]byte, 100)...), payload, nil
			},
		})
	}
	return refusedWhenOpen(ctx, env, all...)
}

// junk makes datagrams that are no messages of anybody: of all sizes, some of which look like one at first.
func junk(s *adversary.Session) ([][]byte, error) {
	all := [][]byte{{}, {0}, {1}, {1, 0}, {1, 0, 0}, {1, 255, 255}, make([]byte, 40), make([]byte, 1400)}
	for _, n := range []int{5, 20, 33, 100, 1200} {
		random, err := s.Random(n)
		if err != nil {
			return nil, err
		}
		all = append(all, random, append([]byte{1, 0, 0}, random...))
	}
	return all, nil
}

func sendJunk(s *adversary.Session) error {
	all, err := junk(s)
	if err != nil {
		return err
	}
	for _, d := range all {
		if err := s.SendRaw(d); err != nil {
			return err
		}
	}
	return nil
}

func junkDatagrams(ctx context.Context, env conformance.Env) error {
	const want = "junk that is dropped, and the next message as without it"
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	steps := []func() error{
		s.Begin,
		func() error { return s.SendMessage(s.Last()) },
		s.Finish,
		func() error { return s.EchoRandom(controlSize) },
	}
	for i, step := range steps {
		if i != 2 { // it follows the step before at once
			if err := sendJunk(s); err != nil {
				return err
			}
		}
		if err := step(); err != nil {
			return blame("TRAN-013", want, err)
		}
	}
	return s.Close()
}

func duplicatedDatagrams(ctx context.Context, env conformance.Env) error {
	s, err := adversary.Dial(ctx, env)
	if err != nil {
		return err
	}
	s.Copies = 2
	if err := s.Establish(); err != nil {
		return blame("TRAN-013", "a handshake as without duplicates", err)
	}
	for range 3 {
		if err := s.EchoRandom(controlSize); err != nil {
			return blame("TRAN-013", "an echo as without duplicates", err)
		}
		if err := s.ExpectNothing(env.Quiet(), "REC-007", "a record that arrives a second time"); err != nil {
			return err
		}
	}
	return s.Close()
}
