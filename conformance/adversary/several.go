package adversary

import (
	"fmt"
	"slices"
)

// EchoTogether sends payloads, all before the first echo is awaited, and requires their echoes. Where nothing tells which of several
// datagrams of the peer's is the next one, it sends them one by one: inside another channel, and where some records cannot travel.
func (s *Session) EchoTogether(payloads [][]byte) error {
	if s.Packets && (s.below != nil || s.MayBeStuck()) {
		for _, payload := range payloads {
			if err := s.Echo(payload); err != nil {
				return err
			}
		}
		return nil
	}
	for _, payload := range payloads {
		if err := s.SendPayload(payload); err != nil {
			return err
		}
	}
	return s.ExpectEchoes(payloads)
}

// ExpectEchoes waits for the echoes of payloads that are on their way together. On a stream they come in their order. Datagrams overtake
// each other (REC-008), the kit's as well as the peer's: there each echo comes once, under one of the next counters (REC-002).
func (s *Session) ExpectEchoes(payloads [][]byte) error {
	if s.Packets {
		return s.expectAnyOrder(payloads)
	}
	for _, payload := range payloads {
		if err := s.ExpectEcho(payload, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) expectAnyOrder(payloads [][]byte) error {
	first, waiting := s.Receiving.N, slices.Clone(payloads)
	counters := make([]uint64, len(payloads))
	for i := range counters {
		counters[i] = first + uint64(i)
	}
	for len(waiting) > 0 {
		want := fmt.Sprintf("the echo of one of %d payloads, each once", len(waiting))
		frame, err := s.next("CHAN-005", want)
		if err != nil {
			return err
		}
		// What fits none is compared with the first.
		n := max(0, slices.IndexFunc(counters, func(n uint64) bool { return s.opensAt(frame, n) }))
		s.Receiving.N = counters[n]
		i := max(0, slices.IndexFunc(waiting, func(p []byte) bool { return s.Echoes(frame, s.Receiving, p) }))
		if err := s.checkEcho(frame, waiting[i], nil, want); err != nil {
			return err
		}
		counters, waiting = slices.Delete(counters, n, n+1), slices.Delete(waiting, i, i+1)
	}
	s.Receiving.N = first + uint64(len(payloads))
	return nil
}

// opensAt tells whether the record in a frame opens under a counter of the peer's.
func (s *Session) opensAt(frame []byte, n uint64) bool {
	record, ok := s.recordIn(frame)
	if ok {
		_, ok = Open(s.Receiving.Key, n, s.Receiving.AD, record)
	}
	return ok
}
