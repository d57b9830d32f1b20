package cases

import (
	"context"
	"errors"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
)

// A stimulus is something wrong that is sent on an open channel.
type stimulus struct {
	requirement string
	words       string // what is sent, for the failure
	// frame makes the frame's content, and the payload that a peer delivers that takes it for right. It uses up no counter: the
	// genuine payload that follows has the one that was tried.
	frame func(s *adversary.Session) (frame, payload []byte, err error)
	// accepts, if set, recognizes other answers of a peer that takes it for right.
	accepts func(adversary.Message) bool
	// other is the requirement that is broken when something else is delivered, empty for REC-004.
	other string
}

// refusedWhenOpen sends each stimulus on an open channel, followed by a genuine payload. The stimulus may not be answered and
// may not advance the receive counter (REC-004). The peer may fail the channel or close the connection; then the next stimulus
// gets a new one.
func refusedWhenOpen(ctx context.Context, env conformance.Env, stimuli ...stimulus) error {
	if len(stimuli) == 0 {
		return errors.New("cases: no stimulus")
	}
	var s *adversary.Session
	for i, x := range stimuli {
		var err error
		if s == nil {
			if s, err = adversary.OpenChannel(ctx, env); err != nil {
				return served(i, stimuli[max(i-1, 0)].requirement, err)
			}
		}
		alive, err := x.refused(s)
		if err != nil {
			return err
		}
		if alive {
			continue
		}
		if err := s.Close(); err != nil {
			return err
		}
		s = nil
	}
	if s != nil {
		return s.Close()
	}
	return nil
}

// refused plays the stimulus and tells whether the channel lives on.
func (x stimulus) refused(s *adversary.Session) (alive bool, err error) {
	frame, payload, err := x.frame(s)
	if err != nil {
		return false, err
	}
	if err := s.SendFrame(frame); err != nil {
		return false, err
	}
	return s.Survives(adversary.Rejected{
		Requirement: x.requirement, Words: x.words, Payload: payload, Accepts: x.accepts, Other: x.other,
	})
}

// record is the stimulus of a record in its proper envelope, sealed in some way of its own.
func record(requirement, words string, seal func(s *adversary.Session, inner []byte) []byte) stimulus {
	return stimulus{requirement: requirement, words: words, frame: func(s *adversary.Session) (frame, payload []byte, err error) {
		if payload, err = s.RandomPayload(stimulusSize); err != nil {
			return nil, nil, err
		}
		return s.Envelope(seal(s, s.Inner(payload))), payload, nil
	}}
}

// stimulusSize is the length of payloads that may not be answered. It differs from that of the genuine ones.
const stimulusSize = 41
