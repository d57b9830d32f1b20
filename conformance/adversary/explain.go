package adversary

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"ockamtest/conformance"
	"ockamtest/ref/wire"
)

// Explain looks for the rule behind a Failure that says no more than that the peer did not answer. It plays the exchange again
// on new links, each time with one rule read wrongly, as the peer may read it: what the peer answers tells. It returns the
// Failure that names the rule, or the error given: what goes wrong on the way explains nothing.
func (s *Session) Explain(ctx context.Context, err error) error {
	var f *conformance.Failure
	if !errors.As(err, &f) || !s.unanswered {
		return err
	}
	var tries []attempt
	switch {
	case s.Receiving.Key != nil:
		tries = s.otherRecords()
	case s.Initiator() && s.spoken == nil && s.below != nil:
		tries = otherPayloads()
	case s.Initiator() && s.spoken == nil && s.Packets:
		tries = otherDatagrams()
	case s.Initiator() && s.spoken == nil:
		tries = otherFrames()
	case !s.Initiator() && s.spoken != nil:
		tries = otherM2s()
	}
	if s.MayBeStuck() {
		tries = slices.Concat(tries, tries)
	}
	for _, t := range tries {
		again, dialErr := Dial(ctx, s.env)
		if dialErr != nil {
			return err
		}
		answered, tryErr := t.play(again)
		if closeErr := again.Close(); closeErr != nil || tryErr != nil && !errors.As(tryErr, &f) {
			return err
		}
		if answered {
			return failure(t.requirement, t.expected, t.words)
		}
	}
	return err
}

// An attempt plays a part of the exchange with one rule read wrongly, and tells whether the peer answers it as if that were right.
type attempt struct {
	requirement, expected, words string
	play                         func(s *Session) (bool, error)
}

// pause is how long an attempt waits for an answer: dead peers give none, and there are many attempts.
func (s *Session) pause() time.Duration { return 4 * s.env.Quiet() }

// otherFrames send m1 in frames of other forms.
func otherFrames() []attempt {
	form := func(words string, size int, frame func(m []byte) []byte) attempt {
		return attempt{"TRAN-001", "m2 in answer to an m1 behind a 2-byte big-endian length", "m2 only if " + words,
			func(s *Session) (bool, error) {
				if err := s.SendRaw(frame(s.Outer(wire.M1, s.MakeM1()).Bytes())); err != nil {
					return false, err
				}
				if err := s.Await(s.pause()); err != nil {
					return false, s.missing("TRAN-001", "m2", err)
				}
				m, err := ParseMessage(s.in[min(size, len(s.in)):])
				return err == nil && m.Type == wire.M2, nil
			}}
	}
	return []attempt{
		form("the length is little-endian", 2, func(m []byte) []byte {
			return append(binary.LittleEndian.AppendUint16(nil, uint16(len(m))), m...)
		}),
		form("the length counts itself", 2, func(m []byte) []byte { return FrameOf(len(m)+2, m) }),
		form("the length has 4 bytes", 4, func(m []byte) []byte { return append([]byte{0, 0}, Frame(m)...) }),
		form("there is no length", 0, func(m []byte) []byte { return m }),
	}
}

// otherDatagrams send m1 in a datagram of another form.
func otherDatagrams() []attempt {
	return []attempt{{"TRAN-010", "m2 in answer to an m1 that is the whole datagram", "m2 only if a length stands before the message",
		func(s *Session) (bool, error) {
			if err := s.SendRaw(Frame(s.Outer(wire.M1, s.MakeM1()).Bytes())); err != nil {
				return false, err
			}
			err := s.Await(s.pause())
			if Absent(err) {
				err = nil
			}
			return len(s.packets) > 0, err
		}}}
}

// otherPayloads send m1 in a payload of another form.
func otherPayloads() []attempt {
	return []attempt{{"CHAN-008", "m2 in answer to an m1 that is the whole payload of the channel below", "m2 only if a length stands before the message",
		func(s *Session) (bool, error) {
			if err := s.SendFrame(Frame(s.Outer(wire.M1, s.MakeM1()).Bytes())); err != nil {
				return false, err
			}
			frame, err := s.Answer(s.pause())
			return frame != nil, err
		}}}
}

