package cases

import (
	"context"

	"ockamtest/conformance"
	"ockamtest/conformance/adversary"
	"ockamtest/ref/wire"
)

// A malformation makes a genuine message's bytes wrong, in its header.
type malformation struct {
	requirement string
	words       string
	bytes       func(m adversary.Message) []byte
	// accepts, if set, recognizes other answers than the next message of a peer that takes it for right.
	accepts func(adversary.Message) bool
}

// malformedMessages returns the body of a case: each malformation in place of the kit's first handshake message, and, where
// transport messages have a header, of a record on an open channel. Nothing is answered.
func malformedMessages(all ...malformation) func(context.Context, conformance.Env) error {
	return func(ctx context.Context, env conformance.Env) error {
		var firsts []first
		var stimuli []stimulus
		for _, x := range all {
			firsts = append(firsts, first{x.requirement, x.words, x.bytes, x.accepts})
			stimuli = append(stimuli, x.onRecord())
		}
		if err := refusedFirst(ctx, env, firsts...); err != nil || !env.Profile().TransportHeader {
			return err
		}
		return refusedWhenOpen(ctx, env, stimuli...)
	}
}

// onRecord is the malformation of a record that would otherwise be genuine.
func (x malformation) onRecord() stimulus {
	frame := func(s *adversary.Session) (frame, payload []byte, err error) {
		if payload, err = s.Random(stimulusSize); err != nil {
			return nil, nil, err
		}
		return x.bytes(s.Outer(wire.Payload, s.Sending.Seal(s.Inner(payload)))), payload, nil
	}
	return stimulus{requirement: x.requirement, words: x.words, frame: frame, accepts: x.accepts}
}