// otherM2s make m2 in other ways.
func otherM2s() []attempt {
	var all []attempt
	for _, q := range quirks() {
		all = append(all, attempt{q.requirement, "m3 in answer to an m2 as the specification has it", "m3 only if " + q.words,
			func(s *Session) (bool, error) {
				if err := s.ReadM1(); err != nil {
					return false, err
				}
				m2 := newTrial(s.Noise, q, false).answer(s.Noise.RE)
				if bytes.Equal(m2, newTrial(s.Noise, quirk{}, false).answer(s.Noise.RE)) {
					return false, nil // no difference in m2
				}
				if err := s.SendMessage(wire.M2, m2); err != nil {
					return false, err
				}
				frame, err := s.Answer(s.pause())
				if err != nil || frame == nil {
					return false, err
				}
				m, err := s.Parse(frame)
				return err == nil && m.Type == wire.M3, nil
			}})
	}
	return all
}

// otherRecords seal a record in other ways, after as many genuine ones as the peer has echoed.
func (s *Session) otherRecords() []attempt {
	echoed := s.echoed
	var all []attempt
	for i, other := range s.otherSeals() {
		all = append(all, attempt{other.requirement, "the echo of a record as the specification has it",
			"an answer only to a record with " + other.words, func(s *Session) (bool, error) {
				if err := s.Establish(); err != nil {
					return false, err
				}
				for range echoed {
					if err := s.EchoRandom(probeSize); err != nil {
						return false, err
					}
				}
				s.spend()
				inner := s.Inner(make([]byte, probeSize))
				record := s.otherSeals()[i].value(inner)
				if bytes.Equal(record, s.Sending.Seal(inner)) {
					return false, nil // no difference under this counter, in this profile
				}
				if err := s.SendRecord(record); err != nil {
					return false, err
				}
				frame, err := s.Answer(s.pause())
				return frame != nil, err
			}})
	}
	return all
}

// otherSeals are likely wrong ways to make the kit's next record.
func (s *Session) otherSeals() []alternative[func(inner []byte) []byte] {
	d, n := s.Sending, s.Sending.N
	seal := func(key, nonce, ad []byte) func([]byte) []byte {
		return func(inner []byte) []byte { return gcm(key).Seal(nil, nonce, inner, ad) }
	}
	at := func(n uint64) func([]byte) []byte { return seal(d.Key, Nonce(n), d.AD) }
	all := []alternative[func([]byte) []byte]{
		{seal(s.Receiving.Key, Nonce(n), d.AD), "NOISE-010", "the peer's own sending key (split swapped)"},
		{seal(d.Key, Nonce(n), nil), "REC-001", "empty associated data"},
		{seal(d.Key, Nonce(n), s.Noise.H[:]), "REC-001", "h as associated data"},
		{seal(d.Key, Nonce(n), s.unmixed[:]), "NOISE-014", "an h that lacks m3's payload"},
		{seal(d.Key, littleEndianNonce(n), d.AD), "REC-002", "a little-endian nonce"},
		{seal(d.Key, leadingNonce(n), d.AD), "REC-002", "a nonce whose counter stands before the zero bytes"},
		{at(n + 1), "REC-002", "a counter that is one too high"},
		{at(n + 2), "REC-002", "a counter that is two too high"},
		{at(0), "REC-003", "counter 0 a second time"},
		{func(inner []byte) []byte { return inner }, "CHAN-005", "no encryption at all"},
	}
	if below := s.below; below != nil {
		all = append(all, []alternative[func([]byte) []byte]{
			{seal(below.Sending.Key, Nonce(n), d.AD), "CHAN-008", "the key of the channel that it is in"},
			{seal(d.Key, Nonce(n), below.Noise.H[:]), "CHAN-008", "the h of the channel that it is in"},
			{at(below.Sending.N), "REC-002", "the counter of the channel that it is in"},
		}...)
	}
	return all
}
